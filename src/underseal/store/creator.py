"""What creators reach: statements that were disclosed to them, strikes, and their appeals.

The database role that asks these has no right on anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from underseal.core.appeal import AppealId, AppealState
from underseal.core.decision import DecisionId
from underseal.core.guideline import GuidelineId
from underseal.core.statement import Statement, StatementId, inform
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("creator")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedStatement:
    """A statement as its creator reads it. `decision_id` is None while a case is undecided."""

    statement: Statement
    decision_id: DecisionId | None
    disclosed_at: datetime
    appeal_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorStrike:
    """A strike as its creator sees it: it counts up to, but not on, `expires_on`."""

    guideline: GuidelineId
    weight: int
    issued_on: date
    expires_on: date
    is_voided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorAppeal:
    """An appeal as its creator sees it; `reasons` and `decided_at` come with the answer."""

    appeal_id: AppealId
    statement_id: StatementId
    grounds: str
    lodged_at: datetime
    state: AppealState
    reasons: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the list of statements: that of the last one seen."""

    disclosed_at: datetime
    statement_id: StatementId


async def statements_of(
    conn: Connection, creator: SubjectId, after: Place | None, limit: int
) -> Sequence[DisclosedStatement]:
    """Return up to `limit` statements of a creator, the newest first."""
    rows = await conn.fetch(
        _SQL["statements"],
        creator,
        after.disclosed_at if after else None,
        after.statement_id if after else None,
        limit,
    )
    return tuple(map(_statement, rows))


async def statement_of(
    conn: Connection, creator: SubjectId, statement_id: StatementId
) -> DisclosedStatement | None:
    """Return a statement of a creator; those of others do not exist for them."""
    row = await conn.fetchrow(_SQL["statement"], creator, statement_id)
    return None if row is None else _statement(row)


async def strikes_of(conn: Connection, creator: SubjectId) -> Sequence[CreatorStrike]:
    """Return the strikes of a creator, the oldest first."""
    return tuple(
        CreatorStrike(
            guideline=row["guideline"],
            weight=row["weight"],
            issued_on=row["issued_on"],
            expires_on=row["expires_on"],
            is_voided=row["is_voided"],
        )
        for row in await conn.fetch(_SQL["strikes"], creator)
    )


async def appeals_of(conn: Connection, creator: SubjectId) -> Sequence[CreatorAppeal]:
    """Return the appeals of a creator, the newest first."""
    return tuple(
        CreatorAppeal(
            appeal_id=row["appeal_id"],
            statement_id=row["statement_id"],
            grounds=row["grounds"],
            lodged_at=row["lodged_at"],
            state=AppealState(row["state"]),
            reasons=row["reasons"],
            decided_at=row["decided_at"],
        )
        for row in await conn.fetch(_SQL["appeals"], creator)
    )


async def is_appealed(conn: Connection, statement_id: StatementId) -> bool:
    """Return whether there is an appeal against what a statement explains."""
    return bool(await conn.fetchval(_SQL["is_appealed"], statement_id))


async def lodge(
    conn: Connection,
    appeal_id: AppealId,
    *,
    against: DisclosedStatement,
    creator: SubjectId,
    grounds: str,
    now: datetime,
) -> bool:
    """Lodge an appeal; return False if there was one already."""
    status = await conn.execute(
        _SQL["lodge"],
        appeal_id,
        against.statement.id,
        against.decision_id,
        creator,
        grounds,
        now,
    )
    return status == "INSERT 0 1"


def _statement(row: Row) -> DisclosedStatement:
    written = msgspec.convert(row["body"], Statement)
    return DisclosedStatement(
        statement=inform(written, row["disclosed_at"], row["expires_at"]),
        decision_id=row["decision_id"],
        disclosed_at=row["disclosed_at"],
        appeal_until=row["appeal_until"],
    )
