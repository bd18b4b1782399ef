"""What the platform is told of a subject: what has been disclosed, and of any other that it is public.

It is read by the role of the database that sees nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from underseal.core.statement import StatementId
from underseal.core.subject import SubjectRef
from underseal.core.visibility import PUBLIC, Visibility
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.store.visibility import Change, Shown, changes_after, load_visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityAnswer:
    """What holds for a subject; a subject that nobody has told of is public."""

    subject: SubjectRef
    visibility: Visibility
    statement_id: StatementId | None
    expires_at: datetime | None
    changed_at: datetime | None


async def read_visibility(
    db: Database, asked: Sequence[SubjectRef]
) -> tuple[VisibilityAnswer, ...]:
    """Return what holds for each subject, in the order asked."""
    async with db.transaction(Role.CREATOR) as conn:
        shown = await load_visibility(conn, [ref.subject_id for ref in asked])
    return tuple(_answer(ref, shown.get(ref.subject_id)) for ref in asked)


async def read_changes(db: Database, after: int, limit: int) -> tuple[Change, ...]:
    """Return up to `limit` changes after the one with number `after`, none of them missed."""
    async with db.transaction(Role.CREATOR) as conn:
        return await changes_after(conn, after, limit)


def _answer(ref: SubjectRef, shown: Shown | None) -> VisibilityAnswer:
    return VisibilityAnswer(
        subject=ref,
        visibility=PUBLIC if shown is None else shown.visibility,
        statement_id=None if shown is None else shown.statement_id,
        expires_at=None if shown is None else shown.expires_at,
        changed_at=None if shown is None else shown.changed_at,
    )
