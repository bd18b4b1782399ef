"""What a decision says of the reporters goes into their track records, and comes out again.

Both are folds of the decision: done twice they change nothing.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from underseal.core import track_record
from underseal.core.decision import Decision, DecisionId
from underseal.core.guideline import Guidelines
from underseal.core.ledger import EventKind
from underseal.core.subject import SubjectId
from underseal.store import dossier, ledger, records
from underseal.store.pool import Connection


async def credit_reporters(
    conn: Connection, guidelines: Guidelines, decision: Decision, on: date
) -> None:
    """Credit the reporters of the round that `decision` ended; the chain is locked."""
    reports = await dossier.creditable_reports(conn, decision.subject_id, decision.round)
    given = track_record.credits(decision, reports, guidelines, on)
    added = await _apply(conn, decision.id, given, takes_back=False, on=on)
    if added:
        await _record(conn, decision.subject_id, EventKind.CREDITED, decision.id, added)


async def charge_reporters(conn: Connection, decision_id: DecisionId, on: date) -> int:
    """Add what a confirmed charge says to the credits of its decision; the chain is locked.

    Returns how many it added to.
    """
    given = await records.credits_of_decision(conn, decision_id)
    day = max((on, *(credit.on for credit in given)))
    charged = [track_record.charged(credit, day) for credit in given]
    return await _apply(conn, decision_id, charged, takes_back=False, on=day)


async def reverse_credit(
    conn: Connection, subject_id: SubjectId, overturned: UUID, by: UUID, on: date
) -> None:
    """Take back what `overturned` gave, on account of the decision `by`; the chain is locked.

    Never before the day on which it was given: a clock may have been put back since.
    """
    given = await records.credits_of_decision(conn, overturned)
    day = max((on, *(credit.on for credit in given)))
    taken = [track_record.reversal(credit, by, day) for credit in given]
    added = await _apply(conn, by, taken, takes_back=True, on=day)
    if added:
        await _record(conn, subject_id, EventKind.CREDIT_REVERSED, by, added)


async def _apply(
    conn: Connection,
    decision_id: UUID,
    given: Sequence[track_record.Credit],
    *,
    takes_back: bool,
    on: date,
) -> int:
    """Fold those credits into the records that were not folded before; return how many."""
    if not given:
        return 0
    new = await records.add_credits(conn, decision_id, given, takes_back=takes_back, on=on)
    by_key: dict[records.RecordKey, list[track_record.Credit]] = {}
    for credit in new:
        by_key.setdefault((credit.pseudonym, credit.topic), []).append(credit)
    if by_key:
        locked = await records.lock_records(conn, list(by_key), on)
        await records.save_records(
            conn, {key: track_record.fold(locked[key], each, on) for key, each in by_key.items()}
        )
    return len(new)


async def _record(
    conn: Connection, subject_id: SubjectId, kind: EventKind, decision_id: UUID, credited: int
) -> None:
    """Write that credits were given; to whom stands in no event."""
    await ledger.append(conn, subject_id, kind, {"decision": str(decision_id), "credits": credited})
