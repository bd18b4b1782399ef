"""Break-glass: a sealed identity leaves the server, and is opened where the key is."""

from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest
from break_glass import WHY, approved, caller, events, named, opened, read, seen, steps

from underseal.core.caller import ModeratorRole, RoleMissingError
from underseal.flow.approve_unsealing import approve_unsealing
from underseal.flow.erase_identities import erase_identities
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.refuse_unsealing import AlreadyTakenError, refuse_unsealing
from underseal.flow.request_unsealing import Word, request_unsealing
from underseal.flow.take_identity import IdentityDestroyedError, take_identity
from underseal.flow.unsealing import ApprovalEndedError, UnknownRequestError
from underseal.seal.escrow import IdentityNotOpenedError
from underseal.seal.escrow_key import new_private_key
from underseal.seal.pseudonym import pseudonyms
from underseal.seal.taken_identity import taken_text
from underseal.store.connection import session
from underseal.store.pool import Database, RoleNotOpenedError
from underseal.store.roles import Role

MONTH = timedelta(days=30)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("name", ["anna", "bert", "cleo"])
async def test_two_people_and_the_key_open_the_identity_that_was_asked_for(
    stage, escrow, decided, lead, auditor, name
):
    who = named(*decided, name)
    assert await opened(stage, escrow, who, lead, auditor) == name


async def test_each_step_is_in_the_ledger_and_none_names_the_reporter(
    stage, escrow, decided, lead, auditor
):
    await opened(stage, escrow, named(*decided, "anna"), lead, auditor)
    assert await steps(stage) == ["requested", "approved", "taken"]
    found = await events(stage)
    assert [event["by"] for event in found] == [
        str(each.principal_id) for each in (lead, auditor, lead)
    ]
    assert {event["reason"] for event in found} == {WHY}
    anna = pseudonyms(stage.system.keys, stage.now.date(), "anna").current
    assert "anna" not in str(found)
    assert anna.hex() not in str(found)


async def test_the_file_by_itself_opens_nothing_and_names_nobody(
    stage, escrow, decided, lead, auditor
):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    taken = await take_identity(stage.system, request, lead, stage.now)
    assert "anna" not in taken_text(taken) + repr(taken) + taken.sealed.decode("latin-1")
    with pytest.raises(IdentityNotOpenedError):
        read(new_private_key(), taken)
    for other in (
        replace(taken, year=taken.year - 1),
        replace(taken, pseudonym=pseudonyms(stage.system.keys, stage.now.date(), "bert").current),
    ):
        with pytest.raises(IdentityNotOpenedError):
            read(escrow, other)
    assert read(escrow, taken) == "anna"


async def test_what_was_lost_on_the_way_is_taken_again_and_told_again(
    stage, escrow, decided, lead, auditor
):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    for by in (lead, lead, auditor):
        stage.now += timedelta(hours=1)
        assert read(escrow, await take_identity(stage.system, request, by, stage.now)) == "anna"
    assert await steps(stage) == ["requested", "approved", "taken", "taken", "taken"]
    assert len({event["at"] for event in await events(stage)}) == 4


async def test_nobody_has_it_unless_the_ledger_does(stage, escrow, decided, lead, auditor, server):
    """Where no event can be written, nothing is taken."""
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    async with session(stage.system.db.address, server.passwords.login(Role.OWNER)) as owner:
        await owner.execute("revoke insert on underseal.events from underseal_core")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await take_identity(stage.system, request, lead, stage.now)
        await owner.execute("grant insert on underseal.events to underseal_core")
    (row,) = await stage.rows("select taken_at from unsealings")
    assert row["taken_at"] is None
    assert await steps(stage) == ["requested", "approved"]


async def test_an_approval_that_nobody_uses_ends(stage, escrow, decided, lead, auditor):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    ended = stage.now + MONTH
    taken = await take_identity(stage.system, request, lead, ended - MOMENT)
    assert read(escrow, taken) == "anna"
    for now in (ended, ended + timedelta(days=400)):
        with pytest.raises(ApprovalEndedError, match=r"2026-12-22.*asks anew"):
            await take_identity(stage.system, request, lead, now)
        with pytest.raises(ApprovalEndedError):
            await approve_unsealing(stage.system, request, auditor, now)
    assert await steps(stage) == ["requested", "approved", "taken"]


@pytest.mark.parametrize(("wait_days", "approved_after"), [(14, 0), (14, 20)])
async def test_an_approval_lasts_from_when_it_can_be_used(
    stage, escrow, decided, lead, auditor, wait_days, approved_after
):
    word = Word(text="a word", wait_days=wait_days)
    request = await request_unsealing(
        stage.system, named(*decided, "anna"), WHY, lead, stage.now, word=word
    )
    approved_at = stage.now + timedelta(days=approved_after)
    ended = stage.now + timedelta(days=max(wait_days, approved_after)) + MONTH
    assert await approve_unsealing(stage.system, request, auditor, approved_at) == ended
    with pytest.raises(ApprovalEndedError):
        await take_identity(stage.system, request, lead, ended)
    assert read(escrow, await take_identity(stage.system, request, lead, ended - MOMENT)) == "anna"


