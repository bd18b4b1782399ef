from datetime import timedelta

import pytest

from underseal.core.disclosure import K, order
from underseal.core.guideline import DisclosureClass
from underseal.core.visibility import Level
from underseal.flow.count_views import TickMismatchError, count_views
from underseal.flow.tick import run_tick
from underseal.store.views import ViewCount


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


async def views(stage, tick, ref, qualifying, organic=None):
    count = ViewCount(
        subject_id=ref.subject_id,
        organic=qualifying if organic is None else organic,
        qualifying=qualifying,
    )
    return await count_views(stage.system, tick, [count], tick)


def next_tick(stage):
    return stage.now.replace(minute=0, second=0) + timedelta(hours=1)


async def test_an_effect_of_an_ordinary_guideline_waits_until_its_window_has_a_crowd(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "bullying")
    for viewers in (0, K - 1):
        await views(stage, next_tick(stage), ref, viewers)
        await stage.tick()
        assert await stage.level(ref) is Level.PUBLIC
    await views(stage, next_tick(stage), ref, 1)
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_crowd_that_came_before_the_decision_does_not_count(stage, mona):
    ref = await stage.comment()
    await views(stage, next_tick(stage), ref, K)
    await stage.tick()
    await stage.decide(ref, mona, "remove", "bullying")
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC


async def test_a_window_without_a_crowd_ends_after_seven_days(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "bullying")
    await stage.tick(hours=7 * 24 - 1)
    assert await stage.level(ref) is Level.PUBLIC
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_subject_that_was_never_registered_has_windows_too(stage, mona):
    ref = await stage.comment()
    bare = type(ref)(kind=ref.kind, external_id="bare")
    await stage.report(bare, "bullying", "anna")
    await stage.decide(bare, mona, "remove", "bullying")
    await stage.tick()
    assert await stage.level(bare) is Level.PUBLIC
    await stage.tick(hours=7 * 24)
    assert await stage.level(bare) is Level.REMOVED


async def test_a_tick_that_is_run_twice_happens_once(stage, mona):
    ref = await stage.comment()
    tick = next_tick(stage)
    await views(stage, tick, ref, 10)
    await stage.decide(ref, mona, "remove", "phishing")
    done = await stage.tick()
    assert (done.tick, done.disclosed, done.missed) == (tick, 1, 0)
    assert await run_tick(stage.system, tick, stage.now) is None
    assert await run_tick(stage.system, tick - timedelta(hours=1), stage.now) is None
    assert await stage.rows("select qualifying from audiences where qualifying > 0") == [
        {"qualifying": 10}
    ]
    assert len(await stage.rows("select 1 from visibility_changes")) == 1


