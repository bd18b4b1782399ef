import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store import scans
from underseal.store.roles import Role
from underseal.store.scans import FirstLook, FrameHash, ScanCause
from underseal.store.subjects import Version, add_subject, begin_version

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
ID = VIDEO.subject_id
SIGNAL = Signal(
    detector="known_content",
    detector_version="pdq-1",
    modality=Modality.KNOWN,
    guideline=GuidelineId("terrorism"),
    score=0.5,
    weight=9.25,
    moment=Moment(start_ms=0, end_ms=1500),
    verified=True,
    detail="removed: 1",
)
UNSURE = Signal(
    detector="terms",
    detector_version="1",
    modality=Modality.TEXT,
    guideline=GuidelineId("spam"),
    score=1.0,
    weight=None,
    moment=None,
)


@pytest.fixture
async def video(database):
    await versioned(database, VIDEO, 1)
    return database


async def versioned(database, ref: SubjectRef, number: int, *, has_media: bool = True) -> None:
    version = Version(
        subject_id=ref.subject_id,
        version=number,
        registered_at=NOW,
        caption="",
        language="en",
        has_media=has_media,
        media_url=None,
        copy=None,
    )
    async with database.transaction(Role.CORE) as conn:
        await add_subject(conn, ref)
        await begin_version(conn, version, ref.subject_id)


async def want(database, version: int = 1, cause=ScanCause.REGISTERED, at=NOW, ref=VIDEO) -> None:
    async with database.transaction(Role.CORE) as conn:
        await scans.want_scan(conn, ref.subject_id, version, cause, at)


async def take(database, now=NOW):
    async with database.transaction(Role.CORE) as conn:
        return await scans.take_scan(conn, now, now + timedelta(minutes=10))


async def end(database, scan, failure=None) -> bool:
    async with database.transaction(Role.CORE) as conn:
        version = None if failure else "1"
        return await scans.end_scan(conn, scan, version, failure, NOW)


async def first_look(database, version: int = 1) -> FirstLook:
    async with database.transaction(Role.CORE) as conn:
        return await scans.first_look(conn, ID, version)


async def unseen(database, *refs: SubjectRef):
    async with database.transaction(Role.CORE) as conn:
        return await scans.unseen(conn, [ref.subject_id for ref in refs or (VIDEO,)])


async def test_the_scan_that_waits_longest_comes_first_and_to_one_worker(video):
    others = [SubjectRef(kind=SubjectKind.VIDEO, external_id=f"o{number}") for number in range(5)]
    for number, ref in enumerate(others):
        await versioned(video, ref, 1)
        await want(video, ref=ref, at=NOW - timedelta(minutes=number))
    taken = await asyncio.gather(*(take(video) for _ in range(4)))
    assert len({each.subject_id for each in taken}) == 4
    assert others[0].subject_id not in {each.subject_id for each in taken}
    assert (await take(video)).subject_id == others[0].subject_id
    assert await take(video) is None


async def test_a_scan_whose_worker_died_is_taken_again_and_its_starts_are_counted(video):
    await want(video)
    first = await take(video)
    assert (first.attempts, first.run, first.cause) == (1, 1, ScanCause.REGISTERED)
    assert await take(video, NOW + timedelta(minutes=9)) is None
    again = await take(video, NOW + timedelta(minutes=11))
    assert (again.attempts, again.run) == (2, 1)


@pytest.mark.parametrize("failure", [None, "crashed"])
async def test_a_scan_ends_once(video, failure):
    await want(video)
    taken = await take(video)
    assert await asyncio.gather(*(end(video, taken, failure) for _ in range(3))) in (
        [True, False, False], [False, True, False], [False, False, True],
    )  # fmt: skip
    assert not await end(video, taken, "later")
    assert await first_look(video) is (FirstLook.FAILED if failure else FirstLook.SEEN)


async def test_what_the_detectors_said_comes_back_as_they_said_it(video):
    await want(video)
    taken = await take(video)
    async with video.transaction(Role.CORE) as conn:
        await scans.add_signals(conn, taken, [SIGNAL, UNSURE])
        assert await scans.newest_signals(conn, ID, 1) == ()
        await scans.end_scan(conn, taken, "1", None, NOW)
        assert await scans.newest_signals(conn, ID, 1) == (SIGNAL, UNSURE)
        assert await scans.newest_signals(conn, ID, 2) == ()


async def test_a_newer_look_replaces_what_an_older_one_said_and_a_failed_one_does_not(video):
    for said, failure in (([SIGNAL], None), ([], "crashed"), ([UNSURE], None)):
        await want(video, cause=ScanCause.DETECTOR)
        taken = await take(video)
        async with video.transaction(Role.CORE) as conn:
            await scans.add_signals(conn, taken, said)
        await end(video, taken, failure)
        async with video.transaction(Role.CORE) as conn:
            found = await scans.newest_signals(conn, ID, 1)
        assert found == (tuple(said) or (SIGNAL,))
    assert await first_look(video) is FirstLook.SEEN


async def test_frame_hashes_are_kept_once_a_position(video):
    await want(video)
    taken = await take(video)
    hashes = [FrameHash(at_ms=at, hash=bytes([at]) * 32, quality=at) for at in (0, 50, 100)]
    async with video.transaction(Role.CORE) as conn:
        await scans.add_frame_hashes(conn, taken, hashes)
        await scans.add_frame_hashes(conn, taken, hashes)
        rows = await conn.fetch("select at_ms, hash, quality from frame_hashes order by at_ms")
    assert [(row["at_ms"], row["hash"], row["quality"]) for row in rows] == [
        (each.at_ms, each.hash, each.quality) for each in hashes
    ]


async def test_only_first_looks_are_ever_overdue(video):
    await want(video)
    await versioned(video, VIDEO, 2)
    await want(video, version=2, cause=ScanCause.REACH)
    async with video.transaction(Role.CORE) as conn:
        assert await scans.overdue_scans(conn, NOW) == ()
        (late,) = await scans.overdue_scans(conn, NOW + timedelta(seconds=1))
    assert (late.version, late.attempts) == (1, 0)
    assert await end(video, late, "never_came")
    async with video.transaction(Role.CORE) as conn:
        assert await scans.overdue_scans(conn, LATER) == ()


async def test_a_version_is_unseen_until_machines_have_looked_at_it(video):
    text = SubjectRef(kind=SubjectKind.COMMENT, external_id="c1")
    await versioned(video, text, 1, has_media=False)
    bare = SubjectRef(kind=SubjectKind.VIDEO, external_id="bare")
    async with video.transaction(Role.CORE) as conn:
        await add_subject(conn, bare)
    assert await unseen(video, VIDEO, text, bare) == {ID}
    await want(video)
    taken = await take(video)
    assert await unseen(video) == {ID}
    await end(video, taken)
    assert await unseen(video) == frozenset()
    await versioned(video, VIDEO, 2)
    assert await unseen(video) == {ID}


async def test_a_look_that_failed_is_no_look(video):
    await want(video)
    await end(video, await take(video), "crashed")
    assert await unseen(video) == {ID}
