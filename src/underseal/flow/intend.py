"""What a decision leads to is intended: it takes place at its tick, with its statement.

What nobody has seen yet, and what cannot wait, takes place at once.

Invariants:
    The ledger dates what was decided, and nothing that a report may have brought about before that.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from underseal.core.ledger import EventKind
from underseal.core.subject import SubjectId
from underseal.flow.disclose import disclose_now
from underseal.flow.system import System
from underseal.store import effects, ledger, statements
from underseal.store.connection import Connection
from underseal.store.effects import Effect
from underseal.store.statements import StoredStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """An effect, and the statement that goes with it."""

    effect: Effect
    statement: StoredStatement | None


async def intend(
    conn: Connection, system: System, intention: Intention, now: datetime, *, at_once: bool
) -> None:
    """Intend an effect instead of the one that the subject waits for; its chain is locked."""
    effect, statement = intention.effect, intention.statement
    if statement is not None:
        await statements.add_statement(conn, statement)
    await withdraw(conn, effect.subject_id)
    await effects.add_effect(conn, effect, now.date())
    await ledger.append(
        conn,
        effect.subject_id,
        EventKind.EFFECT_INTENDED,
        {
            "effect": str(effect.effect_id),
            "on": None if effect.decision_id is None else now.date().isoformat(),
            "round": effect.round,
            "cause": effect.cause,
            "level": effect.visibility.level,
            "guideline": effect.guideline,
            "disclosure": effect.disclosure,
            "decision": _name(effect.decision_id),
            "statement": _name(effect.statement_id),
        },
    )
    if at_once:
        await disclose_now(conn, system, effect.subject_id, now)


async def withdraw(conn: Connection, subject_id: SubjectId) -> None:
    """Give up what the subject waits for; its chain is locked."""
    withdrawn = await effects.withdraw_effect(conn, subject_id)
    if withdrawn is None:
        return
    await ledger.append(
        conn,
        subject_id,
        EventKind.EFFECT_WITHDRAWN,
        {
            "effect": str(withdrawn.effect_id),
            "cause": withdrawn.cause,
        },
    )


def _name(of: UUID | None) -> str | None:
    return None if of is None else str(of)