async def test_missed_ticks_are_made_up_for_in_order(stage, mona):
    ref = await stage.comment()
    await stage.tick()
    first = next_tick(stage)
    await stage.decide(ref, mona, "remove", "bullying")
    for number in range(3):
        stage.now = first + timedelta(hours=number)
        await views(stage, stage.now, ref, K // 2)
    stage.now = first + timedelta(hours=2)
    done = await run_tick(stage.system, stage.now, stage.now)
    assert (done.missed, done.disclosed) == (2, 1)
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.changed_at) == (Level.REMOVED, stage.now)
    (audience,) = await stage.rows("select * from audiences where organic > 0")
    assert (audience["organic"], audience["window_number"]) == (3 * (K // 2), 2)
    assert audience["window_opened_at"] == first + timedelta(hours=1)
    assert len(await stage.rows("select 1 from ticks")) == 4


@pytest.mark.parametrize("moved", [timedelta(minutes=1), timedelta(hours=1)])
async def test_only_a_moment_that_has_come_and_is_a_tick_is_run(stage, moved):
    with pytest.raises(TickMismatchError):
        await run_tick(stage.system, stage.now.replace(minute=0) + moved, stage.now)


async def test_the_order_within_a_tick_is_not_that_of_the_decisions(stage, mona):
    refs = [await stage.comment(f"c{number}") for number in range(12)]
    for ref in refs:
        await stage.decide(ref, mona, "remove", "phishing")
    done = await stage.tick()
    told = await stage.rows("select subject_id from visibility_changes order by change_id")
    expected = order([ref.subject_id for ref in refs], done.tick)
    assert [row["subject_id"] for row in told] == expected
    assert expected != [ref.subject_id for ref in refs]


async def test_all_that_happens_in_a_tick_bears_its_time(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "phishing")
    done = await stage.tick()
    (row,) = await stage.rows(
        "select e.disclosed_at, v.changed_at, d.disclosed_at as told_at, m.made_at "
        "from effects e join visibility v using (subject_id) join disclosures d using (effect_id), "
        "messages m limit 1"
    )
    assert set(row.values()) == {done.tick}


async def test_what_was_decided_after_the_tick_waits_for_the_next(stage, mona):
    ref = await stage.comment()
    tick = next_tick(stage)
    stage.now = tick + timedelta(seconds=2)
    await stage.decide(ref, mona, "remove", "phishing")
    await run_tick(stage.system, tick, stage.now)
    assert await stage.level(ref) is Level.PUBLIC
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_receipt_speaks_of_nothing_before_it_shows(stage, mona):
    shown, silent = await stage.comment("shown"), await stage.comment("silent")
    for ref in (shown, silent):
        await stage.report(ref, "bullying", "anna")
    await stage.decide(shown, mona, "remove", "bullying")
    await stage.decide(silent, mona, "no_violation")
    assert await states(stage) == {}
    first = await stage.tick()
    assert await states(stage) == {silent.subject_id: ("no_violation", first.tick)}
    later = await stage.tick(hours=7 * 24)
    assert await states(stage) == {
        silent.subject_id: ("no_violation", first.tick),
        shown.subject_id: ("action_taken", later.tick),
    }


async def test_a_duty_that_nobody_does_is_an_incident_once(stage, mona):
    ref = await stage.comment()
    await stage.enqueue(ref, due_at=next_tick(stage), duty_from=stage.now)
    for _ in range(2):
        await stage.tick()
    assert await stage.rows("select kind, subject_id, closed_at from incidents") == [
        {"kind": "review_overdue", "subject_id": ref.subject_id, "closed_at": None}
    ]
    await stage.judge(mona, "no_violation")
    (incident,) = await stage.rows("select closed_at from incidents")
    assert incident["closed_at"] == stage.now


async def test_who_was_watched_before_and_is_not_now_has_no_views_an_hour(stage):
    ref = await stage.comment()
    await views(stage, next_tick(stage), ref, 1, organic=500)
    await stage.tick()
    query = "select organic, last_organic from audiences where subject_id = $1"
    assert await stage.rows(query, ref.subject_id) == [{"organic": 500, "last_organic": 500}]
    await stage.tick()  # until now the views of the tick before may still be told
    await stage.tick()
    assert await stage.rows(query, ref.subject_id) == [{"organic": 500, "last_organic": 0}]


async def test_a_tick_that_crashes_is_run_again_as_if_it_had_not_been(stage, mona, monkeypatch):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "phishing")
    tick = next_tick(stage)
    stage.now = tick

    async def crash(*_):
        raise ConnectionResetError

    monkeypatch.setattr("underseal.flow.tick.ticks.tell_outcomes", crash)
    with pytest.raises(ConnectionResetError):
        await run_tick(stage.system, tick, tick)
    assert await stage.level(ref) is Level.PUBLIC
    assert await stage.rows("select 1 from messages union all select 1 from ticks") == []
    monkeypatch.undo()
    assert (await run_tick(stage.system, tick, tick)).disclosed == 1


@pytest.mark.parametrize("disclosure", list(DisclosureClass))
async def test_a_hold_shows_when_its_class_lets_it(stage, disclosure):
    ref = await stage.comment()
    await stage.hold(ref, "phishing", disclosure=disclosure)
    levels = [await stage.level(ref)]
    await stage.tick()
    levels.append(await stage.level(ref))
    await stage.tick(hours=7 * 24 - 1)
    levels.append(await stage.level(ref))
    held_from = {"at_once": 0, "tick": 1, "window": 2}[disclosure]
    assert levels[:held_from] == [Level.PUBLIC] * held_from
    assert levels[held_from] is Level.HELD


async def states(stage):
    rows = await stage.rows("select subject_id, state, changed_at from receipt_states")
    return {row["subject_id"]: (row["state"], row["changed_at"]) for row in rows}


async def test_a_window_that_ended_while_nobody_watched_is_not_the_one_an_effect_waits_for(
    stage, mona
):
    ref = await stage.comment()
    await stage.tick(hours=3 * 7 * 24 + 5)
    await stage.decide(ref, mona, "remove", "bullying")
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC
    await stage.tick(hours=7 * 24)
    assert await stage.level(ref) is Level.REMOVED


async def test_views_that_are_told_after_their_tick_count_at_the_next(stage):
    ref = await stage.comment()
    over = next_tick(stage)
    await stage.tick()
    counted = await views(stage, over, ref, 70, organic=90)
    assert counted.counted == 1
    query = "select organic, window_number from audiences where subject_id = $1"
    assert await stage.rows(query, ref.subject_id) == [{"organic": 0, "window_number": 1}]
    await stage.tick()
    assert await stage.rows(query, ref.subject_id) == [{"organic": 90, "window_number": 2}]
    assert (await views(stage, over, ref, 70, organic=90)).counted == 0, "told twice"
    await stage.tick()
    assert await stage.rows(query, ref.subject_id) == [{"organic": 90, "window_number": 2}]
