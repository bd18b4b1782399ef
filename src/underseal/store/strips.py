"""Frame strips: one picture of a version's frames side by side, frozen as its media is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load
from underseal.store.subjects import FrozenCopy

_SQL: Final = load("strips")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStrip:
    """Where the strip of a version is, and where in the media each of its frames is from."""

    copy: FrozenCopy
    frames_ms: tuple[int, ...]


async def add_strip(
    conn: Connection,
    subject_id: SubjectId,
    version: int,
    copy: FrozenCopy,
    frames_ms: Sequence[int],
) -> None:
    """Record the strip of a version; the first one stays."""
    await conn.execute(
        _SQL["add_strip"],
        subject_id,
        version,
        copy.location,
        copy.sha256,
        copy.size_bytes,
        copy.wrapped_key,
        frames_ms,
    )


async def load_strip(conn: Connection, subject_id: SubjectId, version: int) -> StoredStrip | None:
    """Return the strip of a version, if a scan has made one."""
    row = await conn.fetchrow(_SQL["load_strip"], subject_id, version)
    if row is None:
        return None
    return StoredStrip(
        copy=FrozenCopy(
            location=row["location"],
            sha256=row["sha256"],
            size_bytes=row["size_bytes"],
            wrapped_key=row["wrapped_key"],
        ),
        frames_ms=tuple(row["frames_ms"]),
    )
