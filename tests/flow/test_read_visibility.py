import asyncio

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import PUBLIC, Level
from underseal.flow.read_visibility import read_changes, read_visibility
from underseal.store.roles import Role
from underseal.store.visibility import Basis, NewVisibility, put_visibility


async def test_a_subject_that_nobody_has_told_of_is_public(stage):
    known = await stage.comment()
    unknown = SubjectRef(kind=SubjectKind.VIDEO, external_id="never seen")
    mona = await stage.moderator("mona")
    await stage.decide(known, mona, "remove", "phishing")
    await stage.tick()
    answers = await read_visibility(stage.system.db, [unknown, known, unknown])
    assert [each.subject for each in answers] == [unknown, known, unknown]
    assert [each.visibility.level for each in answers] == [
        Level.PUBLIC,
        Level.REMOVED,
        Level.PUBLIC,
    ]
    assert answers[0].visibility == PUBLIC
    assert answers[0].changed_at is None


async def test_the_feed_tells_each_change_in_order(stage):
    ref, mona = await stage.comment(), await stage.moderator("mona")
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    changes = await read_changes(stage.system.db, 0, 10)
    assert [each.visibility.level for each in changes] == [Level.HELD, Level.REMOVED]
    assert await read_changes(stage.system.db, changes[0].number, 10) == changes[1:]
    assert await read_changes(stage.system.db, changes[-1].number, 10) == ()


async def test_a_reader_of_the_feed_misses_no_change_that_is_committed_late(stage):
    slow, quick = await stage.comment("slow"), await stage.comment("quick")
    for ref in (slow, quick):
        await stage.report(ref, "spam", "anna")

    async def show(ref, committed):
        async with stage.system.db.transaction(Role.CORE) as conn:
            shown = NewVisibility(subject_id=ref.subject_id, basis=Basis.NONE, visibility=PUBLIC)
            await put_visibility(conn, [shown], stage.now)
            written.release()
            await committed.wait()

    written, go_on = asyncio.Semaphore(0), asyncio.Event()
    at_once = asyncio.Event()
    at_once.set()
    late = asyncio.create_task(show(slow, go_on))
    await written.acquire()
    await show(quick, at_once)
    reading = asyncio.create_task(read_changes(stage.system.db, 0, 10))
    done, _ = await asyncio.wait([reading], timeout=0.2)
    assert not done  # the later number is committed, the earlier one is not
    go_on.set()
    await late
    assert [each.ref for each in await reading] == [slow, quick]
