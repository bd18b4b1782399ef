"""What a year is kept for: while anything needs it, nothing of it is destroyed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from years import AFTER, begin

from underseal.core.caller import Caller, ModeratorRole, RoleMissingError
from underseal.core.charge import CHARGE_TIME
from underseal.flow.approve_unsealing import approve_unsealing
from underseal.flow.audit import audit_all
from underseal.flow.complain import complain
from underseal.flow.confirm_identity import YearDestroyedError, confirm_identity
from underseal.flow.destroy_year import (
    EarlierYearError,
    YearKeptError,
    YearNeededError,
    YearUnknownError,
)
from underseal.flow.doubt_clock import ClockDoubtedError
from underseal.flow.file_report import Filer
from underseal.flow.read_case import read_case
from underseal.flow.refuse_unsealing import refuse_unsealing
from underseal.flow.request_unsealing import Named, request_unsealing
from underseal.flow.take_identity import take_identity
from underseal.seal.keys import add_year
from underseal.store.connection import session
from underseal.store.roles import Role


async def refused(
    years, error: type[Exception], year: int = 2025, match: str | None = None
) -> None:
    before = await years.state()
    with pytest.raises(error, match=match):
        await years.destroy(year)
    assert await years.state() == before


async def test_while_its_identities_are_kept_a_year_is_not_destroyed(years):
    await years.go_to(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    await refused(years, YearKeptError, match="2025 are kept until 2027-01-01: come again then")
    await refused(years, YearKeptError, year=2026)
    await refused(years, YearKeptError, year=2027)


async def test_an_undecided_round_with_reports_of_the_year_needs_it(years):
    stage = years.stage
    stage.now = datetime(2025, 12, 30, 12, 30, tzinfo=UTC)
    years.restart()
    ref = await stage.comment("undecided")
    await stage.report(ref, "phishing", "emil")
    await years.go_to(AFTER)
    await refused(years, YearNeededError, match="1 undecided rounds, 0 undecided complaints")
    await stage.decide(ref, years.mona, "no_violation")
    await years.destroy()


async def test_an_undecided_complaint_about_a_report_of_the_year_needs_it(years):
    stage = years.stage
    stage.now = datetime(2025, 12, 20, 12, 30, tzinfo=UTC)
    years.restart()
    ref = await stage.comment("complained")
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: stage.now
    ) as filer:
        token = await filer.file(stage.filing(ref, "spam"), "emil")
    await stage.decide(ref, years.mona, "no_violation")
    await stage.tick(hours=1)
    stage.now = stage.now + timedelta(days=30)
    years.restart()
    await complain(stage.system, token, "but it is spam", stage.now)
    await years.go_to(AFTER)
    await refused(years, YearNeededError, match="0 undecided rounds, 1 undecided complaints")
    await stage.judge(await stage.moderator("nils"), "no_violation")
    await years.destroy()


async def test_a_decision_that_may_be_overturned_needs_the_year_that_it_gave_credit_in(years):
    stage = years.stage
    stage.now = datetime(2025, 12, 30, 12, 30, tzinfo=UTC)
    years.restart()
    ref = await stage.comment("late")
    await stage.report(ref, "phishing", "emil")
    stage.now = datetime(2027, 1, 2, 12, 30, tzinfo=UTC)
    years.restart()
    await stage.decide(ref, years.mona, "remove", "phishing")
    await years.go_to(datetime(2027, 1, 2, 13, 30, tzinfo=UTC))
    await refused(years, YearNeededError, match="1 decisions that an appeal could overturn")
    await stage.tick()
    await refused(years, YearNeededError, match="1 decisions")
    await years.go_to(datetime(2027, 8, 1, 9, 30, tzinfo=UTC))
    await years.destroy()


async def test_a_charge_that_waits_needs_the_year_that_it_would_count_in(years):
    stage = years.stage
    stage.now = datetime(2025, 12, 30, 12, 30, tzinfo=UTC)
    years.restart()
    ref = await stage.comment("late")
    await stage.report(ref, "phishing", "emil")
    await years.go_to(AFTER)
    made_up = {"finding": "manifestly_unfounded"}
    await stage.decide(ref, years.mona, "no_violation", **made_up)
    await refused(years, YearNeededError, match="1 decisions")
    await years.go_to(stage.now + CHARGE_TIME)
    await years.destroy()


async def sought(over) -> tuple[UUID, Caller]:
    """A request to open an identity of the year, and who asked."""
    stage = over.stage
    lead = replace(over.admin, role=ModeratorRole.LEAD)
    ref = await stage.comment("old 0")
    (case,) = await stage.rows("select case_id from cases where subject_id = $1", ref.subject_id)
    (seen,) = (await read_case(stage.system, case["case_id"], lead, stage.now)).reports
    who = Named(ref=ref, round=1, alias=seen.alias)
    request = await request_unsealing(
        stage.system, who, "order 5 Gs 12/26 of the court", lead, stage.now
    )
    await refused(over, YearNeededError, match="1 open requests to unseal")
    return request, lead


async def test_an_open_request_to_unseal_needs_the_year(over):
    request, lead = await sought(over)
    await refuse_unsealing(over.stage.system, request, lead, over.stage.now)
    await over.destroy()


async def test_what_was_taken_needs_the_year_until_it_is_confirmed(over):
    stage, (request, lead) = over.stage, await sought(over)
    other = replace(lead, principal_id=await stage.moderator("lou", ModeratorRole.LEAD))
    await approve_unsealing(stage.system, request, other, stage.now)
    await take_identity(stage.system, request, lead, stage.now)
    await refused(over, YearNeededError, match="1 open requests to unseal")
    await confirm_identity(stage.system, request, "anna", lead, stage.now)
    await over.destroy()
    over.restart()
    with pytest.raises(YearDestroyedError):
        await confirm_identity(stage.system, request, "anna", lead, stage.now)


async def test_an_approval_that_has_ended_needs_no_year(over):
    stage, (request, lead) = over.stage, await sought(over)
    other = replace(lead, principal_id=await stage.moderator("lou", ModeratorRole.LEAD))
    ends_at = await approve_unsealing(stage.system, request, other, stage.now)
    await refused(over, YearNeededError, match="1 open requests to unseal")
    await over.go_to(ends_at)
    await over.destroy()


async def test_years_are_destroyed_in_order_and_only_those_that_there_are(over):
    add_year(over.folder, 2024)
    over.restart()
    await refused(over, EarlierYearError, match="destroy 2024 first")
    await refused(over, YearUnknownError, year=2023)
    await over.destroy(2024)
    over.restart()
    await over.destroy(2025)
    assert await audit_all(over.stage.system, ()) == ()


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=400), -timedelta(days=2)])
async def test_a_clock_that_is_off_destroys_nothing(over, off):
    over.stage.now += off
    await refused(over, ClockDoubtedError, match="set it right")


async def test_where_no_tick_has_been_nothing_is_destroyed(stage, tmp_path, server):
    years = await begin(stage, tmp_path / "keys", server.passwords.login(Role.OWNER))
    async with session(stage.system.db.address, server.passwords.login(Role.OWNER)) as owner:
        await owner.execute("delete from underseal.ticks")
    stage.now = AFTER
    await refused(years, ClockDoubtedError, match="of the ticks none was")


@pytest.mark.parametrize("role", [*sorted(set(ModeratorRole) - {ModeratorRole.ADMIN}), None])
async def test_only_an_admin_destroys_a_year(over, role):
    over.admin = replace(over.admin, role=role)
    await refused(over, RoleMissingError)
