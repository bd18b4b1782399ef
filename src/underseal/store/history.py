"""What was decided elsewhere that bears on a case: on its copies, and on its creator's subjects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("history")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedElsewhere:
    """A decision on another subject; `is_overturned` if an appeal changed it."""

    subject: SubjectRef
    outcome: Outcome
    guideline: GuidelineId | None
    decided_on: date
    is_overturned: bool


async def on_copies(
    conn: Connection,
    subject_id: SubjectId,
    version: int,
    known_items: Sequence[UUID],
    most: int,
) -> tuple[DecidedElsewhere, ...]:
    """Return decisions on subjects with the same media, or that `known_items` came from."""
    return _decided(await conn.fetch(_SQL["on_copies"], subject_id, version, known_items, most))


async def of_creator(
    conn: Connection, creator_id: SubjectId, subject_id: SubjectId, most: int
) -> tuple[DecidedElsewhere, ...]:
    """Return decisions on an account and all that belongs to it, but for one subject."""
    return _decided(await conn.fetch(_SQL["of_creator"], creator_id, subject_id, most))


def _decided(rows: Iterable[Row]) -> tuple[DecidedElsewhere, ...]:
    return tuple(
        DecidedElsewhere(
            subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            outcome=Outcome(row["outcome"]),
            guideline=row["guideline"],
            decided_on=row["decided_at"].date(),
            is_overturned=row["is_overturned"],
        )
        for row in rows
    )
