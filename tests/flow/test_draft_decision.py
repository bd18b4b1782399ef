"""Drafts on a real database: undone within their minute, else decided, exactly once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from drafting import CLEAR, REMOVE, THREAT, decided, draft, hire, take

from underseal.core.case import NotLeasedError
from underseal.core.draft import (
    CONFIRM_TIME,
    UNDO_TIME,
    AlreadyDraftedError,
    DraftEndedError,
    UndoTooLateError,
)
from underseal.core.person import Person
from underseal.core.reasons import ReasonsLengthError
from underseal.flow.ask_colleague import (
    escalate_case,
)
from underseal.flow.decide import decide
from underseal.flow.decision_desk import note_read, read_tray
from underseal.flow.draft_decision import settle_drafts, undo_draft
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import read_case
from underseal.flow.system import LEASE
from underseal.flow.take_case import release_case
from underseal.store import drafts
from underseal.store.roles import Role


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def case_id(stage, mona):
    """A comment on Mona's desk."""
    await stage.enqueue(await stage.comment())
    return (await take(stage, mona)).case_id


async def test_a_decision_is_taken_when_its_minute_is_over_and_not_before(stage, mona, case_id):
    await draft(stage, mona, case_id)
    stage.now += UNDO_TIME - timedelta(seconds=1)
    assert await settle_drafts(stage.system, stage.now) == 0
    assert await decided(stage) == []
    stage.now += timedelta(seconds=1)
    assert await settle_drafts(stage.system, stage.now) == 1
    (row,) = await decided(stage)
    assert (row["outcome"], row["decided_by"]) == ("remove", mona.principal_id)
    assert await settle_drafts(stage.system, stage.now) == 0


async def test_what_is_settled_is_what_was_submitted(stage, mona, case_id):
    await draft(stage, mona, case_id)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    await stage.tick()
    (read,) = await stage.statements()
    guideline = stage.system.guidelines.by_id["phishing"]
    assert read.statement.guideline.observed["en"] == (guideline.examples["en"][1],)


async def test_undo_brings_the_case_back_to_the_desk_and_nothing_is_decided(stage, mona, case_id):
    made = await draft(stage, mona, case_id)
    stage.now += timedelta(seconds=59)
    undone = await undo_draft(stage.system, made.id, mona, stage.now)
    assert (undone.case_id, undone.is_back) == (case_id, True)
    file = await read_case(stage.system, case_id, mona, stage.now)
    assert file.case.leased_until == stage.now + LEASE
    stage.now += timedelta(minutes=5)
    assert await settle_drafts(stage.system, stage.now) == 0
    await draft(stage, mona, case_id, CLEAR)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    assert [row["outcome"] for row in await decided(stage)] == ["no_violation"]


async def test_an_undo_that_comes_too_late_or_twice_changes_nothing(stage, mona, case_id):
    made = await draft(stage, mona, case_id)
    stage.now += UNDO_TIME
    with pytest.raises(UndoTooLateError):
        await undo_draft(stage.system, made.id, mona, stage.now)
    await settle_drafts(stage.system, stage.now)
    with pytest.raises(DraftEndedError):
        await undo_draft(stage.system, made.id, mona, stage.now)
    assert len(await decided(stage)) == 1


async def test_the_next_case_is_there_at_once_and_the_drafted_one_is_nobody_elses(
    stage, mona, case_id
):
    await stage.enqueue(await stage.comment("c2"))
    await draft(stage, mona, case_id)
    nils = await hire(stage, "nils")
    taken = [await take(stage, mona), await take(stage, nils)]
    assert taken[0].case_id != case_id
    assert taken[1] is None
    stage.now += timedelta(hours=2)  # no worker has run for long: the lease lasts all the same
    assert (await take(stage, nils)).case_id == taken[0].case_id
    assert await settle_drafts(stage.system, stage.now) == 1
    assert len(await decided(stage)) == 1


