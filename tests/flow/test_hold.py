from datetime import timedelta

import pytest

from underseal.core.disclosure import K
from underseal.core.guideline import log_odds
from underseal.core.visibility import Level
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, want_scan


async def published(stage):
    ref = await stage.video()
    await stage.scan(ref)
    await stage.assess()
    return ref


async def detect(stage, ref, **weights: float) -> None:
    """Let a new detector say something of what is public."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.DETECTOR, stage.now)
    await stage.scan(ref, **weights)
    await stage.assess()


def even(stage, guideline: str) -> float:
    """So many nats that a breach is nearly as likely as not: less reach costs least."""
    return -0.2 - log_odds(stage.system.guidelines.by_id[guideline].base_rate)


async def effects_of(stage) -> list[dict]:
    rows = await stage.rows("select guideline, level, state from effects order by state")
    return [tuple(row.values()) for row in rows]


async def test_a_hold_and_its_statement_take_place_together_and_end(stage):
    ref = await published(stage)
    await detect(stage, ref, bullying=8.0)
    assert await effects_of(stage) == [("bullying", "held", "intended")]
    assert not await stage.statements()
    await stage.watch(ref, K)
    shown = await stage.shown(ref)
    assert shown.visibility.level is Level.HELD
    assert shown.changed_at < shown.expires_at <= shown.changed_at + timedelta(days=14)
    (read,) = await stage.statements()
    assert read.disclosed_at == shown.changed_at
    assert read.statement.guideline.id == "bullying"
    assert read.statement.automated_decision == "fully"


async def test_what_cannot_wait_takes_place_at_once_though_a_hold_waits_for_its_window(stage):
    ref = await published(stage)
    await detect(stage, ref, bullying=8.0)
    await detect(stage, ref, bullying=8.0, threat_to_life=9.0)
    assert await stage.level(ref) is Level.HELD
    (read,) = await stage.statements()
    assert read.statement.guideline.id == "threat_to_life"
    assert await effects_of(stage) == [
        ("threat_to_life", "held", "disclosed"),
        ("bullying", "held", "withdrawn"),
    ]


async def test_stronger_evidence_makes_a_waiting_effect_stricter(stage):
    ref = await published(stage)
    await detect(stage, ref, bullying=even(stage, "bullying"))
    assert await effects_of(stage) == [("bullying", "not_recommended", "intended")]
    await detect(stage, ref, bullying=8.0)
    assert await effects_of(stage) == [
        ("bullying", "held", "intended"),
        ("bullying", "not_recommended", "withdrawn"),
    ]


async def test_weaker_evidence_changes_nothing_that_waits(stage):
    ref = await published(stage)
    await detect(stage, ref, bullying=8.0)
    before = await stage.rows("select effect_id, statement_id from effects")
    await detect(stage, ref, bullying=even(stage, "bullying"))
    assert await stage.rows("select effect_id, statement_id from effects") == before


async def test_a_stricter_effect_does_not_put_off_one_that_is_due_sooner(stage):
    ref = await published(stage)
    await detect(stage, ref, phishing=even(stage, "phishing"))
    await detect(stage, ref, phishing=even(stage, "phishing"), bullying=8.0)
    await stage.tick()
    assert await stage.level(ref) is Level.NOT_RECOMMENDED
    await stage.watch(ref, 1)
    await stage.assess()
    await stage.watch(ref, K)
    assert await stage.level(ref) is Level.HELD


async def test_before_its_publication_a_video_is_held_at_once(stage):
    ref = await stage.video()
    await stage.scan(ref, bullying=8.0)
    await stage.assess()
    (effect,) = await stage.rows("select disclosed_at, hold_hours from effects")
    assert effect["disclosed_at"] == stage.now
    assert effect["hold_hours"] > 0
    assert await stage.level(ref) is Level.HELD


@pytest.mark.parametrize(("is_notice", "says_so"), [(True, True), (False, False)])
async def test_a_statement_says_that_there_was_a_notice_and_nothing_else_of_reports(
    stage, is_notice, says_so
):
    ref = await published(stage)
    law = "§ 130 StGB" if is_notice else None
    await stage.report(
        ref, "hate_incitement", "anna", note="the note", is_notice=is_notice, law=law
    )
    await detect(stage, ref, hate_incitement=8.0)
    await stage.tick()
    (read,) = await stage.statements()
    assert read.statement.after_notice == says_so
    (body,) = await stage.rows("select body::text as text from statements")
    for mark in ("anna", "the note", "StGB"):
        assert mark not in body["text"]
