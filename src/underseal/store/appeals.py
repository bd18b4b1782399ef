"""Appeals as they were lodged; who lodges them does so by `store.creator`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from underseal.core.appeal import Appeal, AppealId
from underseal.core.decision import DecisionId
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("appeals")


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgedAppeal:
    """An appeal that waits to be heard."""

    appeal_id: AppealId
    decision_id: DecisionId
    subject_id: SubjectId


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
        judged_by=row["decided_by"],
        lodged_at=row["lodged_at"],
        explanation=row["grounds"],
    )


async def appeals_against(
    conn: Connection, decision_ids: Sequence[DecisionId]
) -> Mapping[DecisionId, AppealId]:
    """Return the appeals against those of the decisions that have one."""
    rows = await conn.fetch(_SQL["appeals_against"], decision_ids)
    return {DecisionId(row["decision_id"]): AppealId(row["appeal_id"]) for row in rows}
