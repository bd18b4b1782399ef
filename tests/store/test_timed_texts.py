from datetime import UTC, datetime

import asyncpg
import pytest

from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.timed_text import TextSource, TimedLine
from underseal.store.connection import session
from underseal.store.roles import Role
from underseal.store.strips import add_strip
from underseal.store.subjects import FrozenCopy, Version, add_subject, begin_version
from underseal.store.timed_texts import (
    AS_REGISTERED,
    Beside,
    add_lines,
    load_beside,
    load_captions,
)

VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
ID = VIDEO.subject_id
STRIP = FrozenCopy(location="place", sha256=bytes(32), size_bytes=5, wrapped_key=b"key")


def line(source: TextSource, text: str, at_ms: int = 0) -> TimedLine:
    return TimedLine(source=source, moment=Moment(start_ms=at_ms, end_ms=at_ms + 1000), text=text)


SENT = (line(TextSource.PLATFORM, "hello"), line(TextSource.PLATFORM, "مرحبا", 1000))
READ = (line(TextSource.FILE, "hello?"), line(TextSource.SCREEN, "HELLO", 2000))


@pytest.fixture
async def video(database):
    version = Version(
        subject_id=ID,
        version=1,
        registered_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        caption="",
        language="en",
        has_media=True,
        media_url=None,
        copy=None,
    )
    async with database.transaction(Role.CORE) as conn:
        await add_subject(conn, VIDEO)
        await begin_version(conn, version, ID)
    return database


async def add(database, run: int, *lines: TimedLine) -> None:
    async with database.transaction(Role.CORE) as conn:
        await add_lines(conn, ID, 1, run, lines)


async def beside(database, version: int = 1) -> Beside:
    async with database.transaction(Role.CONSOLE) as conn:
        return await load_beside(conn, ID, version)


async def test_what_stands_beside_a_player_is_read_at_once(video):
    assert await beside(video) == Beside(frames_ms=(), lines=())
    await add(video, AS_REGISTERED, *SENT)
    await add(video, 1, *READ)
    async with video.transaction(Role.CORE) as conn:
        await add_strip(conn, ID, 1, STRIP, [0, 2000])
        assert await load_captions(conn, ID, 1) == SENT
    found = await beside(video)
    assert found.frames_ms == (0, 2000)
    assert sorted(found.lines, key=str) == sorted([*SENT, *READ], key=str)
    assert await beside(video, 2) == Beside(frames_ms=(), lines=())


async def test_what_was_read_last_counts(video):
    await add(video, AS_REGISTERED, *SENT)
    await add(video, 1, *READ)
    again = line(TextSource.SCREEN, "HELLO!")
    await add(video, 10, again)
    found = await beside(video)
    assert [each for each in found.lines if each.source is TextSource.SCREEN] == [again]
    assert [each for each in found.lines if each.source is not TextSource.SCREEN] == [
        READ[0],
        *SENT,
    ]


async def test_nobody_passes_for_the_platform_and_nothing_is_said_twice(video):
    with pytest.raises(asyncpg.CheckViolationError):
        await add(video, 1, *SENT)
    with pytest.raises(asyncpg.CheckViolationError):
        await add(video, AS_REGISTERED, *READ)
    await add(video, 1, *READ)
    with pytest.raises(asyncpg.UniqueViolationError):
        await add(video, 1, *READ)


async def test_texts_stay_as_they_are_and_creators_read_none(video, server, address):
    await add(video, 1, *READ)
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute("update timed_texts set lines = array['other']")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute("truncate timed_texts")
    for role in (Role.CREATOR, Role.INTAKE):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with video.transaction(role) as conn:
                await conn.fetch("select lines from timed_texts")
