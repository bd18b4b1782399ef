"""Holds in force, as those who can end them see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.case import CaseState
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldInForce:
    """A subject that is held since a tick, and until another one at the longest.

    `state` is that of the newest case about it.
    """

    subject: SubjectRef
    guideline: GuidelineId | None
    since: datetime
    expires_at: datetime
    case_id: CaseId | None
    state: CaseState


async def holds_in_force(conn: Connection, limit: int) -> tuple[HoldInForce, ...]:
    """Return up to `limit` holds, the one that runs out first at the top."""
    return tuple(
        HoldInForce(
            subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            guideline=row["guideline"],
            since=row["changed_at"],
            expires_at=row["expires_at"],
            case_id=row["case_id"],
            state=CaseState(row["state"]),
        )
        for row in await conn.fetch(_SQL["in_force"], limit)
    )
