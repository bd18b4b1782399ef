import asyncio
import json
import math
import re
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from assessing import assessed, back, cases_of, effects_of, progress, published

from underseal.core.disclosure import CROWD_MIN, K
from underseal.core.evidence import Weighting
from underseal.core.visibility import Level
from underseal.flow.assess import assess_pending, assess_subject
from underseal.flow.audit import audit_all
from underseal.flow.audit_cover import BECAUSE
from underseal.store.assessments import want_assessments
from underseal.store.roles import Role

PROVEN = [f"proven{number}" for number in range(4)]


@pytest.fixture
def bold(stage):
    """A deployment whose reports may be acted on."""
    stage.system = replace(
        stage.system,
        settings=replace(stage.system.settings, weighting=Weighting.PRIORITY_AND_THRESHOLD),
    )
    return stage


async def test_machine_evidence_holds_a_video_before_anybody_sees_it(stage):
    ref = await stage.video()
    await stage.scan(ref, bullying=8.0)
    await stage.assess()
    assert await stage.level(ref) is Level.HELD
    (statement,) = await stage.statements()
    assert statement.statement.automated_detection
    (case,) = await cases_of(stage, ref)
    assert (case["lane"], case["guideline"]) == ("held", "bullying")


@pytest.mark.parametrize("said", [math.nan, math.inf])
async def test_a_detector_that_says_no_number_is_not_believed_and_the_video_waits(stage, said):
    ref = await stage.video()
    with pytest.raises(asyncpg.CheckViolationError):
        await stage.scan(ref, bullying=said)
    await stage.assess()
    assert await stage.rows("select 1 from signals") == []
    assert await stage.level(ref) is Level.HELD
    assert not await stage.statements()
    await stage.scan(ref)
    await stage.assess()
    assert await stage.level(ref) is Level.PUBLIC


async def test_what_a_detector_that_is_always_certain_holds_is_back_once_somebody_looked(stage):
    mona = await stage.moderator("mona")
    ref = await stage.video()
    await stage.scan(ref, bullying=50.0)
    await stage.assess()
    assert await stage.level(ref) is Level.HELD
    await stage.judge(mona, "no_violation")
    await stage.tick()
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_assessments(conn, [ref.subject_id])
    await stage.assess()
    assert await stage.level(ref) is Level.PUBLIC
    assert await audit_all(stage.system, ()) == ()


async def test_reports_of_unpublished_videos_neither_hold_nor_publish_them(bold):
    ref = await bold.video()
    await back(bold, ref, "bullying", *PROVEN)
    await bold.assess()
    assert await bold.level(ref) is Level.HELD
    await bold.scan(ref)
    await bold.assess()
    assert await bold.level(ref) is Level.PUBLIC
    assert not await bold.statements()


async def test_proven_reporters_of_what_a_crowd_has_seen_hold_it_at_the_end_of_a_window(bold):
    ref = await published(bold)
    await bold.watch(ref, CROWD_MIN)
    await back(bold, ref, "bullying", *PROVEN)
    await bold.assess()
    assert await effects_of(bold, ref) == [
        {"cause": "hold", "level": "held", "guideline": "bullying", "state": "intended"}
    ]
    assert await bold.level(ref) is Level.PUBLIC
    await bold.tick()
    assert await bold.level(ref) is Level.PUBLIC
    await bold.watch(ref, K)
    assert await bold.level(ref) is Level.HELD


async def test_unproven_reporters_restrict_nothing_however_many_they_are(bold):
    ref = await published(bold)
    await bold.watch(ref, 1000)
    await bold.report(ref, "bullying", *(f"p{number}" for number in range(150)))
    await bold.assess()
    assert await effects_of(bold, ref) == []


async def test_a_lone_proven_reporter_restricts_nothing(bold):
    ref = await published(bold)
    await bold.watch(ref, 1000)
    await back(bold, ref, "bullying", PROVEN[0])
    await bold.assess()
    assert await effects_of(bold, ref) == []


async def test_where_few_have_seen_it_reports_alone_do_nothing_unless_they_ask_for_it(bold):
    ref = await published(bold)
    await bold.watch(ref, CROWD_MIN - 1)
    await back(bold, ref, "bullying", *PROVEN)
    await bold.assess()
    assert await effects_of(bold, ref) == []
    asked = await published(bold, "v2")
    await bold.watch(asked, CROWD_MIN - 1)
    await bold.report(asked, "bullying", *PROVEN, may_be_guessed=True)
    await bold.assess()
    assert [each["level"] for each in await effects_of(bold, asked)] == ["held"]