async def test_a_double_click_is_one_draft_and_another_decision_is_refused(stage, mona, case_id):
    made = [await draft(stage, mona, case_id) for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(AlreadyDraftedError):
        await draft(stage, mona, case_id, CLEAR)
    both = await asyncio.gather(*(draft(stage, mona, case_id) for _ in range(4)))
    assert set(both) == {made[0]}


async def test_a_drafted_case_is_not_given_back_or_escalated_in_another_tab(stage, mona, case_id):
    await draft(stage, mona, case_id)
    with pytest.raises(NotLeasedError):
        await release_case(stage.system, case_id, mona.principal_id, not_me=True)
    with pytest.raises(NotLeasedError):
        await escalate_case(stage.system, case_id, mona, "too hard", stage.now)


async def test_several_workers_settle_each_draft_once(stage, mona):
    for number in range(8):
        await stage.enqueue(await stage.comment(f"c{number}"))
        await draft(stage, mona, (await take(stage, mona)).case_id)
    stage.now += UNDO_TIME
    settled = await asyncio.gather(*(settle_drafts(stage.system, stage.now) for _ in range(4)))
    assert sum(settled) == 8
    assert len(await decided(stage)) == 8


async def test_grave_matters_are_decided_at_once_without_undo_and_once(stage, mona, case_id):
    assert await draft(stage, mona, case_id, THREAT) is None
    assert await draft(stage, mona, case_id, THREAT) is None
    assert len(await decided(stage)) == 1
    assert (await read_tray(stage.system, mona, stage.now)).undoable is None


async def test_what_decide_refuses_is_refused_before_it_is_a_draft(stage, mona, case_id):
    with pytest.raises(NotLeasedError):
        await draft(stage, await hire(stage, "nils"), case_id)
    stage.now += LEASE
    with pytest.raises(NotLeasedError):
        await draft(stage, mona, case_id)
    assert await stage.rows("select from drafts") == []


async def test_a_draft_that_waits_is_not_overtaken_by_a_key_of_its_own_moderator(
    stage, mona, case_id
):
    await draft(stage, mona, case_id)
    for given in (REMOVE, CLEAR):
        with pytest.raises(AlreadyDraftedError):
            await decide(stage.system, case_id, mona.principal_id, given, stage.now)
    stage.now += UNDO_TIME
    assert await settle_drafts(stage.system, stage.now) == 1
    assert [row["outcome"] for row in await decided(stage)] == ["remove"]


async def test_what_a_dismissed_moderator_left_goes_back_to_the_queue(stage, mona, case_id):
    await draft(stage, mona, case_id)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute(
            "update principals set withdrawn_on = $2 where principal_id = $1",
            mona.principal_id,
            stage.now.date(),
        )
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    assert await decided(stage) == []
    assert (await take(stage, await hire(stage, "nils"))).case_id == case_id


async def test_a_new_version_ends_the_case_and_the_draft_says_so(stage, mona):
    film = await stage.video()
    await stage.scan(film)
    await stage.enqueue(film)
    case_id = (await take(stage, mona)).case_id
    await draft(stage, mona, case_id)
    await stage.change(film)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    assert await decided(stage) == []
    (back,) = (await read_tray(stage.system, mona, stage.now)).came_back
    assert (back.case_id, back.is_returned, "changed" in back.word) == (case_id, False, True)
    await note_read(stage.system, back.draft_id, mona)
    assert (await read_tray(stage.system, mona, stage.now)).came_back == ()


async def test_a_draft_that_fails_on_our_side_is_given_up_after_some_tries_and_stops_nobody(
    stage, mona, case_id
):
    await draft(stage, mona, case_id)
    stage.now += UNDO_TIME
    broken = replace(stage.system, guidelines=replace(stage.system.guidelines, version="lost"))
    for _ in range(2):
        with pytest.raises(Exception, match="foreign key"):
            await settle_drafts(broken, stage.now)
    await stage.enqueue(await stage.comment("c2"))
    nils = await hire(stage, "nils")
    await draft(stage, nils, (await take(stage, nils)).case_id)
    stage.now += UNDO_TIME
    async with stage.system.db.transaction(Role.CORE) as conn:
        due = await drafts.lock_due(conn, stage.now, stage.now - CONFIRM_TIME)
        assert due.draft.made_by == nils.principal_id
        with pytest.raises(Exception, match="foreign key"):
            await settle_drafts(broken, stage.now)
    assert await decided(stage) == []
    (back,) = (await read_tray(stage.system, mona, stage.now)).came_back
    assert "our side" in back.word
    assert (await take(stage, mona)).case_id == case_id
    assert await settle_drafts(stage.system, stage.now) == 1


async def test_reasons_on_an_appeal_are_checked_before_it_is_a_draft(stage, appealed):
    nils = await hire(stage, "nils")
    case_id = (await take(stage, nils)).case_id
    with pytest.raises(ReasonsLengthError):
        await draft(stage, nils, case_id, CLEAR)
    assert await open_appeals(stage.system, stage.now) == 0


async def test_drafts_are_read_back_as_they_were_written(stage, mona, case_id):
    made = await draft(stage, mona, case_id)
    async with stage.system.db.transaction(Role.CONSOLE) as conn:
        stored = await drafts.live_draft(conn, case_id)
    assert (stored.draft, stored.verdict, stored.observed) == (made, REMOVE.verdict, (1,))
