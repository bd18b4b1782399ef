"""Decisions: written once, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from underseal.core.decision import (
    VISIBILITY_OF,
    Automation,
    Decision,
    DecisionId,
    Finding,
    Outcome,
    Verdict,
)
from underseal.core.guideline import GuidelineId
from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("decisions")


class DecisionKind(StrEnum):
    """How a decision came about."""

    REVIEW = "review"
    APPEAL = "appeal"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision on a version of its subject; an appeal's `reviews` an earlier one.

    `reasons` are the moderator's words; only those on an appeal are ever shown.
    """

    decision: Decision
    version: int
    kind: DecisionKind
    reviews: DecisionId | None
    reasons: str


async def add_decision(conn: Connection, stored: StoredDecision) -> None:
    """Record a decision."""
    decision = stored.decision
    await conn.execute(
        _SQL["add_decision"],
        decision.id,
        decision.subject_id,
        decision.round,
        stored.version,
        stored.kind,
        decision.verdict.outcome,
        decision.verdict.guideline,
        decision.guidelines_version,
        decision.verdict.finding,
        decision.automation,
        decision.decided_by,
        decision.confirmed_by,
        stored.reviews,
        stored.reasons,
        decision.decided_at,
    )


async def load_decision(conn: Connection, decision_id: DecisionId) -> StoredDecision | None:
    """Return one decision."""
    row = await conn.fetchrow(_SQL["load_decision"], decision_id)
    return None if row is None else _stored(row)


async def load_decisions(
    conn: Connection, decision_ids: Sequence[DecisionId]
) -> Mapping[DecisionId, StoredDecision]:
    """Return several decisions by their ids."""
    rows = await conn.fetch(_SQL["decisions_by_id"], decision_ids)
    return {DecisionId(row["decision_id"]): _stored(row) for row in rows}


async def decisions_on(
    conn: Connection, subject_ids: Sequence[SubjectId]
) -> Mapping[SubjectId, Sequence[StoredDecision]]:
    """Return all decisions on subjects, the oldest first; nothing for those that have none."""
    taken: dict[SubjectId, list[StoredDecision]] = {}
    for row in await conn.fetch(_SQL["decisions_on"], subject_ids):
        taken.setdefault(SubjectId(row["subject_id"]), []).append(_stored(row))
    return taken


async def undisclosed(conn: Connection, subject_id: SubjectId) -> frozenset[DecisionId]:
    """Return the decisions on a subject whose statement was not disclosed yet."""
    rows = await conn.fetch(_SQL["undisclosed"], subject_id)
    return frozenset(DecisionId(row["decision_id"]) for row in rows)


async def has_notice(
    conn: Connection, subject_id: SubjectId, round_: int, guideline: GuidelineId
) -> bool:
    """Return whether a notice of illegality is among a round's reports for a guideline."""
    return bool(await conn.fetchval(_SQL["has_notice"], subject_id, round_, guideline))


async def statement_of(conn: Connection, decision_id: DecisionId) -> StatementId | None:
    """Return the statement that explains a decision."""
    found: StatementId | None = await conn.fetchval(_SQL["statement_of"], decision_id)
    return found


def _stored(row: Row) -> StoredDecision:
    outcome = Outcome(row["outcome"])
    return StoredDecision(
        decision=Decision(
            id=DecisionId(row["decision_id"]),
            subject_id=SubjectId(row["subject_id"]),
            round=row["round"],
            verdict=Verdict(
                outcome=outcome, guideline=row["guideline"], finding=Finding(row["finding"])
            ),
            visibility=VISIBILITY_OF[outcome],
            automation=Automation(row["automation"]),
            decided_by=row["decided_by"],
            confirmed_by=row["confirmed_by"],
            decided_at=row["decided_at"],
            guidelines_version=row["guidelines_version"],
        ),
        version=row["version"],
        kind=DecisionKind(row["kind"]),
        reviews=row["reviews"],
        reasons=row["reasons"],
    )
