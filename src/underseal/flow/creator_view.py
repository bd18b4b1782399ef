"""What a creator sees: statements, strikes and appeals, once they were disclosed.

Invariants:
    It is read by a role of the database that has no right on anything else.
    A statement of somebody else's does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from underseal.core.statement import StatementId
from underseal.core.subject import SubjectId
from underseal.store import creator
from underseal.store.creator import CreatorAppeal, CreatorStrike, DisclosedStatement, Place
from underseal.store.pool import Database
from underseal.store.roles import Role


class UnknownStatementError(Exception):
    """The creator has no such statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorStanding:
    """What counts against an account on a day: the active strikes, and the sum of their weights."""

    points: int
    active: Sequence[CreatorStrike]
    past: Sequence[CreatorStrike]


async def read_statements(
    db: Database, account: SubjectId, after: Place | None, limit: int
) -> Sequence[DisclosedStatement]:
    """Return up to `limit` statements of an account, the newest first, from a place on."""
    async with db.transaction(Role.CREATOR) as conn:
        return await creator.statements_of(conn, account, after, limit)


async def read_statement(
    db: Database, account: SubjectId, statement_id: StatementId
) -> DisclosedStatement:
    """Return one statement of an account.

    Raises:
        UnknownStatementError: there is none, or it is somebody else's.
    """
    async with db.transaction(Role.CREATOR) as conn:
        found = await creator.statement_of(conn, account, statement_id)
    if found is None:
        raise UnknownStatementError
    return found


async def read_standing(db: Database, account: SubjectId, today: date) -> CreatorStanding:
    """Return what counts against an account."""
    async with db.transaction(Role.CREATOR) as conn:
        strikes = await creator.strikes_of(conn, account)
    active = [each for each in strikes if not each.is_voided and today < each.expires_on]
    return CreatorStanding(
        points=sum(each.weight for each in active),
        active=active,
        past=[each for each in strikes if each not in active],
    )


async def read_appeals(db: Database, account: SubjectId) -> Sequence[CreatorAppeal]:
    """Return the appeals of an account, the newest first."""
    async with db.transaction(Role.CREATOR) as conn:
        return await creator.appeals_of(conn, account)
