"""Strikes against accounts, as the fold of what was disclosed."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from underseal.core.decision import DecisionId
from underseal.core.strike import Strike, StrikeVoided
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("strikes")


async def issue_strikes(
    conn: Connection, strikes: Sequence[Strike], creators: Sequence[SubjectId]
) -> None:
    """Issue strikes against accounts, by position; one that was issued stays as it is."""
    await conn.execute(
        _SQL["issue_strikes"],
        [strike.decision_id for strike in strikes],
        creators,
        [strike.guideline for strike in strikes],
        [strike.weight for strike in strikes],
        [strike.issued_on for strike in strikes],
        [strike.expires_on for strike in strikes],
    )


async def void_strikes(conn: Connection, voided: Sequence[StrikeVoided]) -> frozenset[DecisionId]:
    """Void the strikes of overturned decisions, and return those decisions that had one."""
    rows = await conn.fetch(
        _SQL["void_strikes"],
        [each.decision_id for each in voided],
        [each.voided_by for each in voided],
    )
    return frozenset(DecisionId(row["decision_id"]) for row in rows)


async def strikes_of(conn: Connection, creator_id: SubjectId) -> tuple[Strike, ...]:
    """Return all strikes of an account, in any order."""
    return tuple(
        Strike(
            decision_id=row["decision_id"],
            guideline=row["guideline"],
            weight=row["weight"],
            issued_on=row["issued_on"],
            expires_on=row["expires_on"],
            voided_by=row["voided_by"],
        )
        for row in await conn.fetch(_SQL["strikes_of"], creator_id)
    )


async def is_struck(conn: Connection, creator_id: SubjectId | None, on: date) -> bool:
    """Return whether an account has a strike that counts on a day, and has not been voided since."""
    return bool(await conn.fetchval(_SQL["is_struck"], creator_id, on))
