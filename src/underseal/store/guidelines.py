"""The versions of the guidelines that were ever in force, word for word."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("guidelines")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedVersion:
    """A version of the guidelines, and how many decisions refer to it."""

    version: str
    added_on: date
    decisions: int


async def add_guidelines(
    conn: Connection, version: str, text: str, sha256: bytes, today: date
) -> bytes:
    """Record a version unless it is there, and return the hash of what is recorded."""
    await conn.execute(_SQL["add_guidelines"], version, text, sha256, today)
    recorded: bytes = await conn.fetchval(_SQL["sha256_of_guidelines"], version)
    return recorded


async def guideline_versions(conn: Connection) -> tuple[RecordedVersion, ...]:
    """Return every version, the newest first."""
    return tuple(
        RecordedVersion(
            version=row["version"], added_on=row["added_on"], decisions=row["decisions"]
        )
        for row in await conn.fetch(_SQL["guideline_versions"])
    )


async def text_of_guidelines(conn: Connection, version: str) -> str | None:
    """Return what a version says, or None if it was never in force."""
    text: str | None = await conn.fetchval(_SQL["text_of_guidelines"], version)
    return text
