"""Statements of reasons as written, and their disclosure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from underseal.core.decision import DecisionId
from underseal.core.statement import Statement, StatementId
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("statements")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatement:
    """A statement, whom it is for, and the decision it explains.

    `creator_id` is None where nobody can be told; `decision_id` is None for a hold.
    """

    statement: Statement
    subject_id: SubjectId
    creator_id: SubjectId | None
    decision_id: DecisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A statement that can be read from now on, with the effect it came with."""

    statement_id: StatementId
    effect_id: UUID
    appeal_until: datetime | None


async def add_statement(conn: Connection, stored: StoredStatement) -> None:
    """Keep a statement that is not disclosed yet."""
    await conn.execute(
        _SQL["add_statement"],
        stored.statement.id,
        stored.subject_id,
        stored.creator_id,
        stored.decision_id,
        stored.statement,
    )


async def load_statements(
    conn: Connection, statement_ids: Sequence[StatementId]
) -> Mapping[StatementId, StoredStatement]:
    """Return statements as they were written, disclosed or not."""
    rows = await conn.fetch(_SQL["load_statements"], statement_ids)
    return {StatementId(row["statement_id"]): _stored(row) for row in rows}


async def overtaken_statements(
    conn: Connection, subject_ids: Sequence[SubjectId]
) -> tuple[StoredStatement, ...]:
    """Return the statements of decisions whose effect gave way to another before it took place."""
    rows = await conn.fetch(_SQL["overtaken_statements"], subject_ids)
    return tuple(_stored(row) for row in rows)


async def add_disclosures(
    conn: Connection, disclosures: Sequence[Disclosure], at: datetime
) -> frozenset[StatementId]:
    """Let statements be read from `at` on; return those that could not be before."""
    rows = await conn.fetch(
        _SQL["add_disclosures"],
        [each.statement_id for each in disclosures],
        [each.effect_id for each in disclosures],
        at,
        [each.appeal_until for each in disclosures],
    )
    return frozenset(StatementId(row["statement_id"]) for row in rows)


def _stored(row: Row) -> StoredStatement:
    return StoredStatement(
        statement=msgspec.convert(row["body"], Statement),
        subject_id=SubjectId(row["subject_id"]),
        creator_id=row["creator_id"],
        decision_id=row["decision_id"],
    )
