import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from underseal.core.disclosure import CROWD_MIN, K
from underseal.core.evidence import Weighting
from underseal.core.visibility import Level
from underseal.flow.count_views import (
    RESCAN_ORGANIC_MIN,
    Counted,
    TickMismatchError,
    count_views,
)
from underseal.store.views import ViewCount


def views(ref, organic: int, qualifying: int | None = None) -> ViewCount:
    return ViewCount(
        subject_id=ref.subject_id,
        organic=organic,
        qualifying=organic if qualifying is None else qualifying,
    )


def next_tick(stage) -> datetime:
    return stage.now.replace(minute=0, second=0) + timedelta(hours=1)


async def count(stage, tick, *counts) -> Counted:
    return await count_views(stage.system, tick, counts, tick)


async def audience(stage, ref) -> dict:
    (found,) = await stage.rows(
        "select organic, qualifying, window_viewers from audiences where subject_id = $1",
        ref.subject_id,
    )
    return found


async def scans_of(stage, ref) -> list[str]:
    rows = await stage.rows(
        "select cause from scans where subject_id = $1 order by run", ref.subject_id
    )
    return [row["cause"] for row in rows]


async def published(stage, name: str = "v1"):
    ref = await stage.video(name)
    await stage.scan(ref)
    await stage.assess()
    return ref


async def test_views_are_counted_at_their_tick(stage):
    ref = await published(stage)
    tick = next_tick(stage)
    assert await count(stage, tick, views(ref, 30, 20)) == Counted(counted=1, ignored=0)
    assert (await audience(stage, ref))["organic"] == 0
    await stage.tick()
    assert await audience(stage, ref) == {"organic": 30, "qualifying": 20, "window_viewers": 20}


async def test_a_tick_that_is_told_again_stays_as_it_was_told(stage):
    ref = await published(stage)
    tick = next_tick(stage)
    await count(stage, tick, views(ref, 30))
    assert await count(stage, tick, views(ref, 99)) == Counted(counted=0, ignored=1)
    await stage.tick()
    assert await count(stage, tick, views(ref, 99)) == Counted(counted=0, ignored=1)
    assert (await audience(stage, ref))["organic"] == 30


async def test_a_tick_that_is_told_twice_at_the_same_time_counts_once(stage):
    ref = await published(stage)
    tick = next_tick(stage)
    counted = await asyncio.gather(*(count(stage, tick, views(ref, 30)) for _ in range(5)))
    assert sum(each.counted for each in counted) == 1


async def test_what_nobody_has_registered_is_ignored_and_harms_nothing(stage):
    ref, other = await published(stage), await published(stage, "v2")
    unknown = type(ref)(kind=ref.kind, external_id="unknown")
    counted = await count(
        stage, next_tick(stage), views(unknown, 5), views(ref, 5), views(other, 5)
    )
    assert counted == Counted(counted=2, ignored=1)


@pytest.mark.parametrize(
    "moved", [timedelta(minutes=1), timedelta(microseconds=-1), timedelta(hours=1)]
)
async def test_only_a_tick_that_has_come_is_counted(stage, moved):
    tick = stage.now.replace(minute=0) + moved
    with pytest.raises(TickMismatchError):
        await count_views(stage.system, tick, [], stage.now)


async def test_a_tick_is_the_same_in_every_time_zone(stage):
    ref = await published(stage)
    tick = next_tick(stage).astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert (await count(stage, tick, views(ref, 5))).counted == 1
    (row,) = await stage.rows("select tick from views")
    assert row["tick"].astimezone(UTC) == next_tick(stage)


async def test_machines_look_again_when_ten_times_as_many_have_seen_it(stage):
    ref = await published(stage)
    reached = RESCAN_ORGANIC_MIN
    for organic, looks in (
        (reached - 1, 1),
        (1, 1),
        (0, 2),
        (reached, 2),
        (9 * reached, 2),
        (1, 3),
    ):
        await count(stage, next_tick(stage), views(ref, organic))
        assert len(await scans_of(stage, ref)) == looks, organic
        await stage.scan(ref)
        await stage.tick()
    assert await scans_of(stage, ref) == ["registered", "reach", "reach"]


async def test_what_is_told_by_several_requests_at_once_is_looked_at_once(stage):
    ref = await published(stage)
    await count(stage, next_tick(stage), views(ref, RESCAN_ORGANIC_MIN))
    await stage.tick()
    ticks = [next_tick(stage) + timedelta(hours=number) for number in range(4)]
    await asyncio.gather(*(count(stage, each, views(ref, 1)) for each in ticks))
    assert await scans_of(stage, ref) == ["registered", "reach"]


async def test_what_was_removed_is_not_looked_at_again(stage):
    mona = await stage.moderator("mona")
    ref = await published(stage)
    await stage.watch(ref, RESCAN_ORGANIC_MIN)
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    await count(stage, next_tick(stage), views(ref, 1))
    assert await scans_of(stage, ref) == ["registered"]


async def test_views_weigh_on_what_is_known_to_be_suspected_and_on_nothing_else(stage):
    ref, calm = await published(stage), await published(stage, "v2")
    await stage.report(ref, "bullying", "anna")
    await stage.assess()
    await count(stage, next_tick(stage), views(ref, 5), views(calm, 5))
    pending = await stage.rows("select subject_id from pending_assessments where wanted > done")
    assert [row["subject_id"] for row in pending] == [ref.subject_id]


async def test_viewers_who_stay_silent_speak_for_it(stage):
    ref = await published(stage)
    await stage.report(ref, "bullying", "anna")
    await stage.assess()
    (before,) = await stage.rows("select log_odds from assessments")
    await count(stage, next_tick(stage), views(ref, 5000, K))
    await stage.assess()
    (after,) = await stage.rows("select log_odds from assessments")
    assert after["log_odds"] < before["log_odds"]


async def test_a_crowd_lets_waiting_reports_be_acted_on_though_nobody_reports_again(stage):
    bold = replace(stage.system.settings, weighting=Weighting.PRIORITY_AND_THRESHOLD)
    stage.system = replace(stage.system, settings=bold)
    ref = await published(stage)
    for number in range(4):
        await stage.prove(f"p{number}", stage.system.guidelines.by_id["stalking"].topic)
    await stage.report(ref, "stalking", *(f"p{number}" for number in range(4)))
    await stage.assess()
    assert await stage.rows("select 1 from effects") == []
    await count(stage, next_tick(stage), views(ref, CROWD_MIN))
    await stage.assess()
    await stage.tick()
    assert await stage.level(ref) is not Level.PUBLIC
