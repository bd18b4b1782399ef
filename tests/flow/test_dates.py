"""Of two that were watched alike, a dump tells not which was reported first, nor when."""

import re
from datetime import timedelta

import pytest
from assessing import cases_of, published
from columns import allowed_columns

from underseal.core.effect import waiting_from
from underseal.flow.assess import want_waiting
from underseal.flow.checkpoint import make_checkpoint
from underseal.flow.count_views import count_views
from underseal.flow.expire import DATES_KEPT, sweep
from underseal.flow.figures import Period
from underseal.store.views import ViewCount

OPAQUE = {"random", "names", "hash", "tag", "pseudonym", "written", "sealed", "identity"}
"""What is another one for each report and subject, and tells of no time."""

NAMES = {"external_id", "change_id"}
"""By which one subject differs from another: how it is called, and when it was published."""

DRAWN = re.compile(rb"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def left_of(stage, ref) -> dict[str, list[str]]:
    """All that the database holds of a subject, but for what is drawn or hashed."""
    found = {}
    for table, columns in allowed_columns().items():
        if "subject_id" not in columns:
            continue
        named = [name for name, (_, why) in columns.items() if why not in OPAQUE]
        named = [name for name in named if name not in NAMES]
        rows = await stage.rows(
            f"select {', '.join(named) or '1'} from {table} where subject_id = $1", ref.subject_id
        )
        found[table] = sorted(repr({**row, "body": drawn(row)}) for row in rows)
    return found


def drawn(row) -> bytes:
    """The body of an event, without ids and hashes."""
    return DRAWN.sub(b"x", bytes(row.get("body", b"")) if "seq" in row else b"")


HARDLY, OFTEN = 1, 9
"""How many watch in seven hours: so few that a report waits, and so many that it joins the queue."""


@pytest.fixture(params=[HARDLY, OFTEN])
async def two(stage, tmp_path, request):
    """Two videos, watched alike for four days; one is reported on the first, one on the last."""
    stage.now = stage.now.replace(hour=0, minute=10)
    while waiting_from(stage.now.date(), 7) != stage.now.date():
        stage.now += timedelta(days=1)
    early, late = await published(stage, "early"), await published(stage, "late")
    for time in range(13):  # seven hours each
        stage.now += timedelta(hours=6)
        tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
        counts = [
            ViewCount(subject_id=each.subject_id, organic=request.param, qualifying=request.param)
            for each in (early, late)
        ]
        await count_views(stage.system, tick, counts, tick)
        await stage.tick()
        if time in {2, 10}:
            await stage.report(early if time == 2 else late, "spam", "anna", note="look")
        await want_waiting(stage.system, stage.now)
        await stage.assess()
        await make_checkpoint(stage.system, tmp_path, stage.now)
    return early, late


async def test_while_they_wait_for_a_look_both_reports_have_left_the_same(stage, two, request):
    early, late = two
    queued = int(request.node.callspec.params["two"] == OFTEN)
    assert [len(await cases_of(stage, ref)) for ref in two] == [queued, queued]
    left = await left_of(stage, early)
    assert left == await left_of(stage, late)
    assert len(left["underseal.reports"]) == 1
    assert len(left["underseal.events"]) > 1


async def test_when_somebody_is_to_look_and_has_looked_both_have_left_the_same(
    stage, two, tmp_path
):
    mona = await stage.moderator("mona")
    stage.now += timedelta(days=1)
    await want_waiting(stage.system, stage.now)
    await stage.assess()
    assert [len(await cases_of(stage, ref)) for ref in two] == [1, 1]
    assert await left_of(stage, two[0]) == await left_of(stage, two[1])
    for _ in two:
        await stage.judge(mona, "no_violation")
    await make_checkpoint(stage.system, tmp_path, stage.now)
    left = await left_of(stage, two[0])
    assert left == await left_of(stage, two[1])
    assert "2026-10-01" in left["underseal.reports"][0] or "10, 1" in left["underseal.reports"][0]


async def test_on_which_day_a_case_was_opened_is_forgotten_long_after_its_end(stage):
    ref = await stage.comment()
    await stage.report(ref, "threat_to_life", "anna")
    await stage.assess()
    await stage.decide(ref, await stage.moderator("mona"), "no_violation")
    assert timedelta(days=max(Period)) < DATES_KEPT
    for days, is_dated in ((DATES_KEPT.days, True), (1, False)):
        stage.now += timedelta(days=days)
        await sweep(stage.system, stage.now)
        (case,) = await stage.rows("select opened_on, due_at, duty_from from cases")
        assert all((each is not None) == is_dated for each in case.values())


async def test_on_which_day_a_report_brought_about_an_effect_is_forgotten_as_it_shows(stage):
    ref = await published(stage)
    await stage.hold(ref, "spam", "window")
    query = "select state, intended_on from effects"
    assert [row["intended_on"] for row in await stage.rows(query)] == [stage.now.date()]
    await stage.tick(hours=7 * 24)
    assert await stage.rows(query) == [{"state": "disclosed", "intended_on": None}]
    bodies = await stage.rows("select body from events where kind = 'effect_intended'")
    assert all(b'"on":null' in row["body"] for row in bodies)
