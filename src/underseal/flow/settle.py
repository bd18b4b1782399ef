"""What follows from a decision, whoever took it: all of it in the transaction of the decision.

Invariants:
    A decision ends its round, with a commitment to every report of it.
    Where nothing is broken and nothing was to be seen, nothing is to be seen.
    A restriction is intended together with its statement.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.appeal import Appeal
from underseal.core.case import CaseState
from underseal.core.decision import Decision, Outcome
from underseal.core.guideline import DisclosureClass, Guideline
from underseal.core.ledger import EventKind, rfc3339
from underseal.core.statement import GuidelineQuote, Statement, StatementId, StatementKind, quote
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.visibility import Level
from underseal.flow.credit import credit_reporters
from underseal.flow.end_round import end_round
from underseal.flow.intend import Intention, intend, withdraw
from underseal.flow.reinstate import reinstate, undo
from underseal.flow.standing import standing
from underseal.flow.system import System
from underseal.store import cases, decisions, effects, incidents, known, ledger, visibility
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.decisions import StoredDecision
from underseal.store.effects import Effect, EffectCause
from underseal.store.known import KnownItem
from underseal.store.ledger import Commitment
from underseal.store.statements import StoredStatement
from underseal.store.subjects import Subject
from underseal.store.visibility import Basis, Shown

_urgency = tuple(DisclosureClass).index

HASH_QUALITY_MIN: Final = 50
"""Frames below it match everything. Source: the PDQ reference implementation's advice."""

REMOVED_LIST: Final = "removed"
"""The list of known content that removals make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAppeal:
    """An appeal as decided, and the decision it was against."""

    appeal: Appeal
    first: StoredDecision

    def overturned_by(self, decision: Decision) -> bool:
        """Whether the appeal was granted, wholly or in part."""
        return decision.verdict.outcome is not self.first.decision.verdict.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A decision with what explains it.

    `guideline` is the broken one. `observed` are numbers of its examples, `moments_ms` stretches
    of the video. `case_id` is None where nobody had opened a case.
    """

    taken: StoredDecision
    guideline: Guideline | None
    case_id: CaseId | None
    on_appeal: OnAppeal | None = None
    observed: tuple[int, ...] = ()
    moments_ms: tuple[tuple[int, int], ...] = ()
    automated_detection: bool = False


async def settle(
    conn: Connection, system: System, subject: Subject, judgement: Judgement, now: datetime
) -> None:
    """Record a decision and set in motion what follows; chain, case and subject are locked."""
    taken, on_appeal = judgement.taken, judgement.on_appeal
    decision = taken.decision
    await decisions.add_decision(conn, taken)
    commitment = await end_round(conn, subject, decision.round, now.date())
    await _record(conn, taken, commitment)
    if judgement.case_id is not None:
        await cases.end_case(conn, judgement.case_id, CaseState.DECIDED, now)
    await incidents.close_incidents(conn, subject.subject_id, now)
    if on_appeal is None:
        await credit_reporters(conn, system.guidelines, decision, now.date())
        await _remember_content(conn, system, subject, judgement, now)
    else:
        await undo(
            conn,
            system.guidelines,
            on_appeal.appeal,
            overturned=on_appeal.first.decision,
            by=decision,
            on=now.date(),
        )
    if on_appeal is None and judgement.guideline is None:
        await _clear(conn, system, subject, decision, now)
    else:
        await _restrict(conn, system, subject, judgement, now)


async def _record(conn: Connection, taken: StoredDecision, commitment: Commitment) -> None:
    decision = taken.decision
    await ledger.append(
        conn,
        decision.subject_id,
        EventKind.DECIDED if taken.reviews is None else EventKind.APPEAL_DECIDED,
        {
            "decision": str(decision.id),
            "round": decision.round,
            "version": taken.version,
            "kind": taken.kind,
            "outcome": decision.verdict.outcome,
            "guideline": decision.verdict.guideline,
            "guidelines_version": decision.guidelines_version,
            "finding": decision.verdict.finding,
            "automation": decision.automation,
            "by": None if decision.decided_by is None else str(decision.decided_by),
            "confirmed_by": None if decision.confirmed_by is None else str(decision.confirmed_by),
            "reviews": None if taken.reviews is None else str(taken.reviews),
            "at": rfc3339(decision.decided_at),
            "commitment": dict(commitment.payload),
        },
    )


async def _remember_content(
    conn: Connection, system: System, subject: Subject, judgement: Judgement, now: datetime
) -> None:
    """Let machines recognise a removed video; what a human verified, where that is allowed."""
    decision, guideline = judgement.taken.decision, judgement.guideline
    is_removal = decision.verdict.outcome is Outcome.REMOVE
    if guideline is None or not is_removal or subject.ref.kind is not SubjectKind.VIDEO:
        return
    hashes = await known.hashes_of_version(
        conn, subject.subject_id, judgement.taken.version, HASH_QUALITY_MIN
    )
    if hashes:
        item = KnownItem(
            item_id=system.new_id(),
            list_name=REMOVED_LIST,
            guideline=guideline.id,
            verified=guideline.remove_known_content and decision.decided_by is not None,
            hashes=tuple(hashes),
        )
        await known.add_known(conn, item, decision.id, now.date())


