"""What an account with a strike publishes is looked at sooner, and nothing else follows from that."""

from datetime import timedelta

import pytest

from underseal.core.case import CaseKind
from underseal.core.evidence import STRUCK
from underseal.core.strike import STRIKE_DAYS
from underseal.core.visibility import Level
from underseal.flow.count_views import count_views
from underseal.flow.open_appeal import open_appeals
from underseal.store.assessments import want_assessments
from underseal.store.roles import Role
from underseal.store.views import ViewCount

SUSPICION = {"nudity": 1.0}
"""What machines say of each video, in nats: too little to act on."""


@pytest.fixture
async def struck(stage):
    """Carl has a strike, and Dora has none."""
    mona = await stage.moderator("mona")
    first = await stage.video("first", "carl")
    await stage.scan(first)
    await stage.decide(first, mona, "remove", "nudity")
    await stage.tick(hours=7 * 24)
    assert (await stage.standing("carl")).points == 1
    return stage


async def weighed(stage, ref) -> float:
    """What a video is believed to break, weighed now."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_assessments(conn, [ref.subject_id])
    await stage.assess()
    (row,) = await stage.rows(
        "select log_odds from assessments where subject_id = $1 and guideline = 'nudity'",
        ref.subject_id,
    )
    return row["log_odds"]


async def publish(stage, creator: str):
    ref = await stage.video(f"next of {creator}", creator)
    await stage.scan(ref, **SUSPICION)
    await stage.assess()
    return ref


async def test_of_two_alike_the_one_of_an_account_with_a_strike_is_looked_at_first(struck):
    two = [await publish(struck, creator) for creator in ("carl", "dora")]
    tick = struck.now.replace(minute=0, second=0) + timedelta(hours=1)
    counts = [ViewCount(subject_id=ref.subject_id, organic=900, qualifying=900) for ref in two]
    await count_views(struck.system, tick, counts, tick)
    await struck.tick()
    believed = [await weighed(struck, ref) for ref in two]
    assert believed[0] - believed[1] == pytest.approx(STRUCK)
    cases = await struck.rows(
        "select subject_id, duty_from from cases where state = 'queued' order by rate desc"
    )
    assert [row["subject_id"] for row in cases] == [ref.subject_id for ref in two]
    assert {row["duty_from"] for row in cases} == {None}  # suspicions: nobody is owed these looks
    assert [await struck.level(ref) for ref in two] == [Level.PUBLIC, Level.PUBLIC]


async def test_a_strike_that_has_expired_says_nothing_any_more(struck):
    ref = await publish(struck, "carl")
    before = await weighed(struck, ref)
    struck.now += timedelta(days=STRIKE_DAYS)
    assert before - await weighed(struck, ref) == pytest.approx(STRUCK)


async def test_a_strike_that_an_appeal_has_taken_back_says_nothing_any_more(struck):
    ref = await publish(struck, "carl")
    before = await weighed(struck, ref)
    newest, *_ = await struck.statements("carl")
    await struck.appeal(newest.statement.id, "carl")
    await open_appeals(struck.system, struck.now)
    nils = await struck.moderator("nils")
    reasons = "It shows a doctor at work, which the guidelines allow."
    await struck.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=reasons)
    await struck.tick()
    assert before - await weighed(struck, ref) == pytest.approx(STRUCK)
