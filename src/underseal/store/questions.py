"""Questions between colleagues about a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.person import Person
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("questions")

QuestionId = NewType("QuestionId", UUID)

SHOWN_MAX: Final = 100
"""Questions that are listed for somebody. A limit of ours."""

COLLEAGUES_MAX: Final = 1_000
"""Colleagues that are listed. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as colleagues read it: `to` is a name or a role; `answer` comes with `by`."""

    question_id: QuestionId
    case_id: CaseId
    subject: SubjectRef
    asked_by: str
    asked_at: datetime
    to: str
    body: str
    answer: str | None
    by: str | None


async def add_question(
    conn: Connection,
    question_id: UUID,
    case_id: CaseId,
    body: str,
    *,
    by: PrincipalId,
    to: PrincipalId | ModeratorRole,
    at: datetime,
) -> None:
    """Put a question to a colleague, or to whoever of a role answers first."""
    person, role = (None, to) if isinstance(to, ModeratorRole) else (to, None)
    await conn.execute(_SQL["add_question"], question_id, case_id, by, at, person, role, body)


async def answer(
    conn: Connection, question_id: QuestionId, by: Person, body: str, at: datetime
) -> bool:
    """Answer a question; return False if it is not put to them, or has an answer."""
    found = await conn.fetchval(_SQL["answer"], question_id, by.principal_id, by.role, body, at)
    return found is not None


async def on_case(conn: Connection, case_id: CaseId) -> tuple[Question, ...]:
    """Return what was asked about a case, the oldest first."""
    return tuple(map(_question, await conn.fetch(_SQL["on_case"], case_id)))


async def put_to(
    conn: Connection, person: Person, own: Sequence[SubjectId]
) -> tuple[Question, ...]:
    """Return the open questions that somebody, whose accounts are `own`, can answer."""
    rows = await conn.fetch(_SQL["put_to"], person.principal_id, person.role, SHOWN_MAX, own)
    return tuple(map(_question, rows))


async def asked_by(conn: Connection, person: Person) -> tuple[Question, ...]:
    """Return what somebody has asked, the newest first."""
    rows = await conn.fetch(_SQL["asked_by"], person.principal_id, SHOWN_MAX)
    return tuple(map(_question, rows))


async def colleagues(conn: Connection, person: Person) -> tuple[Person, ...]:
    """Return who can be asked by somebody, by name."""
    rows = await conn.fetch(_SQL["colleagues"], person.principal_id, COLLEAGUES_MAX)
    return tuple(
        Person(
            principal_id=PrincipalId(row["principal_id"]),
            name=row["name"],
            role=ModeratorRole(row["role"]),
        )
        for row in rows
    )


def _question(row: Row) -> Question:
    return Question(
        question_id=row["question_id"],
        case_id=row["case_id"],
        subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
        asked_by=row["asked_by_name"],
        asked_at=row["asked_at"],
        to=row["to_name"] or f"any {row['to_role']}",
        body=row["body"],
        answer=row["answer"],
        by=row["answered_by_name"],
    )
