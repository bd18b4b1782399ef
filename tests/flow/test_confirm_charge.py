"""That reports were made up: the decision does not wait for it, and it takes two to count."""

from datetime import timedelta

import pytest
from drafting import UNFOUNDED, decided, draft, hire, take

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, NotLeasedError, SameModeratorError
from underseal.core.charge import CHARGE_TIME, ChargeEndedError
from underseal.core.draft import UNDO_TIME, SecondPersonError
from underseal.core.person import Person
from underseal.core.visibility import Level
from underseal.flow.audit import audit_all
from underseal.flow.confirm_charge import UnknownChargeError, end_charge, read_charges
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import read_case
from underseal.store.roles import Role

REASONS = "Somebody else has looked at it again, and this is why."
MISTAKEN, MADE_UP = (0.0, 0.25, 1), (0.0, 1.0, 1)

SUCH_A_DECISION = (
    "insert into decisions select gen_random_uuid(), subject_id, 99, version, kind, outcome, "
    "guideline, guidelines_version, 'manifestly_unfounded', automation, decided_by, confirmed_by, "
    "reviews, first_deciders, reasons, decided_at from decisions"
)


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def nils(stage) -> Person:
    return await hire(stage, "nils")


@pytest.fixture
async def charged(stage, mona):
    """A decision of Mona's on a comment that Anna reported, with a charge."""
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    return await stage.decide(
        ref, mona.principal_id, "no_violation", finding="manifestly_unfounded"
    )


async def record(stage) -> tuple:
    (row,) = await stage.rows("select right_weight, wrong_weight, resolved from track_records")
    return tuple(row.values())


async def confirm(stage, decision_id, person: Person, *, is_right: bool = True) -> None:
    await end_charge(
        stage.system, decision_id, person.principal_id, is_right=is_right, now=stage.now
    )


async def test_it_is_decided_after_the_minute_and_counts_when_somebody_else_agrees(
    stage, mona, nils
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    case_id = await stage.enqueue(ref)
    await take(stage, mona)
    await draft(stage, mona, case_id, UNFOUNDED)
    stage.now += UNDO_TIME
    assert await settle_drafts(stage.system, stage.now) == 1
    (row,) = await decided(stage)
    assert (row["outcome"], row["finding"]) == ("no_violation", "no_violation")
    assert await record(stage) == MISTAKEN
    (waiting,) = await read_charges(stage.system, nils, stage.now)
    assert (waiting.name, waiting.case_id) == ("mona", case_id)
    await confirm(stage, waiting.decision_id, nils)
    assert await record(stage) == MADE_UP
    assert await read_charges(stage.system, nils, stage.now) == ()
    assert await audit_all(stage.system, ()) == ()


async def test_what_was_held_is_back_at_the_next_tick_whoever_agrees(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.hold(ref, "phishing")
    await stage.tick()
    assert await stage.level(ref) is Level.HELD
    await stage.decide(ref, mona.principal_id, "no_violation", finding="manifestly_unfounded")
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC


async def test_nobody_ends_their_own_and_it_is_not_on_their_list(stage, mona, charged):
    assert await read_charges(stage.system, mona, stage.now) == ()
    with pytest.raises(SecondPersonError):
        await confirm(stage, charged, mona)
    assert await record(stage) == MISTAKEN


async def test_one_that_is_refused_stays_a_mistake_in_good_faith(stage, nils, charged):
    await confirm(stage, charged, nils, is_right=False)
    with pytest.raises(ChargeEndedError):
        await confirm(stage, charged, nils)
    assert await record(stage) == MISTAKEN
    assert await audit_all(stage.system, ()) == ()


async def test_one_that_nobody_confirms_in_a_week_never_counts(stage, nils, charged):
    stage.now += CHARGE_TIME
    assert await read_charges(stage.system, nils, stage.now) == ()
    with pytest.raises(ChargeEndedError):
        await confirm(stage, charged, nils)
    assert await record(stage) == MISTAKEN


async def test_two_who_confirm_at_once_count_once(stage, nils, charged):
    olga = await hire(stage, "olga")
    await confirm(stage, charged, nils)
    with pytest.raises(ChargeEndedError):
        await confirm(stage, charged, olga)
    assert await record(stage) == MADE_UP


async def test_the_second_person_reads_the_case_until_it_is_ended(stage, mona, nils, charged):
    (waiting,) = await read_charges(stage.system, nils, stage.now)
    file = await read_case(stage.system, waiting.case_id, nils, stage.now)
    assert [each.guideline for each in file.reports] == ["phishing"]
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, waiting.case_id, mona, stage.now)
    await confirm(stage, charged, nils)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, waiting.case_id, nils, stage.now)


async def test_on_an_appeal_who_decided_first_is_no_second_person(stage, appealed, nils):
    _, first = appealed
    mona = Person(principal_id=first, name="mona", role=ModeratorRole.MODERATOR)
    granted = await stage.judge(
        nils.principal_id,
        "no_violation",
        finding="manifestly_unfounded",
        kind=CaseKind.APPEAL,
        reasons=REASONS,
    )
    assert await read_charges(stage.system, mona, stage.now) == ()
    with pytest.raises(SameModeratorError):
        await confirm(stage, granted, mona)
    await confirm(stage, granted, await hire(stage, "olga"))


async def test_an_appeal_that_finds_them_made_up_takes_back_what_the_removal_gave(
    stage, mona, nils
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.decide(ref, mona.principal_id, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    granted = await stage.judge(
        nils.principal_id,
        "no_violation",
        finding="manifestly_unfounded",
        kind=CaseKind.APPEAL,
        reasons=REASONS,
    )
    assert await record(stage) == MISTAKEN
    stage.now += timedelta(days=2)
    await confirm(stage, granted, await hire(stage, "olga"))
    right, wrong, resolved = await record(stage)
    assert (round(right, 9), resolved) == (0, 1)
    assert 0.99 < wrong < 1
    assert await audit_all(stage.system, ()) == ()


async def test_a_decision_without_a_charge_has_none_to_confirm(stage, mona, nils):
    clear = await stage.decide(await stage.comment(), mona.principal_id, "no_violation")
    with pytest.raises(UnknownChargeError):
        await confirm(stage, clear, nils)


async def test_the_database_knows_of_no_decision_that_says_so_and_of_no_charge_by_one(
    stage, mona, charged
):
    for change in (
        SUCH_A_DECISION,
        "update charges set second = made_by, state = 'confirmed', ended_at = now()",
        "update charges set state = 'confirmed', ended_at = now()",
    ):
        with pytest.raises(Exception, match="check constraint"):
            async with stage.system.db.transaction(Role.CORE) as conn:
                await conn.execute(change)
