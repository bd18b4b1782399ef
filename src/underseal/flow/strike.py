"""A removal that has been disclosed is a strike; a decision that overturns it takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from underseal.core.decision import Outcome
from underseal.core.guideline import Guidelines
from underseal.core.ledger import EventKind
from underseal.core.strike import Strike, StrikeVoided, issue
from underseal.core.subject import SubjectId
from underseal.flow.news import Told
from underseal.store import strikes
from underseal.store.connection import Connection
from underseal.store.ledger import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issued:
    subject_id: SubjectId
    creator_id: SubjectId
    strike: Strike


async def strike(
    conn: Connection, guidelines: Guidelines, told: Sequence[Told], on: date
) -> tuple[Entry, ...]:
    """Issue and void what follows from disclosed decisions, and return the events of it."""
    issued = [each for one in told if (each := _issued(one, guidelines, on))]
    await strikes.issue_strikes(
        conn, [each.strike for each in issued], [each.creator_id for each in issued]
    )
    voided = {
        one.first.id: StrikeVoided(decision_id=one.first.id, voided_by=one.decision.id)
        for one in told
        if one.first is not None and one.overturns
    }
    gone = await strikes.void_strikes(conn, list(voided.values()))
    subject_of = {one.first.id: one.stored.subject_id for one in told if one.first is not None}
    return (
        *(_struck(each) for each in issued),
        *(_unstruck(subject_of[each], voided[each]) for each in voided if each in gone),
    )


def _issued(told: Told, guidelines: Guidelines, on: date) -> _Issued | None:
    """The strike of a removal; an appeal never adds one."""
    verdict, creator_id = told.decision.verdict, told.stored.creator_id
    if told.first is not None or verdict.outcome is not Outcome.REMOVE or creator_id is None:
        return None
    guideline = guidelines.by_id.get(verdict.guideline) if verdict.guideline else None
    if guideline is None or guideline.strike_weight == 0:
        return None
    return _Issued(
        subject_id=told.stored.subject_id,
        creator_id=creator_id,
        strike=issue(told.decision.id, guideline.id, guideline.strike_weight, on),
    )


def _struck(issued: _Issued) -> Entry:
    return Entry(
        subject_id=issued.subject_id,
        kind=EventKind.STRUCK,
        payload={
            "decision": str(issued.strike.decision_id),
            "guideline": issued.strike.guideline,
            "weight": issued.strike.weight,
            "issued_on": issued.strike.issued_on.isoformat(),
            "expires_on": issued.strike.expires_on.isoformat(),
        },
    )


def _unstruck(subject_id: SubjectId, event: StrikeVoided) -> Entry:
    return Entry(
        subject_id=subject_id,
        kind=EventKind.STRIKE_VOIDED,
        payload={"decision": str(event.decision_id), "voided_by": str(event.voided_by)},
    )
