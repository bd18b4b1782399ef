"""Known content: the hashes of what has been judged before, and must not come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from underseal.core.caller import PrincipalId
from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKnown:
    """An item with where it comes from: by whose decision, and who confirmed or retired it.

    What an operator brought in has no decision. A removal by a person counts as confirmed by them
    where the guideline lets machines remove copies.
    """

    item: KnownItem
    subject: SubjectRef | None
    source_decision: UUID | None
    decided_by: str | None
    decided_on: date | None
    confirmed_by: str | None
    added_on: date
    retired_on: date | None
    retired_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A decision that stands, about a video that machines do not recognise yet."""

    subject: SubjectRef
    guideline: GuidelineId
    outcome: Outcome
    decided_on: date


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
    conn: Connection, item: KnownItem, source_decision: UUID, by: PrincipalId, today: date
) -> KnownItem:
    """Add what a decision was about, or verify what it has added, and return what is kept.

    `by` says whether it is verified.
    """
    row = await conn.fetchrow(
        _SQL["put_known"],
        item.item_id,
        item.list_name,
        item.guideline,
        item.verified,
        b"".join(item.hashes),
        source_decision,
        today,
        by if item.verified else None,
    )
    assert row is not None, "it is returned whether it is new or not"
    return _item(row)


async def retire_known(conn: Connection, source_decision: UUID, today: date) -> None:
    """Take back what a decision added."""
    await conn.execute(_SQL["retire_known"], source_decision, today)


async def retire_item(conn: Connection, item_id: UUID, by: PrincipalId, today: date) -> bool:
    """Take one item off the list; return whether it was on it."""
    return bool(await conn.fetchval(_SQL["retire_item"], item_id, today, by))


async def list_known(
    conn: Connection, *, retired: bool, after: tuple[date, UUID] | None, limit: int
) -> tuple[ListedKnown, ...]:
    """Return up to `limit` items that are on the list, or were, after a place; the newest first."""
    day, item_id = after or (None, None)
    return tuple(
        ListedKnown(
            item=_item(row),
            subject=row["external_id"]
            and SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            source_decision=row["source_decision"],
            decided_by=row["decided_by"],
            decided_on=row["decided_on"],
            confirmed_by=row["confirmed_by"],
            added_on=row["added_on"],
            retired_on=row["retired_on"],
            retired_by=row["retired_by"],
        )
        for row in await conn.fetch(_SQL["list_known"], retired, day, item_id, limit)
    )


async def candidates(conn: Connection, limit: int) -> tuple[Candidate, ...]:
    """Return up to `limit` decisions on videos that could be added, the newest first."""
    return tuple(
        Candidate(
            subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            guideline=row["guideline"],
            outcome=Outcome(row["outcome"]),
            decided_on=row["decided_on"],
        )
        for row in await conn.fetch(_SQL["candidates"], limit)
    )


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
