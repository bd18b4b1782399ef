"""What holds for each subject, and the feed of its changes.

A subject without a row is public. The feed is read in the order of its numbers and nothing is
missed: whoever writes to it holds a shared lock until the end of the transaction, and readers wait
for those. A writer takes its chains before (`store.ledger`) and none after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.core.visibility import Level, Visibility
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("visibility")

FEED_LOCK: Final = 0x756E6465727303
"""Advisory lock between readers and writers of the feed; a number of ours."""


class Basis(StrEnum):
    """What a subject's visibility rests on."""

    NONE = "none"
    SCAN = "scan"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisibility:
    """What is to hold for a subject. A hold has its end, a restriction its statement."""

    subject_id: SubjectId
    basis: Basis
    visibility: Visibility
    statement_id: StatementId | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Which change of a subject's visibility it was; they count from 1."""

    ref: SubjectRef
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What holds for a subject. `revision` grows by one with each change."""

    ref: SubjectRef
    basis: Basis
    visibility: Visibility
    statement_id: StatementId | None
    expires_at: datetime | None
    changed_at: datetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change as the feed tells it; `number` grows along the feed, with gaps."""

    number: int
    ref: SubjectRef
    visibility: Visibility
    statement_id: StatementId | None
    expires_at: datetime | None
    changed_at: datetime


async def put_visibility(
    conn: Connection, changes: Sequence[NewVisibility], at: datetime
) -> Mapping[SubjectId, Revision]:
    """Let these hold from `at` on, told in the order given; one a subject."""
    await conn.execute(_SQL["feed_is_written"], FEED_LOCK)
    rows = await conn.fetch(
        _SQL["put_visibility"],
        [each.subject_id for each in changes],
        [each.basis for each in changes],
        [each.visibility.level for each in changes],
        [each.visibility.age_restricted for each in changes],
        [each.visibility.labelled for each in changes],
        [each.visibility.interaction_limited for each in changes],
        [f"{{{','.join(each.visibility.geo_blocked)}}}" for each in changes],
        [each.statement_id for each in changes],
        [each.expires_at for each in changes],
        at,
    )
    return {
        SubjectId(row["subject_id"]): Revision(ref=_ref(row), number=row["revision"])
        for row in rows
    }


async def load_visibility(
    conn: Connection, subject_ids: Sequence[SubjectId]
) -> Mapping[SubjectId, Shown]:
    """Return what holds for those of the subjects that are not public by default."""
    rows = await conn.fetch(_SQL["load_visibility"], subject_ids)
    return {SubjectId(row["subject_id"]): _shown(row) for row in rows}


async def changes_after(conn: Connection, number: int, limit: int) -> tuple[Change, ...]:
    """Return up to `limit` changes after the one with this number; 0 is before the first."""
    await conn.execute(_SQL["feed_is_read"], FEED_LOCK)
    return tuple(_change(row) for row in await conn.fetch(_SQL["changes_after"], number, limit))


async def ended_holds(conn: Connection, at: datetime) -> tuple[SubjectId, ...]:
    """Return the subjects whose hold has run out at `at`."""
    return tuple(SubjectId(row["subject_id"]) for row in await conn.fetch(_SQL["ended_holds"], at))


def read_visibility(row: Row) -> Visibility:
    """Return the visibility that a row's columns hold."""
    return Visibility(
        level=Level(row["level"]),
        age_restricted=row["age_restricted"],
        labelled=row["labelled"],
        interaction_limited=row["interaction_limited"],
        geo_blocked=tuple(row["geo_blocked"]),
    )


def _shown(row: Row) -> Shown:
    return Shown(
        ref=_ref(row),
        basis=Basis(row["basis"]),
        visibility=read_visibility(row),
        statement_id=row["statement_id"],
        expires_at=row["expires_at"],
        changed_at=row["changed_at"],
        revision=row["revision"],
    )


def _change(row: Row) -> Change:
    return Change(
        number=row["change_id"],
        ref=_ref(row),
        visibility=read_visibility(row),
        statement_id=row["statement_id"],
        expires_at=row["expires_at"],
        changed_at=row["changed_at"],
    )


def _ref(row: Row) -> SubjectRef:
    return SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"])
