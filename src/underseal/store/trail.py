"""The trail of one subject: its chain as it is stored, and what checkpoints know of it."""

from collections.abc import Sequence
from typing import Final

from underseal.core.subject import SubjectId
from underseal.store.audit import RawEvent
from underseal.store.cases import CaseId
from underseal.store.checkpoints import Checkpoint, Head, read_checkpoint, read_head
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("trail")


async def subject_of_case(conn: Connection, case_id: CaseId) -> SubjectId | None:
    """Return the subject that a case is about, if there is such a case."""
    subject_id: SubjectId | None = await conn.fetchval(_SQL["subject_of_case"], case_id)
    return subject_id


async def newest_case(conn: Connection, subject_id: SubjectId) -> CaseId | None:
    """Return the newest case about a subject, if there is one."""
    case_id: CaseId | None = await conn.fetchval(_SQL["newest_case"], subject_id)
    return case_id


async def chain_of(conn: Connection, subject_id: SubjectId) -> Sequence[RawEvent]:
    """Return all events of a subject as they are stored, in order."""
    return [
        RawEvent(
            seq=row["seq"],
            kind=row["kind"],
            body=row["body"],
            prev_hash=row["prev_hash"],
            hash=row["hash"],
        )
        for row in await conn.fetch(_SQL["chain"], subject_id)
    ]


async def head_of(conn: Connection, subject_id: SubjectId) -> Head | None:
    """Return where the chain of a subject should end."""
    row = await conn.fetchrow(_SQL["head"], subject_id)
    return None if row is None else read_head(row)


async def newest_checkpoints(conn: Connection) -> tuple[Checkpoint, ...]:
    """Return the newest checkpoint and the one before it, as far as there are any."""
    return tuple(read_checkpoint(row) for row in await conn.fetch(_SQL["newest_checkpoints"]))


async def head_in_checkpoint(conn: Connection, subject_id: SubjectId) -> tuple[int, Head] | None:
    """Return the newest checkpoint that has the subject's chain, and where the chain ended then."""
    row = await conn.fetchrow(_SQL["head_in_checkpoint"], subject_id)
    return None if row is None else (row["number"], read_head(row))
