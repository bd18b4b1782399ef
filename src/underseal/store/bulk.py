"""Cases that somebody chooses to decide together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from underseal.core.case import CaseKind, ModeratorId
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("bulk")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenCase:
    """A case that somebody has chosen; `is_free` says that they have it, or can have it."""

    case_id: CaseId
    kind: CaseKind
    subject: SubjectRef
    because: str
    guideline: GuidelineId | None
    caption: str
    level: Level
    is_free: bool


async def chosen_cases(
    conn: Connection,
    case_ids: Sequence[CaseId],
    moderator: ModeratorId,
    *,
    own: Sequence[SubjectId],
) -> tuple[ChosenCase, ...]:
    """Return cases in the order of the queue, but those about what is the moderator's `own`."""
    return tuple(
        ChosenCase(
            case_id=row["case_id"],
            kind=CaseKind(row["kind"]),
            subject=SubjectRef(
                kind=SubjectKind(row["subject_kind"]), external_id=row["external_id"]
            ),
            because=row["because"],
            guideline=row["guideline"],
            caption=row["caption"],
            level=Level.PUBLIC if row["level"] is None else Level(row["level"]),
            is_free=row["is_free"],
        )
        for row in await conn.fetch(_SQL["chosen"], case_ids, moderator, own)
    )


async def waiting_copies(
    conn: Connection,
    case_id: CaseId,
    moderator: ModeratorId,
    most: int,
    *,
    own: Sequence[SubjectId],
) -> tuple[CaseId, ...]:
    """Return a case with a copy of media, and those of the same bytes that wait for somebody."""
    rows = await conn.fetch(_SQL["copies"], case_id, moderator, own, most)
    return tuple(row["case_id"] for row in rows)
