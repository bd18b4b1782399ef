import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from underseal.core.appeal import (
    EXPLANATION_CHARS_MAX,
    AlreadyAppealedError,
    AppealId,
    AppealTooLateError,
    NothingToAppealError,
)
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.creator_view import UnknownStatementError, read_appeals
from underseal.flow.lodge_appeal import ExplanationTooLongError, lodge_appeal


@pytest.fixture
async def removal(stage):
    """The statement of a removal."""
    ref = await stage.comment()
    await stage.decide(ref, await stage.moderator("mona"), "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    return read


async def test_an_appeal_is_lodged_and_waits(stage, removal):
    appeal_id = await stage.appeal(removal.statement.id)
    carl = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl").subject_id
    (appeal,) = await read_appeals(stage.system.db, carl)
    assert (appeal.appeal_id, appeal.state, appeal.reasons) == (appeal_id, "lodged", None)


async def test_a_statement_of_somebody_else_does_not_exist(stage, removal):
    answers = []
    for statement_id in (removal.statement.id, stage.system.new_id()):
        with pytest.raises(UnknownStatementError) as refused:
            await stage.appeal(statement_id, creator="dora")
        answers.append(repr(refused.value))
    assert answers[0] == answers[1]


async def test_a_decision_is_appealed_against_once_also_by_many_at_once(stage, removal):
    answers = await asyncio.gather(
        *(stage.appeal(removal.statement.id) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, AlreadyAppealedError) for each in answers) == 3
    with pytest.raises(AlreadyAppealedError):
        await stage.appeal(removal.statement.id)


async def test_six_months_are_the_time_to_appeal_to_the_end_of_the_day(stage, removal):
    assert removal.appeal_until == datetime(2027, 5, 23, tzinfo=UTC)
    stage.now = removal.appeal_until
    with pytest.raises(AppealTooLateError):
        await stage.appeal(removal.statement.id)
    stage.now -= timedelta(seconds=1)
    await stage.appeal(removal.statement.id)


async def test_what_is_undecided_is_not_appealed_against(stage):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.tick()
    (hold,) = await stage.statements()
    with pytest.raises(NothingToAppealError):
        await stage.appeal(hold.statement.id)


async def test_what_was_not_disclosed_cannot_be_known(stage):
    ref = await stage.comment()
    await stage.decide(ref, await stage.moderator("mona"), "remove", "phishing")
    (row,) = await stage.rows("select statement_id from statements")
    with pytest.raises(UnknownStatementError):
        await stage.appeal(row["statement_id"])


async def test_an_explanation_has_an_end(stage, removal):
    carl = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl").subject_id
    with pytest.raises(ExplanationTooLongError):
        await lodge_appeal(
            stage.system.db,
            AppealId(stage.system.new_id()),
            account=carl,
            statement_id=removal.statement.id,
            grounds="x" * (EXPLANATION_CHARS_MAX + 1),
            now=stage.now,
        )
    assert await stage.rows("select 1 from appeals") == []
