"""Clocks that are wrong: what was done by one is not lost, and nothing takes place too early."""

from datetime import UTC, datetime, timedelta

import pytest

from underseal.core.disclosure import LONGEST, K
from underseal.core.message import MessageType
from underseal.core.visibility import Level
from underseal.flow.count_views import count_views
from underseal.flow.doubt_clock import ClockDoubtedError, doubt_clock
from underseal.flow.expire import sweep
from underseal.flow.file_report import Filer
from underseal.flow.register_endpoint import register_endpoint
from underseal.flow.take_case import take_case
from underseal.flow.tick import run_tick
from underseal.seal.reporter import SealingError
from underseal.store import assessments, outbox
from underseal.store.roles import Role
from underseal.store.scans import take_scan
from underseal.store.views import ViewCount

FAR = timedelta(days=4000)
LEASE = timedelta(minutes=10)


@pytest.mark.parametrize(
    "off",
    [timedelta(), timedelta(minutes=59), -timedelta(minutes=59), LONGEST - timedelta(hours=1)],
)
async def test_a_clock_that_may_be_right_is_believed(stage, off):
    done = await stage.tick()
    assert await doubt_clock(stage.system, stage.now + off) == done.tick


@pytest.mark.parametrize("off", [LONGEST + timedelta(hours=1), FAR, -timedelta(hours=2), -FAR])
async def test_a_clock_that_disagrees_with_the_last_tick_is_not_believed(stage, off):
    await stage.tick()
    with pytest.raises(ClockDoubtedError, match="start a worker with --trust-clock"):
        await doubt_clock(stage.system, stage.now + off)


async def test_before_the_first_tick_every_clock_is_believed(stage):
    assert await doubt_clock(stage.system, stage.now + FAR) is None


async def test_after_a_clock_was_put_back_nothing_shows_until_time_has_come_again(stage):
    mona = await stage.moderator("mona")
    ref = await stage.comment()
    await stage.tick(hours=5)
    ahead = stage.now
    stage.now -= timedelta(hours=4)
    await stage.decide(ref, mona, "remove", "phishing")
    for hours in range(1, 5):
        tick = (stage.now + timedelta(hours=hours)).replace(minute=0, second=0)
        assert await run_tick(stage.system, tick, tick) is None
        assert await stage.level(ref) is Level.PUBLIC
    stage.now = ahead
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_window_that_was_opened_by_a_clock_ahead_closes_no_earlier_for_it(stage):
    mona = await stage.moderator("mona")
    ref = await stage.comment()
    true = stage.now
    await stage.tick(hours=24 * 6)
    stage.now = true
    await stage.decide(ref, mona, "remove", "bullying")
    stage.now = true + timedelta(days=6)
    await stage.tick(hours=1)
    assert await stage.level(ref) is Level.PUBLIC


async def test_a_case_that_was_taken_by_a_clock_far_ahead_is_for_others_again(stage):
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    await stage.enqueue(await stage.comment())
    assert await take_case(stage.system, mona, None, stage.now + FAR)
    await sweep(stage.system, stage.now)
    assert await take_case(stage.system, nils, None, stage.now)
    await sweep(stage.system, stage.now)
    (case,) = await stage.rows("select leased_by from cases")
    assert case["leased_by"] == nils


async def test_a_scan_that_was_taken_by_a_clock_far_ahead_is_taken_again(stage):
    await stage.video()
    async with stage.system.db.transaction(Role.CORE) as conn:
        for now in (stage.now + FAR, stage.now):
            assert await take_scan(conn, now, now + LEASE)
        assert await take_scan(conn, stage.now, stage.now + LEASE) is None


async def test_an_assessment_that_was_put_off_by_a_clock_far_ahead_is_made(stage):
    ref = await stage.comment()
    await stage.report(ref, "spam", "anna")
    async with stage.system.db.transaction(Role.CORE) as conn:
        for now in (stage.now + FAR, stage.now):
            taken = await assessments.take_pending(conn, now, now + LEASE, 9)
            assert list(taken) == [ref.subject_id]
        assert not await assessments.take_pending(conn, stage.now, stage.now + LEASE, 9)


