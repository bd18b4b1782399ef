"""The media of a version comes, and is frozen: encrypted, and never changed again."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO

from underseal.core.subject import SubjectId, SubjectRef
from underseal.flow.publish import put_off
from underseal.flow.system import SCAN_DEADLINE, System
from underseal.seal import media as seal_media
from underseal.store import ledger, scans, subjects
from underseal.store.roles import Role
from underseal.store.scans import ScanCause
from underseal.store.subjects import FrozenCopy


class UnknownVersionError(LookupError):
    """The platform has told of no such version of the subject, or of none that waits for an upload."""


class MediaFrozenError(Exception):
    """The version has its media already; a changed video is a new version."""


class MediaTooLargeError(ValueError):
    """The media has more bytes than the setting allows."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"media has at most {bytes_max} bytes")
        self.bytes_max = bytes_max


class NoMediaError(ValueError):
    """The upload is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """One version of a subject as the platform names it."""

    ref: SubjectRef
    version: int


async def upload_media(
    system: System, target: VersionRef, chunks: AsyncIterator[bytes], now: datetime
) -> None:
    """Freeze what the platform uploads, and ask for the scan.

    Raises:
        UnknownVersionError, MediaFrozenError, MediaTooLargeError, NoMediaError: nothing changed.
    """
    subject_id = target.ref.subject_id
    async with system.db.transaction(Role.CORE) as conn:
        version = await subjects.load_version(conn, subject_id, target.version)
    if version is None or not version.has_media or version.media_url is not None:
        raise UnknownVersionError(f"no version {target.version} of this subject awaits an upload")
    if version.copy is not None:
        raise MediaFrozenError(f"version {target.version} has its media already")
    with TemporaryFile() as plain:
        await _spool(chunks, plain, system.settings.media_bytes_max)
        copy = await asyncio.to_thread(freeze, system, subject_id, target.version, plain)
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, subject_id)
        if not await subjects.add_copy(conn, subject_id, target.version, copy, now):
            raise MediaFrozenError(f"version {target.version} has its media already")
        # From now on it waits for the machines, and no longer for the platform.
        await put_off(conn, target.ref, now + SCAN_DEADLINE, now)
        await scans.want_scan(conn, subject_id, target.version, ScanCause.REGISTERED, now)


def freeze(system: System, subject_id: SubjectId, version: int, plain: BinaryIO) -> FrozenCopy:
    """Encrypt a file under a new key and keep it; blocking.

    The location is random: what was frozen by a transaction that failed is never mistaken for
    the copy.

    Raises:
        NoMediaError: the file is empty.
    """
    plain.seek(0)
    sha256 = _sha256(plain)
    size_bytes = plain.seek(0, io.SEEK_END)
    if size_bytes == 0:
        raise NoMediaError("the media is empty")
    plain.seek(0)
    location = system.new_id()
    key = seal_media.new_copy_key()
    with TemporaryFile() as encrypted:
        seal_media.encrypt(plain, encrypted, key)
        encrypted.seek(0)
        system.media.freeze(str(location), encrypted)
    return FrozenCopy(
        location=str(location),
        sha256=sha256,
        size_bytes=size_bytes,
        wrapped_key=seal_media.wrap_copy_key(system.keys.media, key, copy_id(subject_id, version)),
    )


def thaw(
    system: System, subject_id: SubjectId, version: int, copy: FrozenCopy, plain: BinaryIO
) -> None:
    """Decrypt a frozen copy into a file that nobody else can open; blocking."""
    key = seal_media.unwrap_copy_key(
        system.keys.media, copy.wrapped_key, copy_id(subject_id, version)
    )
    with system.media.open(copy.location) as encrypted:
        seal_media.decrypt(encrypted, plain, key)
    plain.seek(0)


def copy_id(subject_id: SubjectId, version: int) -> bytes:
    """Return what binds a copy's key to its place."""
    return subject_id.bytes + version.to_bytes(4, "big")


def _sha256(plain: BinaryIO) -> bytes:
    hashed = hashlib.sha256()
    while chunk := plain.read(1 << 20):
        hashed.update(chunk)
    return hashed.digest()


async def _spool(chunks: AsyncIterator[bytes], plain: BinaryIO, bytes_max: int) -> None:
    size_bytes = 0
    async for chunk in chunks:
        size_bytes += len(chunk)
        if size_bytes > bytes_max:
            raise MediaTooLargeError(bytes_max)
        plain.write(chunk)
    plain.flush()