async def test_by_default_reports_order_the_queue_and_nothing_more(stage):
    ref = await published(stage)
    await stage.watch(ref, 1000)
    await back(stage, ref, "bullying", *PROVEN)
    await stage.assess()
    assert await effects_of(stage, ref) == []
    assert [case["guideline"] for case in await cases_of(stage, ref)] == ["bullying"]


async def test_a_reporter_stands_behind_one_effect_on_a_creator_and_not_behind_a_second(bold):
    for number in range(2):
        ref = await published(bold, f"v{number}")
        await bold.watch(ref, CROWD_MIN)
        await back(bold, ref, "stalking", *PROVEN)
        await bold.assess()
        await bold.tick()
        assert (await bold.level(ref) is Level.PUBLIC) == (number == 1), number
    later = await published(bold, "later")
    await bold.watch(later, CROWD_MIN)
    await back(bold, later, "stalking", "fresh1", "fresh2", "fresh3")
    await bold.assess()
    await bold.tick()
    assert await bold.level(later) is not Level.PUBLIC


async def test_a_grave_report_is_looked_at_once_a_version_whatever_it_weighs(stage):
    mona = await stage.moderator("mona")
    ref = await stage.comment()
    await stage.report(ref, "threat_to_life", "anna")
    await stage.assess()
    assert [case["lane"] for case in await cases_of(stage, ref)] == ["grave"]
    await stage.judge(mona, "no_violation")
    await stage.report(ref, "threat_to_life", "bert", "cleo")
    await stage.assess()
    assert [case["state"] for case in await cases_of(stage, ref)] == ["decided"]


async def test_a_notice_among_thousands_of_reports_is_a_duty(stage, server, address):
    ref = await stage.comment()
    await stage.report(ref, "hate_incitement", "zoe", is_notice=True, law="§ 130 StGB")
    await stage.flood(server, address, ref, "hate_incitement", 3000)
    await stage.assess()
    assert [case["lane"] for case in await cases_of(stage, ref)] == ["duty"]


async def test_what_was_cleared_is_not_queued_again_while_its_hold_ends(bold):
    """Between the decision and the tick it is still held, and reported by those who saw it."""
    mona = await bold.moderator("mona")
    ref = await published(bold)
    await bold.hold(ref, "phishing")
    await bold.tick()
    await bold.report(ref, "phishing", "anna")
    await bold.assess()
    await bold.judge(mona, "no_violation")
    await bold.report(ref, "phishing", "bert")
    await bold.assess()
    assert [case["state"] for case in await cases_of(bold, ref)] == ["decided"]
    await bold.tick()
    assert await bold.level(ref) is Level.PUBLIC


async def test_what_was_removed_is_not_held_on_top_of_it(bold):
    mona = await bold.moderator("mona")
    ref = await published(bold)
    await bold.watch(ref, CROWD_MIN)
    await bold.decide(ref, mona, "remove", "bullying")
    await back(bold, ref, "stalking", *PROVEN)
    await bold.assess()
    waiting = [each for each in await effects_of(bold, ref) if each["state"] == "intended"]
    assert [each["level"] for each in waiting] == ["removed"]


async def test_a_cleared_version_is_believed_and_a_new_one_is_not(stage):
    mona = await stage.moderator("mona")
    ref = await stage.video()
    await stage.scan(ref, bullying=8.0)
    await stage.assess()
    await stage.judge(mona, "no_violation")
    await stage.tick()
    await stage.report(ref, "bullying", "anna")
    await stage.assess()
    assert await stage.level(ref) is Level.PUBLIC
    await stage.change(ref)
    await stage.scan(ref, bullying=8.0)
    await stage.assess()
    assert await stage.level(ref) is Level.HELD


async def test_known_content_that_a_human_verified_is_removed_without_one(stage):
    ref = await stage.video()
    await stage.scan(ref, verified=True, terrorism=9.2)
    await stage.assess()
    assert await stage.level(ref) is Level.REMOVED
    (decision,) = await stage.rows("select kind, decided_by, outcome from decisions")
    assert decision == {"kind": "machine", "decided_by": None, "outcome": "remove"}
    again = await progress(stage, ref)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_assessments(conn, [ref.subject_id])
    await stage.assess()
    assert len(await stage.rows("select 1 from decisions")) == 1
    assert (await progress(stage, ref)).seq == again.seq + 1