async def test_a_message_that_was_put_off_by_a_clock_far_ahead_is_sent(stage):
    await register_endpoint(
        stage.system, "https://platform.example/hook", MessageType, bytes(32), stage.now
    )
    mona = await stage.moderator("mona")
    await stage.decide(await stage.comment(), mona, "remove", "phishing")
    await stage.tick()
    async with stage.system.db.transaction(Role.CORE) as conn:
        first = await outbox.take_due(conn, stage.now + FAR, stage.now + FAR + LEASE, 9)
        again = await outbox.take_due(conn, stage.now, stage.now + LEASE, 9)
        assert len(first) == len(again) > 0
        assert not await outbox.take_due(conn, stage.now, stage.now + LEASE, 9)


@pytest.mark.parametrize("year", [2024, 2028])
async def test_in_a_year_without_a_key_no_report_is_taken_and_nothing_is_written(stage, year):
    ref = await stage.comment()
    now = datetime(year, 3, 1, 12, tzinfo=UTC)
    async with Filer(
        stage.system.db, stage.system.keys, stage.system.guidelines, lambda: now
    ) as filer:
        with pytest.raises(SealingError, match=f"underseal keys add-year {year}"):
            filer.file(stage.filing(ref, "spam"), "anna")
    assert await stage.rows("select 1 from reports") == []


async def test_at_new_year_a_repeat_is_the_same_report(stage):
    ref = await stage.comment()
    for stage.now in (
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC),
    ):
        await stage.report(ref, "spam", "anna")
    assert len(await stage.rows("select 1 from reports")) == 1


async def test_a_round_may_outlive_two_years(stage):
    ref = await stage.comment()
    for year in (2025, 2026, 2027, 2027, 2026):
        stage.now = datetime(year, 12, 30, 12, tzinfo=UTC)
        await stage.report(ref, "spam", "anna", note=f"in {year}")
    assert len(await stage.rows("select 1 from reports")) == 1
    assert len(await stage.rows("select 1 from report_supplements")) == 2


async def views(stage, ref, tick: datetime, count: int) -> int:
    told = ViewCount(subject_id=ref.subject_id, organic=count, qualifying=count)
    return (await count_views(stage.system, tick, [told], stage.now)).counted


async def window(stage, ref) -> tuple[int, int]:
    (row,) = await stage.rows(
        "select window_number, window_viewers from audiences where subject_id = $1", ref.subject_id
    )
    return tuple(row.values())


async def test_views_that_come_in_another_order_are_not_counted_twice_nor_after_the_next(stage):
    ref = await stage.comment()
    await stage.tick(hours=3)
    tick = stage.now.replace(minute=0, second=0)
    assert await views(stage, ref, tick - timedelta(hours=1), 5) == 1
    assert await views(stage, ref, tick - timedelta(hours=2), 4) == 1
    assert await views(stage, ref, tick - timedelta(hours=2), 40) == 0, "repeated"
    await stage.tick()
    assert await window(stage, ref) == (1, 9)
    assert await views(stage, ref, tick - timedelta(hours=2), 40) == 0, "too late"
    await stage.tick()
    assert await window(stage, ref) == (1, 9)


async def test_views_that_are_told_too_late_are_said_to_be_ignored(stage):
    ref = await stage.comment()
    old = stage.now.replace(minute=0, second=0)
    await stage.tick(hours=8 * 24)
    assert await views(stage, ref, old, 70) == 0
    await stage.tick()
    assert (await window(stage, ref))[1] == 0
    (row,) = await stage.rows("select organic from audiences where subject_id = $1", ref.subject_id)
    assert row["organic"] == 0


async def test_who_watched_before_a_window_opened_is_no_crowd_in_it(stage):
    """Told late, they would let an effect show before anybody has watched since."""
    mona = await stage.moderator("mona")
    ref = await stage.comment()
    await stage.tick(hours=6 * 24)
    early = stage.now.replace(minute=0, second=0)
    await stage.tick(hours=3 * 24)  # meanwhile a window has ended in which nobody was told of
    await stage.decide(ref, mona, "remove", "bullying")
    assert await views(stage, ref, early, 2 * K) == 1
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC
    assert (await window(stage, ref))[1] == 0
    (row,) = await stage.rows("select organic from audiences where subject_id = $1", ref.subject_id)
    assert row["organic"] == 2 * K
    await views(stage, ref, stage.now.replace(minute=0, second=0), K)
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED
