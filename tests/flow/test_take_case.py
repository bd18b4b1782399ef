import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from underseal.core.case import CaseKind, NotLeasedError
from underseal.core.priority import Lane
from underseal.flow.system import LEASE
from underseal.flow.take_case import read_queue, release_case, take_case


async def test_many_moderators_at_once_never_get_the_same_case(stage):
    for number in range(30):
        await stage.enqueue(await stage.comment(f"c{number}"), rate=number)
    moderators = [await stage.moderator(f"m{number}") for number in range(4)]

    async def take_ten(moderator):
        return [await take_case(stage.system, moderator, None, stage.now) for _ in range(10)]

    taken = [
        lease
        for leases in await asyncio.gather(*map(take_ten, moderators))
        for lease in leases
        if lease is not None
    ]
    assert len(taken) == 30
    assert max(Counter(lease.case_id for lease in taken).values()) == 1


async def test_the_highest_rate_comes_first_and_a_duty_before_every_rate(stage):
    mona = await stage.moderator("mona")
    low = await stage.enqueue(await stage.comment("low"), rate=1)
    high = await stage.enqueue(await stage.comment("high"), rate=100)
    later = await stage.enqueue(
        await stage.comment("later"),
        rate=0,
        duty_from=stage.now - timedelta(hours=1),
        due_at=stage.now + timedelta(hours=2),
    )
    sooner = await stage.enqueue(
        await stage.comment("sooner"),
        rate=0,
        duty_from=stage.now,
        due_at=stage.now + timedelta(hours=1),
    )
    not_yet = await stage.enqueue(
        await stage.comment("not yet"),
        rate=0.5,
        duty_from=stage.now + timedelta(seconds=1),
        due_at=stage.now + timedelta(minutes=1),
    )
    taken = [await take_case(stage.system, mona, None, stage.now) for _ in range(6)]
    assert [lease and lease.case_id for lease in taken] == [sooner, later, high, low, not_yet, None]


async def test_an_abandoned_case_is_there_for_the_next_one_once_its_lease_has_run_out(stage):
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    case_id = await stage.enqueue(await stage.comment())
    await take_case(stage.system, mona, None, stage.now)
    stage.now += LEASE - timedelta(seconds=1)
    assert await take_case(stage.system, nils, None, stage.now) is None
    stage.now += timedelta(seconds=1)
    lease = await take_case(stage.system, nils, None, stage.now)
    assert (lease.case_id, lease.until) == (case_id, stage.now + LEASE)


async def test_a_lost_lease_decides_nothing(stage):
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    ref = await stage.comment()
    case_id = await stage.enqueue(ref)
    await take_case(stage.system, mona, None, stage.now)
    stage.now += LEASE
    with pytest.raises(NotLeasedError):
        await stage.submit(case_id, mona, "remove", "phishing")
    await take_case(stage.system, nils, None, stage.now)
    with pytest.raises(NotLeasedError):
        await stage.submit(case_id, mona, "remove", "phishing")
    await stage.submit(case_id, nils, "no_violation")
    assert await stage.rows("select outcome from decisions") == [{"outcome": "no_violation"}]


async def test_whoever_says_not_me_does_not_see_the_case_again(stage):
    mona, nils = await stage.moderator("mona"), await stage.moderator("nils")
    case_id = await stage.enqueue(await stage.comment())
    await take_case(stage.system, mona, None, stage.now)
    await release_case(stage.system, case_id, mona, not_me=True)
    assert await take_case(stage.system, mona, None, stage.now) is None
    assert (await take_case(stage.system, nils, None, stage.now)).case_id == case_id


async def test_a_released_case_may_be_taken_again(stage):
    mona = await stage.moderator("mona")
    case_id = await stage.enqueue(await stage.comment())
    await take_case(stage.system, mona, None, stage.now)
    await release_case(stage.system, case_id, mona, not_me=False)
    with pytest.raises(NotLeasedError):
        await release_case(stage.system, case_id, mona, not_me=False)
    assert (await take_case(stage.system, mona, None, stage.now)).case_id == case_id


async def test_an_appeal_never_goes_to_who_decided_first(stage, appealed):
    ref, mona = appealed
    nils = await stage.moderator("nils")
    assert await take_case(stage.system, mona, None, stage.now + timedelta(days=1)) is None
    assert await take_case(stage.system, mona, CaseKind.APPEAL, stage.now) is None
    assert await take_case(stage.system, nils, CaseKind.REVIEW, stage.now) is None
    lease = await take_case(stage.system, nils, CaseKind.APPEAL, stage.now)
    (row,) = await stage.rows("select kind, subject_id from cases where leased_by = $1", nils)
    assert lease is not None
    assert row == {"kind": "appeal", "subject_id": ref.subject_id}


async def test_the_queue_tells_how_many_cases_wait_in_each_lane(stage):
    mona = await stage.moderator("mona")
    await stage.enqueue(await stage.comment("a"), lane=Lane.GRAVE)
    await stage.enqueue(await stage.comment("b"))
    await stage.enqueue(await stage.comment("c"), rate=9)
    await take_case(stage.system, mona, None, stage.now)
    counted = {
        (each.kind, each.lane): each.waiting for each in await read_queue(stage.system, mona)
    }
    assert counted == {
        (CaseKind.REVIEW, Lane.GRAVE): 1,
        (CaseKind.REVIEW, Lane.ORDINARY): 1,
    }


async def test_a_case_that_is_reported_again_keeps_its_clock(stage):
    ref = await stage.comment()
    await stage.enqueue(ref, due_at=stage.now + timedelta(hours=1), duty_from=stage.now)
    await stage.enqueue(ref, rate=7, due_at=stage.now + timedelta(hours=9))
    (row,) = await stage.rows("select rate, due_at, duty_from from cases")
    assert row == {
        "rate": 7,
        "due_at": stage.now + timedelta(hours=1),
        "duty_from": stage.now,
    }
