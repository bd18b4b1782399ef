"""Known content: the hashes of what has been judged before, and must not come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("known")
HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """One piece of known content: PDQ hashes of its frames, 32 bytes each.

    `verified` says that a human has judged it; only then may machines remove its copies.
    """

    item_id: UUID
    list_name: str
    guideline: GuidelineId
    verified: bool
    hashes: tuple[bytes, ...]


async def add_known(
    conn: Connection, item: KnownItem, source_decision: UUID | None, today: date
) -> None:
    """Add known content; a decision adds at most one item."""
    await conn.execute(
        _SQL["add_known"],
        item.item_id,
        item.list_name,
        item.guideline,
        item.verified,
        b"".join(item.hashes),
        source_decision,
        today,
    )


async def put_known(
    conn: Connection, item: KnownItem, source_decision: UUID, today: date
) -> KnownItem:
    """Add what a decision was about, or verify what it has added, and return what is kept."""
    row = await conn.fetchrow(
        _SQL["put_known"],
        item.item_id,
        item.list_name,
        item.guideline,
        item.verified,
        b"".join(item.hashes),
        source_decision,
        today,
    )
    assert row is not None, "it is returned whether it is new or not"
    return _item(row)


async def retire_known(conn: Connection, source_decision: UUID, today: date) -> None:
    """Take back what a decision added."""
    await conn.execute(_SQL["retire_known"], source_decision, today)


async def load_known(conn: Connection) -> tuple[KnownItem, ...]:
    """Return all known content in force."""
    return tuple(_item(row) for row in await conn.fetch(_SQL["load_known"]))


async def known_revision(conn: Connection) -> int:
    """Return a number that changes whenever the list does."""
    revision: int = await conn.fetchval(_SQL["known_revision"])
    return revision


async def hashes_of_version(
    conn: Connection, subject_id: SubjectId, version: int, quality_min: int
) -> Sequence[bytes]:
    """Return the hashes of a version's frames whose quality (0 to 100) is high enough."""
    rows = await conn.fetch(_SQL["hashes_of_version"], subject_id, version, quality_min)
    return [row["hash"] for row in rows]


def _item(row: Row) -> KnownItem:
    return KnownItem(
        item_id=row["item_id"],
        list_name=row["list_name"],
        guideline=GuidelineId(row["guideline"]),
        verified=row["verified"],
        hashes=_split(row["hashes"]),
    )


def _split(hashes: bytes) -> tuple[bytes, ...]:
    return tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))
