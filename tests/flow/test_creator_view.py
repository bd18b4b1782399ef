import inspect

import pytest

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow import creator_view, lodge_appeal
from underseal.flow.creator_view import (
    UnknownStatementError,
    read_statement,
    read_statements,
)
from underseal.store import creator
from underseal.store.creator import Place

CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl").subject_id
DORA = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="dora").subject_id


async def removed(stage, number):
    mona = await stage.moderator(f"mona{number}")
    for index in range(number):
        await stage.decide(await stage.comment(f"c{index}"), mona, "remove", "phishing")
        if index % 2:
            await stage.tick()
    await stage.tick()


async def test_statements_are_read_page_by_page_without_gap_or_repeat(stage):
    await removed(stage, 7)
    seen, after = [], None
    while page := await read_statements(stage.system.db, CARL, after, 2):
        assert len(page) <= 2
        seen += [each.statement.id for each in page]
        after = Place(disclosed_at=page[-1].disclosed_at, statement_id=page[-1].statement.id)
    assert len(seen) == len(set(seen)) == 7
    assert seen == [each.statement.id for each in await stage.statements()]


async def test_a_creator_reads_their_own_statements_and_no_others(stage):
    await removed(stage, 1)
    (own,) = await stage.statements("carl")
    assert await stage.statements("dora") == ()
    assert await read_statement(stage.system.db, CARL, own.statement.id) == own
    with pytest.raises(UnknownStatementError):
        await read_statement(stage.system.db, DORA, own.statement.id)


async def test_a_strike_is_dated_to_its_disclosure_and_counts_for_ninety_days(stage):
    mona = await stage.moderator("mona")
    await stage.decide(await stage.comment(), mona, "remove", "bullying")
    await stage.tick(hours=7 * 24)
    (strike,) = (await stage.standing()).active
    assert strike.issued_on == stage.now.date()
    stage.now = stage.now.replace(year=2027, month=2, day=26)
    assert (await stage.standing()).points == 2
    stage.now = stage.now.replace(day=27)
    standing = await stage.standing()
    assert (standing.points, len(standing.active), len(standing.past)) == (0, 0, 1)


def test_what_creators_reach_needs_no_key_and_no_part_that_knows_of_reports():
    for module in (creator, creator_view, lodge_appeal):
        source = inspect.getsource(module)
        for part in ("seal", "report", "signal", "evidence", "dossier", "cases", "System"):
            assert f"import {part}" not in source
            assert f".{part} import" not in source
