"""Everything back: what showed without a decision, or because of one that was overturned.

Reach comes back with the visibility: a platform recommends what is public. Strikes are taken back
when the creator is told (`flow.strike`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from underseal.core.appeal import Appeal, Undo, to_undo
from underseal.core.decision import Decision
from underseal.core.guideline import DisclosureClass, Guidelines
from underseal.core.statement import Statement, StatementId, StatementKind
from underseal.core.visibility import Visibility
from underseal.flow.credit import credit_reporters, reverse_credit
from underseal.flow.intend import Intention, intend
from underseal.flow.standing import standing
from underseal.flow.system import System
from underseal.store import effects, known, visibility
from underseal.store.connection import Connection
from underseal.store.effects import Effect, EffectCause
from underseal.store.statements import StoredStatement
from underseal.store.subjects import Subject
from underseal.store.visibility import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstatement:
    """What stands once nothing undecided shows any more, and the statement that says so.

    Nobody is told of what was only kept back before its publication: it `is_unpublished`.
    """

    visibility: Visibility
    statement: StoredStatement | None
    is_unpublished: bool


async def reinstate(
    conn: Connection,
    system: System,
    subject: Subject,
    decision: Decision,
    now: datetime,
) -> None:
    """Intend that what shows beyond the decisions on a subject ends, at the next tick.

    What was kept back before its publication is shown at once, and nobody is told of it.
    """
    plan = await plan_reinstatement(conn, system, subject, decision)
    if plan is None:
        return
    effect = Effect(
        effect_id=system.new_id(),
        subject_id=subject.subject_id,
        round=subject.round,
        cause=EffectCause.REINSTATEMENT,
        visibility=plan.visibility,
        guideline=None,
        disclosure=DisclosureClass.TICK,
        from_window=await effects.window_of(conn, subject.subject_id, now),
        decision_id=decision.id,
        statement_id=None if plan.statement is None else plan.statement.statement.id,
    )
    intention = Intention(effect=effect, statement=plan.statement)
    await intend(conn, system, intention, now, at_once=plan.is_unpublished)


async def plan_reinstatement(
    conn: Connection, system: System, subject: Subject, decision: Decision
) -> Reinstatement | None:
    """Return what a decision that nothing was found leads to; None if nothing is to be undone."""
    subject_id = subject.subject_id
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    stands = await standing(conn, subject_id)
    if shown is None or shown.visibility == stands.visibility:
        return None
    is_unpublished = shown.basis is Basis.SCAN
    statement = None
    if not is_unpublished or stands.visibility.is_restricted:
        statement = _statement(system, subject, stands.visibility, decision)
    return Reinstatement(
        visibility=stands.visibility, statement=statement, is_unpublished=is_unpublished
    )


async def undo(
    conn: Connection,
    guidelines: Guidelines,
    appeal: Appeal,
    *,
    overturned: Decision,
    by: Decision,
    on: date,
) -> None:
    """Take back what an overturned decision gave, and give what the new one says; chain locked."""
    steps = to_undo(appeal)
    if Undo.CREDIT in steps:
        await reverse_credit(conn, overturned.subject_id, overturned.id, by.id, on)
        # The reports that the new finding is about are those of the round first decided.
        await credit_reporters(conn, guidelines, replace(by, round=overturned.round), on)
    if Undo.KNOWN_CONTENT in steps:
        await known.retire_known(conn, overturned.id, on)


def _statement(
    system: System, subject: Subject, stands: Visibility, decision: Decision
) -> StoredStatement:
    return StoredStatement(
        statement=Statement(
            id=StatementId(system.new_id()),
            subject=subject.ref,
            kind=StatementKind.REINSTATEMENT,
            visibility=stands,
            guideline=None,
            automated_detection=False,
            automated_decision=decision.automation,
        ),
        subject_id=subject.subject_id,
        creator_id=subject.creator_id,
        decision_id=decision.id,
    )