async def _clear(
    conn: Connection, system: System, subject: Subject, decision: Decision, now: datetime
) -> None:
    """Nothing is broken: what was only suspected ends; what was decided before stands."""
    waiting = await effects.intended_effect(conn, subject.subject_id)
    if waiting is None or waiting.decision_id is None:
        await withdraw(conn, subject.subject_id)
        await reinstate(conn, system, subject, decision, now)


async def _restrict(
    conn: Connection, system: System, subject: Subject, judgement: Judgement, now: datetime
) -> None:
    """Intend what the decisions add up to now, with the statement of this one."""
    subject_id, decision = subject.subject_id, judgement.taken.decision
    on_appeal = judgement.on_appeal
    is_overturned = on_appeal is not None and on_appeal.overturned_by(decision)
    statement = await write_statement(conn, system, subject, judgement)
    window = await effects.window_of(conn, subject_id, now)
    disclosure, from_window = await pace(conn, subject_id, judgement, window)
    effect = Effect(
        effect_id=system.new_id(),
        subject_id=subject_id,
        round=decision.round,
        cause=EffectCause.REINSTATEMENT if is_overturned else EffectCause.DECISION,
        visibility=(await standing(conn, subject_id)).visibility,
        guideline=decision.verdict.guideline,
        disclosure=disclosure,
        from_window=from_window,
        decision_id=decision.id,
        statement_id=statement.statement.id,
    )
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    at_once = is_unseen(shown, judgement) or disclosure is DisclosureClass.AT_ONCE
    await intend(conn, system, Intention(effect=effect, statement=statement), now, at_once=at_once)


def is_unseen(shown: Shown | None, judgement: Judgement) -> bool:
    """Whether nobody has seen the version, so that there is no audience to hide from.

    An appeal is about an older version.
    """
    return shown is not None and shown.basis is Basis.SCAN and judgement.on_appeal is None


async def pace(
    conn: Connection, subject_id: SubjectId, judgement: Judgement, window: int
) -> tuple[DisclosureClass, int]:
    """Return when the effect may be noticed: an appeal's at a tick, else as the guideline says.

    What is held is decided about at the next tick.

    Where an earlier decision still waits to be noticed, both are told together: as soon as the
    more urgent one, but an appeal not before the window that the other one waits for.
    """
    waiting = await effects.intended_effect(conn, subject_id)
    earlier = waiting if waiting is not None and waiting.decision_id is not None else None
    if judgement.on_appeal is not None:
        if earlier is not None:
            return earlier.disclosure, earlier.from_window
        return DisclosureClass.TICK, window
    disclosure = (
        DisclosureClass.TICK if judgement.guideline is None else judgement.guideline.disclosure
    )
    if earlier is not None:
        disclosure = max(disclosure, earlier.disclosure, key=_urgency)
    if await _is_held(conn, subject_id):
        disclosure = max(disclosure, DisclosureClass.TICK, key=_urgency)
    return disclosure, window


async def _is_held(conn: Connection, subject_id: SubjectId) -> bool:
    """Whether nobody can watch: then no crowd gathers, and the hold has had its own before."""
    shown = (await visibility.load_visibility(conn, [subject_id])).get(subject_id)
    return shown is not None and shown.visibility.level is Level.HELD


async def write_statement(
    conn: Connection, system: System, subject: Subject, judgement: Judgement
) -> StoredStatement:
    """Return the statement that explains a restriction, or the decision on an appeal."""
    decision, on_appeal = judgement.taken.decision, judgement.on_appeal
    kind = _kind(judgement)
    quoted: GuidelineQuote | None = None
    after_notice = False
    if judgement.guideline is not None and kind is not StatementKind.APPEAL_REVERSED:
        quoted = quote(judgement.guideline, judgement.observed)
        round_ = decision.round if on_appeal is None else on_appeal.first.decision.round
        after_notice = judgement.guideline.illegal_notice and await decisions.has_notice(
            conn, subject.subject_id, round_, judgement.guideline.id
        )
    statement = Statement(
        id=StatementId(system.new_id()),
        subject=subject.ref,
        kind=kind,
        visibility=decision.visibility,
        guideline=quoted,
        automated_detection=judgement.automated_detection and quoted is not None,
        automated_decision=decision.automation,
        moments_ms=judgement.moments_ms if quoted is not None else (),
        after_notice=after_notice,
        reasons=judgement.taken.reasons if on_appeal is not None else None,
    )
    return StoredStatement(
        statement=statement,
        subject_id=subject.subject_id,
        creator_id=subject.creator_id,
        decision_id=decision.id,
    )


def _kind(judgement: Judgement) -> StatementKind:
    decision = judgement.taken.decision
    if judgement.on_appeal is not None:
        is_overturned = judgement.on_appeal.overturned_by(decision)
        return StatementKind.APPEAL_REVERSED if is_overturned else StatementKind.APPEAL_UPHELD
    if decision.verdict.outcome is Outcome.REMOVE:
        return StatementKind.REMOVAL
    return StatementKind.RESTRICTION
