"""A second person, a colleague who is asked, and leads."""

from datetime import timedelta

import pytest
from drafting import CLEAR, decided, draft, hire, take
from staging import account

from underseal.core.caller import ModeratorRole
from underseal.core.case import NotLeasedError, SameModeratorError
from underseal.core.draft import (
    CONFIRM_TIME,
    UNDO_TIME,
    DraftEndedError,
    SecondPersonError,
)
from underseal.core.person import Person
from underseal.flow.ask_colleague import (
    QuestionClosedError,
    UnknownColleagueError,
    answer_question,
    ask_colleague,
    escalate_case,
    read_exchange,
)
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed, return_draft
from underseal.flow.decision_desk import read_desk, read_tray
from underseal.flow.draft_decision import (
    settle_drafts,
)
from underseal.flow.read_case import read_case
from underseal.flow.system import LEASE
from underseal.flow.take_case import release_case
from underseal.store.roles import Role


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def case_id(stage, mona):
    """An account on Mona's desk."""
    await stage.comment()
    await stage.enqueue(account("carl"))
    return (await take(stage, mona)).case_id


async def test_a_ban_waits_for_another_person(stage, mona):
    await stage.comment()
    await stage.enqueue(account("carl"))
    case_id = (await take(stage, mona)).case_id
    made = await draft(stage, mona, case_id)
    stage.now += timedelta(hours=1)
    assert await settle_drafts(stage.system, stage.now) == 0
    assert await read_unconfirmed(stage.system, mona) == ()
    with pytest.raises(SecondPersonError):
        await confirm_draft(stage.system, made.id, mona, stage.now)
    nils = await hire(stage, "nils")
    (waiting,) = await read_unconfirmed(stage.system, nils)
    assert (waiting.draft_id, waiting.name) == (made.id, "mona")
    assert (await read_case(stage.system, case_id, nils, stage.now)).case.case_id == case_id
    await confirm_draft(stage.system, made.id, nils, stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, nils, stage.now)
    assert await settle_drafts(stage.system, stage.now) == 1
    (row,) = await decided(stage)
    assert row["decided_by"] == mona.principal_id


async def test_who_was_not_to_see_a_case_again_is_not_asked_to_confirm_what_is_decided_on_it(
    stage, mona, case_id
):
    nils = await hire(stage, "nils")
    await release_case(stage.system, case_id, mona.principal_id, not_me=True)
    await take(stage, nils)
    made = await draft(stage, nils, case_id)
    assert await read_unconfirmed(stage.system, mona) == ()
    with pytest.raises(SameModeratorError):
        await confirm_draft(stage.system, made.id, mona, stage.now)


async def test_a_returned_draft_is_on_the_desk_again_with_a_word(stage, mona, case_id):
    made = await draft(stage, mona, case_id)
    nils = await hire(stage, "nils")
    await return_draft(stage.system, made.id, nils, "the second one is right", stage.now)
    (back,) = (await read_tray(stage.system, mona, stage.now)).came_back
    assert (back.is_returned, back.word) == (True, "nils: the second one is right")
    stage.now += LEASE - timedelta(seconds=1)
    assert await draft(stage, mona, case_id, CLEAR)
    with pytest.raises(DraftEndedError):
        await confirm_draft(stage.system, made.id, nils, stage.now)


async def test_what_nobody_confirms_in_time_goes_back_to_the_queue(stage, mona, case_id):
    await draft(stage, mona, case_id)
    stage.now += CONFIRM_TIME
    await settle_drafts(stage.system, stage.now)
    assert await decided(stage) == []
    assert (await take(stage, await hire(stage, "nils"))).case_id == case_id
    (back,) = (await read_tray(stage.system, mona, stage.now)).came_back
    assert "confirmed" in back.word


async def test_the_database_lets_nobody_confirm_their_own(stage, mona, case_id):
    await draft(stage, mona, case_id)
    with pytest.raises(Exception, match="check constraint"):
        async with stage.system.db.transaction(Role.CONSOLE) as conn:
            await conn.execute("update drafts set confirmed_by = made_by, state = 'pending'")
    with pytest.raises(Exception, match="check constraint"):
        async with stage.system.db.transaction(Role.CONSOLE) as conn:
            await conn.execute("update drafts set state = 'pending'")


async def test_an_escalated_case_is_taken_by_leads_alone_and_says_why(stage, mona, case_id):
    await escalate_case(stage.system, case_id, mona, "  is this satire? ", stage.now)
    nils = await hire(stage, "nils")
    lea = await hire(stage, "lea", ModeratorRole.LEAD)
    assert await take(stage, mona) is None
    assert await take(stage, nils) is None
    assert (await take(stage, lea)).case_id == case_id
    desk = await read_desk(stage.system, case_id, lea, stage.now)
    assert (desk.escalation.name, desk.escalation.word) == ("mona", "is this satire?")


async def test_a_colleague_reads_the_case_answers_and_reads_it_no_more(stage, mona, case_id):
    nils = await hire(stage, "nils")
    olga = await hire(stage, "olga")
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, nils, stage.now)
    await ask_colleague(
        stage.system, case_id, mona, nils.principal_id, "is that Dutch?", now=stage.now
    )
    await read_case(stage.system, case_id, nils, stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, olga, stage.now)
    (question,) = (await read_exchange(stage.system, nils)).put_to
    with pytest.raises(QuestionClosedError):
        await answer_question(stage.system, question.question_id, olga, "no", stage.now)
    await answer_question(stage.system, question.question_id, nils, "it is Frisian", stage.now)
    with pytest.raises(QuestionClosedError):
        await answer_question(stage.system, question.question_id, nils, "or not", stage.now)
    (asked,) = (await read_desk(stage.system, case_id, mona, stage.now)).questions
    assert (asked.by, asked.answer) == ("nils", "it is Frisian")
    await draft(stage, mona, case_id, CLEAR)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    with pytest.raises(NotLeasedError):
        await read_case(stage.system, case_id, nils, stage.now)


async def test_a_question_goes_to_somebody_who_is_there(stage, mona, case_id):
    for nobody in (ModeratorRole.LEAD, mona.principal_id):
        with pytest.raises(UnknownColleagueError):
            await ask_colleague(stage.system, case_id, mona, nobody, "well?", now=stage.now)
    lea = await hire(stage, "lea", ModeratorRole.LEAD)
    await ask_colleague(stage.system, case_id, mona, ModeratorRole.LEAD, "well?", now=stage.now)
    assert len((await read_exchange(stage.system, lea)).put_to) == 1
