"""Appeals as they were lodged; who lodges them does so by `store.creator`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.appeal import Appeal, AppealId
from underseal.core.case import CaseState, ModeratorId
from underseal.core.decision import DecisionId, Outcome
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("appeals")


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgedAppeal:
    """An appeal that waits to be heard."""

    appeal_id: AppealId
    decision_id: DecisionId
    subject_id: SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAppeal:
    """An appeal that nobody has decided, and the decision it is against.

    `case_id`, `state` and `due_at` are None until a round was opened for it. `barred` are the
    names of those who may not decide, `not_for` their ids.
    """

    appeal_id: AppealId
    subject: SubjectRef
    outcome: Outcome
    guideline: GuidelineId | None
    decided_at: datetime
    lodged_at: datetime
    case_id: CaseId | None
    state: CaseState | None
    due_at: datetime | None
    holder: str | None
    barred: tuple[str, ...]
    not_for: tuple[ModeratorId, ...]


async def waiting_appeals(conn: Connection, limit: int) -> tuple[WaitingAppeal, ...]:
    """Return up to `limit` appeals that wait, the one that is due first at the top."""
    return tuple(
        WaitingAppeal(
            appeal_id=row["appeal_id"],
            subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            outcome=Outcome(row["outcome"]),
            guideline=row["guideline"],
            decided_at=row["decided_at"],
            lodged_at=row["lodged_at"],
            case_id=row["case_id"],
            state=row["state"] and CaseState(row["state"]),
            due_at=row["due_at"],
            holder=row["holder"],
            barred=tuple(row["barred"]),
            not_for=tuple(row["not_for"] or ()),
        )
        for row in await conn.fetch(_SQL["waiting_appeals"], limit)
    )


async def lodged_appeals(conn: Connection, limit: int) -> tuple[LodgedAppeal, ...]:
    """Return up to `limit` appeals that have no case yet, the oldest first."""
    return tuple(
        LodgedAppeal(
            appeal_id=row["appeal_id"],
            decision_id=row["decision_id"],
            subject_id=row["subject_id"],
        )
        for row in await conn.fetch(_SQL["lodged_appeals"], limit)
    )


async def appeal_against(conn: Connection, decision_id: DecisionId) -> Appeal | None:
    """Return the appeal against a decision, as it was lodged."""
    row = await conn.fetchrow(_SQL["appeal_against"], decision_id)
    if row is None:
        return None
    return Appeal(
        id=row["appeal_id"],
        decision_id=row["decision_id"],
        judged_by=tuple(row["deciders"]),
        lodged_at=row["lodged_at"],
        explanation=row["grounds"],
    )


async def appeals_against(
    conn: Connection, decision_ids: Sequence[DecisionId]
) -> Mapping[DecisionId, AppealId]:
    """Return the appeals against those of the decisions that have one."""
    rows = await conn.fetch(_SQL["appeals_against"], decision_ids)
    return {DecisionId(row["decision_id"]): AppealId(row["appeal_id"]) for row in rows}
