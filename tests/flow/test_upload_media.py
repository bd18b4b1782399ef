import asyncio
import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.system import SCAN_DEADLINE
from underseal.flow.upload_media import (
    MediaFrozenError,
    MediaTooLargeError,
    NoMediaError,
    UnknownVersionError,
    VersionRef,
    thaw,
    upload_media,
)
from underseal.seal.box import TamperedError
from underseal.store.roles import Role
from underseal.store.subjects import load_version

VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1")
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl")
FIRST = VersionRef(ref=VIDEO, version=1)
BYTES = bytes(range(256)) * 9000


@pytest.fixture
async def registered(stage):
    given = Registration(ref=VIDEO, creator=CARL, caption="", language="en", has_upload=True)
    await register_subject(stage.system, given, stage.now)
    return stage


async def chunks(*parts: bytes):
    for part in parts:
        yield part


async def upload(stage, *parts, target=FIRST):
    await upload_media(stage.system, target, chunks(*parts), stage.now)


async def frozen(stage, version=1):
    async with stage.system.db.transaction(Role.CORE) as conn:
        return (await load_version(conn, VIDEO.subject_id, version)).copy


def files(stage):
    return [path for path in stage.system.media.root.rglob("*") if path.is_file()]


async def test_what_was_uploaded_is_what_is_read(registered):
    await upload(registered, BYTES[:100], BYTES[100:2_000_000], BYTES[2_000_000:])
    copy = await frozen(registered)
    assert copy.sha256 == hashlib.sha256(BYTES).digest()
    assert copy.size_bytes == len(BYTES)
    plain = io.BytesIO()
    thaw(registered.system, VIDEO.subject_id, 1, copy, plain)
    assert plain.getvalue() == BYTES


async def test_nothing_of_it_is_on_disk_in_clear(registered):
    await upload(registered, b"mark of the video " * 5000)
    (path,) = files(registered)
    assert b"mark of" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


async def test_a_copy_opens_at_its_own_place_alone(registered):
    await upload(registered, BYTES)
    copy = await frozen(registered)
    with pytest.raises(TamperedError):
        thaw(registered.system, VIDEO.subject_id, 2, copy, io.BytesIO())
    with pytest.raises(TamperedError):
        thaw(registered.system, CARL.subject_id, 1, copy, io.BytesIO())


async def test_a_copy_that_was_changed_does_not_open(registered):
    await upload(registered, BYTES)
    (path,) = files(registered)
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(changed)
    with pytest.raises(TamperedError):
        thaw(registered.system, VIDEO.subject_id, 1, await frozen(registered), io.BytesIO())


async def test_an_upload_is_scanned_and_waits_from_now_on_for_the_machines(registered):
    registered.now += timedelta(days=2)
    await upload(registered, BYTES)
    (scan,) = await registered.rows("select version, cause, state, wanted_at from scans")
    assert scan == {
        "version": 1, "cause": "registered", "state": "wanted", "wanted_at": registered.now,
    }  # fmt: skip
    shown = await registered.shown(VIDEO)
    assert shown.visibility.level is Level.HELD
    assert shown.expires_at == registered.now + SCAN_DEADLINE


async def test_media_is_frozen_once(registered):
    await upload(registered, BYTES)
    with pytest.raises(MediaFrozenError):
        await upload(registered, b"another")
    assert (await frozen(registered)).size_bytes == len(BYTES)
    assert len(files(registered)) == 1


async def test_of_uploads_at_the_same_time_one_is_kept_whole(registered):
    results = await asyncio.gather(
        *(upload(registered, bytes([number]) * 5000) for number in range(6)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["MediaFrozenError"] * 5 + [
        "NoneType"
    ]
    copy = await frozen(registered)
    plain = io.BytesIO()
    thaw(registered.system, VIDEO.subject_id, 1, copy, plain)
    assert plain.getvalue() == bytes([results.index(None)]) * 5000
    assert len(await registered.rows("select 1 from scans")) == 1


async def test_more_than_the_setting_allows_is_refused_and_nothing_is_kept(registered):
    registered.system = replace(
        registered.system, settings=replace(registered.system.settings, media_bytes_max=1000)
    )
    with pytest.raises(MediaTooLargeError):
        await upload(registered, b"x" * 600, b"x" * 600)
    assert (await frozen(registered), files(registered)) == (None, [])
    await upload(registered, b"x" * 1000)
    assert (await frozen(registered)).size_bytes == 1000


@pytest.mark.parametrize("parts", [(), (b"",)])
async def test_an_empty_upload_is_refused_and_can_be_sent_again(registered, parts):
    with pytest.raises(NoMediaError):
        await upload(registered, *parts)
    await upload(registered, BYTES)


async def test_an_upload_that_breaks_off_leaves_nothing(registered):
    async def broken():
        yield b"half of "
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await upload_media(registered.system, FIRST, broken(), registered.now)
    assert (await frozen(registered), files(registered)) == (None, [])


@pytest.mark.parametrize(("name", "version"), [("v1", 2), ("v1", 0), ("v2", 1)])
async def test_media_of_an_unknown_version_is_refused(registered, name, version):
    target = VersionRef(ref=SubjectRef(kind=SubjectKind.VIDEO, external_id=name), version=version)
    with pytest.raises(UnknownVersionError):
        await upload(registered, BYTES, target=target)
    assert files(registered) == []


async def test_what_has_no_media_or_has_it_elsewhere_takes_no_upload(stage):
    for ref in (await stage.comment(), await stage.video()):
        with pytest.raises(UnknownVersionError):
            await upload(stage, BYTES, target=VersionRef(ref=ref, version=1))
