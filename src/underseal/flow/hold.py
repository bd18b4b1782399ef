"""What the evidence leads to before anybody has looked: a hold, or less reach, and its statement.

It takes place at its tick, or at once where nobody has seen the subject yet or nothing may wait.
"""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.decision import Automation
from underseal.core.effect import IntendedEffect
from underseal.core.evidence import Assessment
from underseal.core.guideline import DisclosureClass
from underseal.core.hold import HOLD_LENGTHS
from underseal.core.statement import Statement, StatementId, StatementKind, quote
from underseal.core.visibility import STRICTNESS, Level, Visibility
from underseal.flow.intend import Intention, intend
from underseal.flow.system import System
from underseal.store import effects
from underseal.store.effects import Effect, EffectCause
from underseal.store.pool import Connection
from underseal.store.statements import StoredStatement
from underseal.store.subjects import Subject

_SOONEST_LAST: Final = tuple(DisclosureClass)


async def intend_effect(
    conn: Connection,
    system: System,
    subject: Subject,
    effect: IntendedEffect,
    *,
    assessment: Assessment,
    published: bool,
    now: datetime,
) -> None:
    """Intend an effect with its statement, unless what is intended already is no worse.

    The window that counts is that of the first intention: a report that comes later does not put
    the effect off.
    """
    is_hold = effect.level is Level.HELD
    if is_hold and await effects.was_held(conn, subject.subject_id, subject.round):
        return  # it ran out, and nobody has looked: see `core.hold`
    waiting = await effects.intended_effect(conn, subject.subject_id)
    guideline = system.guidelines.by_id[effect.guideline]
    if waiting is not None and not _gains(effect.level, guideline.disclosure, over=waiting):
        return
    statement = Statement(
        id=StatementId(system.new_id()),
        subject=subject.ref,
        kind=StatementKind.HOLD,
        visibility=Visibility(level=effect.level),
        guideline=quote(guideline),
        automated_detection=effect.by_machine,
        automated_decision=Automation.FULLY,
        after_notice=assessment.has_notice and guideline.illegal_notice,
    )
    window = await effects.window_of(conn, subject.subject_id, now)
    intended = Effect(
        effect_id=system.new_id(),
        subject_id=subject.subject_id,
        round=subject.round,
        cause=EffectCause.HOLD if is_hold else EffectCause.MEASURE,
        visibility=statement.visibility,
        guideline=effect.guideline,
        disclosure=guideline.disclosure,
        from_window=window if waiting is None else min(window, waiting.from_window),
        statement_id=statement.id,
        hold_hours=_hours(HOLD_LENGTHS[guideline.severity]) if is_hold else None,
    )
    stored = StoredStatement(
        statement=statement,
        subject_id=subject.subject_id,
        creator_id=subject.creator_id,
        decision_id=None,
    )
    at_once = not published or guideline.disclosure is DisclosureClass.AT_ONCE
    await intend(conn, system, Intention(effect=intended, statement=stored), now, at_once=at_once)


def _gains(level: Level, disclosure: DisclosureClass, *, over: Effect) -> bool:
    """Whether an effect is stricter than the one that waits and no later, or sooner and as strict."""
    stricter = STRICTNESS.index(level) - STRICTNESS.index(over.visibility.level)
    sooner = _SOONEST_LAST.index(disclosure) - _SOONEST_LAST.index(over.disclosure)
    return stricter >= 0 and sooner >= 0 and stricter + sooner > 0


def _hours(length: timedelta) -> int:
    return round(length / timedelta(hours=1))
