"""What is submitted by a key: decided at once, unless it takes two."""

import asyncio

import pytest
from drafting import CLEAR, REMOVE, decided, hire, take
from staging import account

from underseal.core.case import CaseKind, SameModeratorError, StepNotAllowedError
from underseal.core.decision import DecisionId
from underseal.core.draft import (
    CONFIRM_TIME,
    UNDO_TIME,
    AlreadyDraftedError,
    Draft,
    DraftState,
    SecondPersonError,
)
from underseal.core.person import Person
from underseal.core.visibility import Level
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed, return_draft
from underseal.flow.decide import Submission, decide
from underseal.flow.draft_decision import (
    UnknownDraftError,
    read_draft,
    settle_drafts,
    submit_decision,
)
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.take_case import take_case

REASONS = "Somebody else has looked at it again, and this is why."
UPHELD = Submission(verdict=REMOVE.verdict, reasons=REASONS)
GRANTED = Submission(verdict=CLEAR.verdict, reasons=REASONS)


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def nils(stage) -> Person:
    return await hire(stage, "nils")


@pytest.fixture
async def case_id(stage, mona):
    """An account on Mona's desk."""
    given = Registration(
        ref=account("carl"), creator=account("carl"), caption="Carl", language="en"
    )
    await register_subject(stage.system, given, stage.now)
    await stage.enqueue(given.ref)
    return (await take(stage, mona)).case_id


async def submit(stage, person, case_id, given=REMOVE) -> DecisionId | Draft:
    return await submit_decision(stage.system, case_id, person, given, stage.now)


async def settle(stage) -> int:
    stage.now += UNDO_TIME
    return await settle_drafts(stage.system, stage.now)


async def test_nobody_decides_a_ban_alone_whatever_way_they_take(stage, mona, case_id):
    with pytest.raises(SecondPersonError):
        await decide(stage.system, case_id, mona.principal_id, REMOVE, stage.now)
    draft = await submit(stage, mona, case_id)
    assert draft.state is DraftState.UNCONFIRMED
    with pytest.raises(SecondPersonError):
        await decide(stage.system, case_id, mona.principal_id, REMOVE, stage.now)
    assert await settle(stage) == 0
    assert await decided(stage) == []
    await stage.tick()
    assert await stage.level(account("carl")) is Level.PUBLIC


async def test_two_remove_an_account_at_the_tick(stage, mona, nils, case_id):
    draft = await submit(stage, mona, case_id)
    await confirm_draft(stage.system, draft.id, nils, stage.now)
    assert await settle(stage) == 1
    (row,) = await decided(stage)
    assert (row["decided_by"], row["decided_at"]) == (mona.principal_id, stage.now)
    await stage.tick()
    assert await stage.level(account("carl")) is Level.REMOVED


async def test_what_one_may_decide_is_decided_at_once(stage, mona, case_id):
    decision_id = await submit(stage, mona, case_id, CLEAR)
    (row,) = await stage.rows("select decision_id, decided_at from decisions")
    assert (row["decision_id"], row["decided_at"]) == (decision_id, stage.now)
    assert await stage.rows("select from drafts") == []
    with pytest.raises(StepNotAllowedError):
        await submit(stage, mona, case_id, CLEAR)


async def test_the_same_ban_many_times_is_one_draft_and_nothing_else_is_taken_meanwhile(
    stage, mona, case_id
):
    made = await asyncio.gather(*(submit(stage, mona, case_id) for _ in range(6)))
    assert len(set(made)) == 1
    for other in (CLEAR, Submission(verdict=REMOVE.verdict, observed=(0,))):
        with pytest.raises(AlreadyDraftedError):
            await submit(stage, mona, case_id, other)
    assert await decided(stage) == []


async def test_a_ban_that_was_taken_is_not_submitted_again(stage, mona, nils, case_id):
    draft = await submit(stage, mona, case_id)
    await confirm_draft(stage.system, draft.id, nils, stage.now)
    await settle(stage)
    with pytest.raises(StepNotAllowedError):
        await submit(stage, mona, case_id)
    assert len(await decided(stage)) == 1


async def test_who_made_a_draft_reads_what_became_of_it_and_nobody_else_does(
    stage, mona, nils, case_id
):
    draft = await submit(stage, mona, case_id)
    for person, draft_id in ((nils, draft.id), (mona, stage.system.new_id())):
        with pytest.raises(UnknownDraftError):
            await read_draft(stage.system, draft_id, person)
    await return_draft(stage.system, draft.id, nils, "is it his account?", stage.now)
    found = await read_draft(stage.system, draft.id, mona)
    assert (found.draft.state, found.word) == (DraftState.RETURNED, "nils: is it his account?")
    assert isinstance(await submit(stage, mona, case_id, CLEAR), type(draft.id))


async def test_what_nobody_confirms_in_time_waits_for_others(stage, mona, nils, case_id):
    draft = await submit(stage, mona, case_id)
    stage.now += CONFIRM_TIME
    assert await settle_drafts(stage.system, stage.now) == 1
    assert (await read_draft(stage.system, draft.id, mona)).draft.state is DraftState.REFUSED
    assert (await take(stage, nils)).case_id == case_id


@pytest.fixture
async def appeal(stage, mona, nils, case_id):
    """A case of an appeal against a ban of Mona's that Nils has confirmed, on Olga's desk."""
    first = await submit(stage, mona, case_id)
    await confirm_draft(stage.system, first.id, nils, stage.now)
    await settle(stage)
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    olga = await hire(stage, "olga")
    lease = await take_case(stage.system, olga.principal_id, CaseKind.APPEAL, stage.now)
    return lease.case_id, olga


async def test_an_appeal_against_a_ban_is_upheld_by_two_and_not_by_who_decided_first(
    stage, mona, appeal
):
    case_id, olga = appeal
    draft = await submit(stage, olga, case_id, UPHELD)
    assert await read_unconfirmed(stage.system, mona) == ()
    with pytest.raises(SameModeratorError):
        await confirm_draft(stage.system, draft.id, mona, stage.now)
    await confirm_draft(stage.system, draft.id, await hire(stage, "pia"), stage.now)
    assert await settle(stage) == 1
    assert len(await decided(stage)) == 2


async def test_an_appeal_against_a_ban_is_granted_by_one(stage, appeal):
    case_id, olga = appeal
    await submit(stage, olga, case_id, GRANTED)
    await stage.tick()
    assert await stage.level(account("carl")) is Level.PUBLIC
