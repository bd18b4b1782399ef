"""A moderator watches the frozen copy of a case, decrypted stretch by stretch.

It is what the machines have seen; nothing is fetched, and nobody learns that somebody looks.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.subject import SubjectId
from underseal.flow.read_case import Reader, open_case
from underseal.flow.system import System
from underseal.flow.upload_media import copy_id
from underseal.seal.media import CHUNK_BYTES, Decrypter, unwrap_copy_key
from underseal.store import strips, subjects
from underseal.store.cases import CaseId
from underseal.store.roles import Role
from underseal.store.subjects import FrozenCopy

STRETCH_BYTES: Final = CHUNK_BYTES
"""So much is decrypted at a time: one chunk of a copy."""


class NoCopyError(LookupError):
    """The case has no media, or none that has arrived yet."""

    def __init__(self) -> None:
        super().__init__("the case has no media")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMedia:
    """The frozen copy of a case, which the reader may watch."""

    system: System
    subject_id: SubjectId
    version: int
    copy: FrozenCopy

    async def stretch(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes `[start, end)`, decrypted.

        Raises:
            TamperedError: the copy is not what was frozen.
            MediaMissingError: it is gone.
        """
        key = unwrap_copy_key(
            self.system.keys.media,
            self.copy.wrapped_key,
            copy_id(self.subject_id, self.version),
        )
        reader = await asyncio.to_thread(self.system.media.open, self.copy.location)
        with closing(reader):
            decrypter = await asyncio.to_thread(Decrypter, reader, key)
            while start < end:
                # To the end of a chunk, so that none is decrypted twice.
                stop = min(end, (start // STRETCH_BYTES + 1) * STRETCH_BYTES)
                yield await asyncio.to_thread(decrypter.read, start, stop)
                start = stop


async def watch_case(system: System, case_id: CaseId, reader: Reader, now: datetime) -> CaseMedia:
    """Return the media of a case to the moderator who has it, or to a lead or auditor.

    Raises:
        UnknownCaseError: there is no such case.
        NotLeasedError: the reader is a moderator and does not have it, or no longer.
        NoCopyError: it has no media.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, reader, now)
        version = await subjects.load_version(conn, case.subject_id, case.version)
    if version is None or version.copy is None:
        raise NoCopyError
    return CaseMedia(
        system=system, subject_id=case.subject_id, version=case.version, copy=version.copy
    )


async def watch_strip(system: System, case_id: CaseId, reader: Reader, now: datetime) -> CaseMedia:
    """Return the frame strip of a case, to whoever may watch its media.

    Raises:
        UnknownCaseError, NotLeasedError: as `watch_case`.
        NoCopyError: there is no strip.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, reader, now)
        strip = await strips.load_strip(conn, case.subject_id, case.version)
    if strip is None:
        raise NoCopyError
    return CaseMedia(
        system=system, subject_id=case.subject_id, version=case.version, copy=strip.copy
    )
