"""What is to come, counted on a real database."""

from datetime import timedelta

import pytest

from underseal.flow.foresee_work import foresee_work
from underseal.store.roles import Role


async def foreseen(stage):
    async with stage.system.db.transaction(Role.CONSOLE) as conn:
        return await foresee_work(conn, stage.now.date())


async def test_where_nobody_has_decided_anything_nothing_can_be_foreseen(stage):
    await stage.enqueue(await stage.comment())
    assert await foreseen(stage) is None


async def test_what_waits_comes_and_is_decided_tells_what_will_wait(stage):
    mona = await stage.moderator("mona")
    for number in range(6):
        ref = await stage.comment(f"c{number}")
        await stage.enqueue(ref, due_at=stage.now + timedelta(days=3))
        if number < 4:
            await stage.judge(mona, "no_violation")
    stage.now += timedelta(days=1)
    work = await foreseen(stage)
    waits, come, decided = 2, 6 / 28, 4 / 28
    assert work.backlog[0] == pytest.approx(waits + come - decided)
    assert work.late[0] == 0
    assert work.late[-1] > 0
    assert work.looks_needed > come
    assert work.people_needed == 1


async def test_whoever_has_little_to_do_on_most_days_can_do_more(stage):
    mona = await stage.moderator("mona")
    for day, looks in enumerate((1, 1, 6, 1, 6)):
        for number in range(looks):
            await stage.enqueue(await stage.comment(f"d{day}c{number}"))
            await stage.judge(mona, "no_violation")
        stage.now += timedelta(days=1)
    for number in range(30):
        ref = await stage.comment(f"w{number}")
        await stage.enqueue(ref, due_at=stage.now + timedelta(days=2))
    work = await foreseen(stage)
    assert work.looks_needed == pytest.approx(10)
    assert work.people_needed == 2


async def test_what_machines_merely_suspect_is_no_work_that_anybody_is_owed(stage):
    mona = await stage.moderator("mona")
    await stage.enqueue(await stage.comment("decided"))
    await stage.judge(mona, "no_violation")
    await stage.enqueue(await stage.comment("owed"))
    for number in range(9):
        await stage.enqueue(await stage.comment(f"suspected{number}"), duty_from=None)
    stage.now += timedelta(days=1)
    work = await foreseen(stage)
    assert work.backlog[0] == pytest.approx(1 + 2 / 28 - 1 / 28)
