"""What ends by itself: holds that nobody decided in time, leases, what was kept for some days only.

A strike ends by its date, and nothing need be done about it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from underseal.core.guideline import DisclosureClass, Severity
from underseal.core.hold import Expiry, Hold, HoldState, expire
from underseal.core.ledger import EventKind, rfc3339
from underseal.core.message import IncidentRaised
from underseal.core.statement import Statement, StatementId
from underseal.flow.answer_once import ANSWER_KEPT
from underseal.flow.disclose import send
from underseal.flow.intend import Intention, intend
from underseal.flow.standing import both, standing
from underseal.flow.system import System
from underseal.store import cases, effects, incidents, ledger, statements
from underseal.store.connection import Connection
from underseal.store.effects import Effect, EffectCause
from underseal.store.incidents import IncidentId
from underseal.store.kept_answers import forget_answers
from underseal.store.roles import Role
from underseal.store.subjects import Subject
from underseal.store.visibility import Shown

DUTIES_AT_ONCE: Final = 10_000
"""Cases that become duties in one go, before anybody waits for one. A limit of ours."""

DATES_KEPT: Final = timedelta(days=100)
"""So long the day on which a case was opened outlives the case: what is counted by it looks no
further back (`flow.figures.Period`, `core.transparency`). A setting: see ADR 0014."""


async def sweep(system: System, now: datetime) -> None:
    """Queue cases again whose moderator has gone, begin duties, forget old answers and old dates."""
    async with system.db.transaction(Role.CORE) as conn:
        await cases.return_lost_leases(conn, now)
        await cases.begin_duties(conn, now, DUTIES_AT_ONCE)
        await forget_answers(conn, now - ANSWER_KEPT)
        await cases.forget_dates(conn, now - DATES_KEPT)


async def expire_hold(
    conn: Connection, system: System, subject: Subject, shown: Shown, tick: datetime
) -> None:
    """Intend what follows when nobody has decided in time; the chain is locked.

    The hold becomes less reach, the case stays open, and an incident says so.
    """
    assert shown.statement_id is not None, "what is held by an effect has a statement"
    held = (await statements.load_statements(conn, [shown.statement_id]))[shown.statement_id]
    expiry = _expiry(system, subject, held.statement, shown, tick)
    stands = await standing(conn, subject.subject_id)
    statement = replace(
        held.statement, id=StatementId(system.new_id()), visibility=expiry.visibility
    )
    effect = Effect(
        effect_id=system.new_id(),
        subject_id=subject.subject_id,
        round=subject.round,
        cause=EffectCause.EXPIRY,
        visibility=both(stands.visibility, expiry.visibility),
        guideline=expiry.hold.guideline,
        disclosure=DisclosureClass.TICK,
        from_window=await effects.window_of(conn, subject.subject_id, tick),
        statement_id=statement.id,
    )
    intention = Intention(effect=effect, statement=replace(held, statement=statement))
    await intend(conn, system, intention, tick, at_once=False)
    await ledger.append(conn, subject.subject_id, EventKind.HOLD_EXPIRED, {"at": rfc3339(tick)})
    await incidents.raise_incidents(
        conn,
        expiry.incident,
        [(IncidentId(system.new_id()), subject.subject_id)],
        "nobody decided before the hold ran out",
        tick,
    )
    await send(conn, system, [IncidentRaised(subject=subject.ref, kind=expiry.incident)], tick)


def _expiry(
    system: System, subject: Subject, statement: Statement, shown: Shown, tick: datetime
) -> Expiry:
    quoted = statement.guideline
    assert quoted is not None, "the statement of a hold names a guideline"
    guideline = system.guidelines.by_id.get(quoted.id)
    hold = Hold(
        subject_id=subject.subject_id,
        round=subject.round,
        guideline=quoted.id,
        # The guideline may be gone since; how grave it was makes no difference to the end.
        severity=Severity.GRAVE if guideline is None else guideline.severity,
        intended_at=shown.changed_at,
        state=HoldState.IN_FORCE,
        since_tick=shown.changed_at,
        expires_at=shown.expires_at,
    )
    return expire(hold, shown.visibility, tick)
