"""What was watched teaches what will be, and what is withheld keeps what it is denied."""

from datetime import timedelta

import pytest

from underseal.core.visibility import Level
from underseal.flow.count_views import count_views
from underseal.flow.foretell_views import foretell_views
from underseal.flow.learn_reach import learn_reach
from underseal.store.roles import Role
from underseal.store.views import ViewCount, load_audience


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


async def watched(stage, organic, ref):
    """Views of the hour that ends at the next tick, which is run."""
    tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
    count = ViewCount(subject_id=ref.subject_id, organic=organic, qualifying=0)
    await count_views(stage.system, tick, [count], tick)
    await stage.tick()


async def foretold(stage, ref):
    async with stage.system.db.transaction(Role.CORE) as conn:
        audience = await load_audience(conn, ref.subject_id)
        return await foretell_views(conn, stage.system, audience)


async def fades(stage, refs, hours=48):
    """Let each be watched a thousandfold for an hour, and hardly at all from then on."""
    for ref in refs:
        await watched(stage, 1_000, ref)
    for _ in range(hours):
        await stage.tick()
        await learn_reach(stage.system, stage.now)


async def test_until_a_day_has_passed_views_go_on_as_in_the_last_hour(stage):
    ref = await stage.comment()
    await watched(stage, 700, ref)
    assert not await learn_reach(stage.system, stage.now) or await foretold(stage, ref)
    assert await foretold(stage, ref) == pytest.approx(700, rel=1e-6)


async def test_where_views_fade_fewer_are_foretold(stage):
    await fades(stage, [await stage.comment(f"c{number}") for number in range(12)])
    new = await stage.comment("new")
    await watched(stage, 1_000, new)
    assert 0 < await foretold(stage, new) < 300


async def test_an_hour_teaches_once(stage):
    await fades(stage, [await stage.comment()], hours=26)
    assert not await learn_reach(stage.system, stage.now)
    before = await stage.rows("select * from reach_outlook")
    assert not await learn_reach(stage.system, stage.now)
    assert not await learn_reach(stage.system, stage.now - timedelta(hours=5))
    assert await stage.rows("select * from reach_outlook") == before


async def test_what_reports_there_are_teaches_nothing(stage):
    reported = [await stage.comment(f"c{number}") for number in range(4)]
    for ref in reported:
        await stage.report(ref, "phishing", "anna")
    await fades(stage, reported)
    (with_reports,) = await stage.rows("select inputs, outputs from reach_outlook")
    assert with_reports["outputs"][3:] != [0.0, 0.0]
    columns = await stage.rows(
        "select column_name from information_schema.columns where table_name = 'reach_outlook'"
    )
    assert {each["column_name"] for each in columns} == {
        *("is_only", "inputs", "outputs", "learnt_until")
    }


async def test_what_is_held_keeps_the_views_that_it_is_denied(stage):
    ref = await stage.comment()
    await watched(stage, 700, ref)
    await stage.hold(ref, "phishing")
    await stage.tick()
    assert await stage.level(ref) is Level.HELD
    for late in (3, 0, 0):
        await watched(stage, late, ref)
    assert await foretold(stage, ref) == pytest.approx(700, rel=1e-6)


async def test_what_was_taken_away_teaches_nothing_of_what_would_have_been(stage, mona):
    refs = [await stage.comment(f"c{number}") for number in range(3)]
    for ref in refs:
        await watched(stage, 1_000, ref)
        await stage.decide(ref, mona, "remove", "phishing")
    for _ in range(30):
        await stage.tick()
        await learn_reach(stage.system, stage.now)
    (learnt,) = await stage.rows("select inputs from reach_outlook")
    assert learnt["inputs"] == [0.0] * 9
