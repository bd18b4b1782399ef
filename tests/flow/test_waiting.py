"""What is reported waits, joins the queue, and is looked at in time."""

from datetime import timedelta

from assessing import cases_of, progress, published

from underseal.core.effect import REGRET_RATE_MIN, REPORTED_RATE_MIN, REPORTED_VIEWERS_MIN
from underseal.flow.assess import want_waiting
from underseal.flow.count_views import count_views
from underseal.store.views import ViewCount


async def test_every_report_leads_to_a_look_within_the_time_that_is_promised(stage):
    began, filed, looked = stage.now, {}, {}
    for day in range(9):
        stage.now = began + timedelta(days=day)
        await want_waiting(stage.system, stage.now)
        await stage.assess()
        for ref in filed:
            if ref not in looked and await cases_of(stage, ref):
                looked[ref] = day
        if day < 4:
            ref = await stage.comment(f"c{day}")
            await stage.report(ref, "spam", "anna")
            await stage.assess()
            assert await cases_of(stage, ref) == []
            filed[ref] = day
    assert all(0 < looked[ref] - day <= 4 for ref, day in filed.items())
    assert len(set(looked.values())) == 2  # those days alone, and not the reports', are on record
    for ref, day in filed.items():
        (case,) = await stage.rows("select due_at from cases where subject_id = $1", ref.subject_id)
        assert case["due_at"] <= began + timedelta(days=day + 7)
    assert await want_waiting(stage.system, stage.now) == 0


async def test_what_is_reported_joins_the_queue_once_enough_watch_and_no_date_tells_when(stage):
    began, ref = stage.now, await published(stage)
    await stage.watch(ref, qualifying=REPORTED_VIEWERS_MIN - 5)
    await stage.tick(hours=24)
    await stage.report(ref, "spam", "anna")
    await stage.assess()
    assert await cases_of(stage, ref) == []
    waits_from = (await progress(stage, ref)).waits_from
    await stage.watch(ref, qualifying=5)
    await stage.assess()
    (case,) = await stage.rows("select opened_on, due_at, duty_from, rate from cases")
    assert case["opened_on"] == waits_from
    assert case["due_at"].date() == waits_from + timedelta(days=7)
    assert began < case["duty_from"] < case["due_at"]
    assert REPORTED_RATE_MIN <= case["rate"] < REGRET_RATE_MIN


async def test_a_place_in_the_queue_keeps_up_with_how_many_watch(stage):
    two = [await published(stage, name) for name in ("one", "other")]
    for ref in two:
        await stage.report(ref, "spam", "anna")
    for watched in ((900, 300), (0, 300), (1, 0)):
        tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
        counts = [
            ViewCount(subject_id=ref.subject_id, organic=viewers, qualifying=viewers)
            for ref, viewers in zip(two, watched, strict=True)
        ]
        await count_views(stage.system, tick, counts, tick)
        await stage.tick()
        await stage.assess()
        rows = await stage.rows("select subject_id from cases order by rate desc")
        most_watched = two[watched.index(max(watched))]
        assert rows[0]["subject_id"] == most_watched.subject_id
    assert len(rows) == len(two)


async def test_the_place_of_a_suspicion_comes_back_with_whoever_watches(stage):
    ref = await stage.video()
    await stage.scan(ref, nudity=1.0)
    await stage.assess()
    rates = []
    for viewers in (2_000, 0, 9):
        await stage.watch(ref, qualifying=viewers)
        await stage.assess()
        (case,) = await stage.rows("select rate from cases")
        rates.append(case["rate"])
    assert rates[1] == 0 < rates[2] < rates[0]


async def test_what_waits_for_a_look_is_forgotten_with_its_round(stage):
    ref = await published(stage)
    await stage.report(ref, "spam", "anna")
    await stage.assess()
    assert (await progress(stage, ref)).waits_from is not None
    await stage.change(ref)
    assert (await progress(stage, ref)).waits_from is None
    await stage.assess()
    stage.now += timedelta(days=4)
    assert await want_waiting(stage.system, stage.now) == 0


async def test_what_joins_the_queue_before_is_due_no_later_and_no_sooner_than_what_waits(stage):
    watched, unwatched = await published(stage, "watched"), await published(stage, "unwatched")
    await stage.watch(watched, qualifying=REPORTED_VIEWERS_MIN - 5)
    await stage.tick(hours=24)
    for ref in (watched, unwatched):
        await stage.report(ref, "hate_degrading", "anna")
    await stage.watch(watched, qualifying=5)
    await stage.assess()
    assert [len(await cases_of(stage, ref)) for ref in (watched, unwatched)] == [1, 0]
    waits_from = (await progress(stage, unwatched)).waits_from
    stage.now += waits_from + timedelta(days=4) - stage.now.date()
    await want_waiting(stage.system, stage.now)
    await stage.assess()
    one, other = await stage.rows("select due_at, duty_from from cases order by rate")
    assert one == other