async def test_an_approval_that_has_ended_can_be_refused_for_order_s_sake(
    stage, decided, lead, auditor
):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    await refuse_unsealing(stage.system, request, lead, stage.now + 2 * MONTH)
    assert await steps(stage) == ["requested", "approved", "refused"]


@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, None])
async def test_moderators_and_platforms_ask_for_nothing_and_take_nothing(
    stage, decided, lead, auditor, role
):
    outsider = caller(await stage.moderator("otto"), role)
    who = named(*decided, "anna")
    with pytest.raises(RoleMissingError):
        await request_unsealing(stage.system, who, WHY, outsider, stage.now)
    request = await request_unsealing(stage.system, who, WHY, lead, stage.now)
    with pytest.raises(RoleMissingError):
        await approve_unsealing(stage.system, request, outsider, stage.now)
    await approve_unsealing(stage.system, request, auditor, stage.now)
    with pytest.raises(RoleMissingError):
        await take_identity(stage.system, request, outsider, stage.now)


async def test_a_request_that_was_never_made_is_unknown(stage, escrow, lead):
    for step in (
        approve_unsealing(stage.system, stage.system.new_id(), lead, stage.now),
        take_identity(stage.system, stage.system.new_id(), lead, stage.now),
    ):
        with pytest.raises(UnknownRequestError):
            await step


async def test_what_was_taken_is_not_refused_afterwards(stage, escrow, decided, lead, auditor):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    await take_identity(stage.system, request, lead, stage.now)
    with pytest.raises(AlreadyTakenError):
        await refuse_unsealing(stage.system, request, auditor, stage.now)


async def test_a_service_has_no_way_into_the_vault(stage, escrow, decided, lead, auditor, server):
    request = await approved(stage, named(*decided, "anna"), lead, auditor)
    serving = await Database.open(
        stage.system.db.address,
        server.passwords,
        {role: 1 for role in Role if role not in {Role.VAULT, Role.OWNER}},
    )
    with pytest.raises(RoleNotOpenedError):
        await take_identity(replace(stage.system, db=serving), request, lead, stage.now)
    await serving.close()
    assert await steps(stage) == ["requested", "approved"]


async def test_a_forgotten_identity_is_destroyed_on_its_day_and_opens_no_more(
    stage, escrow, decided, lead, auditor
):
    last_day = await forget_reporter(stage.system, "anna", stage.now)
    stage.now += last_day - stage.now.date() - timedelta(days=1)
    assert await erase_identities(stage.system, stage.now) == 0
    assert await opened(stage, escrow, named(*decided, "anna"), lead, auditor) == "anna"
    stage.now += timedelta(days=1)
    assert stage.now.date() == last_day > date(2026, 11, 22)
    assert await erase_identities(stage.system, stage.now) == 1
    with pytest.raises(IdentityDestroyedError):
        await opened(stage, escrow, named(*decided, "anna"), lead, auditor)
    assert await opened(stage, escrow, named(*decided, "bert"), lead, auditor) == "bert"


@pytest.mark.slow
async def test_among_hundreds_of_reporters_the_one_that_was_read_is_the_one_that_is_opened(
    stage, escrow, lead, auditor
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", *(f"p{number}" for number in range(300)))
    for name in ("anna", "bert", "cleo"):
        await stage.report(ref, "phishing", name, note=f"by {name}")
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(ref)
    await stage.judge(mona, "remove", "phishing")
    aliases = await seen(stage, lead, case_id)
    for name in ("anna", "bert", "cleo"):
        who = named(ref, aliases, name)
        assert await opened(stage, escrow, who, lead, auditor) == name


async def test_the_database_itself_lets_nothing_out_without_a_second_person_or_at_the_wrong_time(
    stage, decided, lead, auditor
):
    word = Word(text="a word", wait_days=14)
    request = await request_unsealing(
        stage.system, named(*decided, "anna"), WHY, lead, stage.now, word=word
    )
    agreed = (
        "approved_by = $2, approved_at = requested_at, "
        "approval_ends_at = opens_from + interval '30 days'"
    )
    taken = "taken_year = 2026, taken_at = opens_from"
    for change in (
        taken,
        "approved_by = $2, approved_at = requested_at",
        agreed.replace("$2", "requested_by"),
        agreed.replace("opens_from + interval '30 days'", "opens_from"),
        f"{agreed}, taken_at = opens_from",
        f"{agreed}, taken_year = 2026, taken_at = requested_at",
        f"{agreed}, taken_year = 2026, taken_at = opens_from + interval '30 days'",
        f"{agreed}, {taken}, refused_by = $2, refused_at = requested_at",
        f"{agreed}, {taken}, tries = 4",
        f"{agreed}, {taken}, confirmed_at = opens_from",
        f"{agreed}, tries = 1",
    ):
        given = (request, auditor.principal_id) if "$2" in change else (request,)
        with pytest.raises(asyncpg.CheckViolationError):
            async with stage.system.db.transaction(Role.CORE) as conn:
                await conn.execute(f"update unsealings set {change} where request_id = $1", *given)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute(
            f"update unsealings set {agreed}, {taken}, tries = 3, confirmed_at = opens_from "
            "where request_id = $1",
            request,
            auditor.principal_id,
        )