async def test_no_assessment_says_when_a_report_came(stage):
    ref = await stage.comment()
    await stage.report(ref, "threat_to_life", "anna")
    await stage.assess()
    (event,) = await assessed(stage, ref)
    assert not re.search(r"2026|12:30", json.dumps(event))
    assert set(event) == {"round", "commitment", "assessments"}
    (case,) = await stage.rows("select opened_on, due_at, duty_from from cases")
    assert (case["due_at"].minute, case["duty_from"].minute) == (0, 0)


async def test_nothing_that_stays_tells_how_many_had_seen_it_when_it_was_reported(stage):
    """Whoever knows the views hour by hour would know the hour."""
    early, late = await published(stage, "early"), await published(stage, "late")
    for hour in range(6):
        for ref in (early, late):
            await stage.watch(ref, qualifying=3)
        await stage.tick()
        if hour in {1, 4}:
            await stage.report(early if hour == 1 else late, "spam", "anna")
        await stage.assess()
    told = [await assessed(stage, ref) for ref in (early, late)]
    for event in (each for events in told for each in events):
        del event["commitment"]["root"]
    assert told[0] == told[1]
    assert len(told[0]) == 2  # before, and with it: not one an hour
    rows = await stage.rows("select wanted, done from pending_assessments")
    assert all(row["wanted"] == row["done"] > 1_000 for row in rows)


async def test_a_window_that_few_saw_leads_to_a_look_by_chance_and_by_nothing_else(stage):
    certain = replace(stage.system.settings, cover_audit_rate=1.0)
    stage.system = replace(stage.system, settings=certain)
    few, none, many = [await published(stage, name) for name in ("few", "none", "many")]
    await stage.watch(few, 3)
    await stage.watch(many, K)
    await stage.tick(hours=7 * 24)
    assert [case["lane"] for case in await cases_of(stage, few)] == ["ordinary"]
    assert await cases_of(stage, none) == []
    assert await cases_of(stage, many) == []
    (case,) = await stage.rows("select because from cases")
    assert case["because"] == BECAUSE
    await stage.tick(hours=7 * 24)
    assert len(await stage.rows("select 1 from cases")) == 1


async def test_a_look_by_chance_is_as_rare_as_the_setting_says(stage):
    never = replace(stage.system.settings, cover_audit_rate=0.0)
    stage.system = replace(stage.system, settings=never)
    ref = await published(stage)
    await stage.watch(ref, 3)
    await stage.tick(hours=7 * 24 + 1)
    assert await cases_of(stage, ref) == []


async def test_a_look_by_chance_is_not_needed_where_somebody_has_looked(stage):
    mona = await stage.moderator("mona")
    certain = replace(stage.system.settings, cover_audit_rate=1.0)
    stage.system = replace(stage.system, settings=certain)
    ref = await published(stage)
    await stage.decide(ref, mona, "no_violation")
    await stage.watch(ref, 3)
    await stage.tick(hours=7 * 24 + 1)
    assert [case["state"] for case in await cases_of(stage, ref)] == ["decided"]


async def test_the_windows_move_as_they_would_without_looks_by_chance(stage):
    ref = await published(stage)
    await stage.watch(ref, 3)
    (before,) = await stage.rows("select window_opened_at from audiences")
    await stage.tick(hours=7 * 24)
    (after,) = await stage.rows(
        "select window_number, window_opened_at, window_viewers from audiences"
    )
    assert after == {
        "window_number": 2,
        "window_opened_at": before["window_opened_at"] + timedelta(days=7),
        "window_viewers": 0,
    }


@pytest.mark.slow
async def test_twenty_thousand_reports_are_assessed_in_a_moment(bold, server, address):
    ref = await published(bold)
    await bold.watch(ref, 100)
    await back(bold, ref, "bullying", *PROVEN)
    await bold.flood(server, address, ref, "bullying", 20_000)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await assess_subject(bold.system, ref.subject_id, bold.now)
    took_s = loop.time() - began
    assert (await assessed(bold, ref))[-1]["commitment"]["reports"] == 20_004
    assert took_s < 5
    assert await effects_of(bold, ref) == [], "a hundred views explain no such crowd"
    assert [case["guideline"] for case in await cases_of(bold, ref)] == ["bullying"]
    async with bold.system.db.transaction(Role.CORE) as conn:
        await want_assessments(conn, [ref.subject_id])
    assert await assess_pending(bold.system, bold.now) == 0
    assert await assess_pending(bold.system, bold.now + timedelta(seconds=10)) == 1
