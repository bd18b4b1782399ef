"""What a moderator reads beforehand is what the creator reads afterwards."""

import pytest
from drafting import CLEAR, REMOVE, draft, hire, take

from underseal.core.draft import (
    UNDO_TIME,
)
from underseal.core.person import Person
from underseal.core.statement import statement_text
from underseal.core.visibility import Level
from underseal.flow.draft_decision import (
    settle_drafts,
)
from underseal.flow.preview_decision import preview_decision


@pytest.fixture
async def mona(stage) -> Person:
    return await hire(stage, "mona")


@pytest.fixture
async def case_id(stage, mona):
    """A comment on Mona's desk."""
    await stage.enqueue(await stage.comment())
    return (await take(stage, mona)).case_id


async def test_the_preview_is_what_the_creator_reads_then(stage, mona, case_id):
    preview = await preview_decision(stage.system, case_id, mona, REMOVE, "de", now=stage.now)
    await draft(stage, mona, case_id)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    await stage.tick()
    (read,) = await stage.statements()
    told = statement_text(read.statement, "de")
    assert preview.text == told
    assert preview.when == "tick"
    assert read.disclosed_at == preview.tick


async def test_the_preview_of_a_clearance_tells_of_the_reinstatement(stage, mona):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.enqueue(ref)
    case_id = (await take(stage, mona)).case_id
    preview = await preview_decision(stage.system, case_id, mona, CLEAR, "en", now=stage.now)
    await draft(stage, mona, case_id, CLEAR)
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC
    newest = (await stage.statements())[0]
    assert statement_text(newest.statement, "en") == preview.text


async def test_a_clearance_of_what_shows_freely_tells_nobody(stage, mona, case_id):
    preview = await preview_decision(stage.system, case_id, mona, CLEAR, "en", now=stage.now)
    assert (preview.text, preview.when) == (None, "never")


async def test_a_preview_keeps_nothing(stage, mona, case_id):
    await preview_decision(stage.system, case_id, mona, REMOVE, "en", now=stage.now)
    for table in ("statements", "decisions", "effects", "drafts"):
        assert await stage.rows(f"select from {table}") == []
