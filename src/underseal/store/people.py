"""People who moderate, and their sessions; of a session's token there is only the hash."""

from datetime import datetime
from typing import Final

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.person import Person
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("people")


async def add_session(
    conn: Connection, token_sha256: bytes, principal_id: PrincipalId, now: datetime
) -> None:
    """Keep that a person has signed in."""
    await conn.execute(_SQL["add_session"], token_sha256, principal_id, now)


async def use_session(
    conn: Connection,
    token_sha256: bytes,
    now: datetime,
    *,
    opened_after: datetime,
    used_after: datetime,
) -> Person | None:
    """Return whose session it is, if it was opened and last used after these times."""
    row = await conn.fetchrow(_SQL["use_session"], token_sha256, now, opened_after, used_after)
    if row is None:
        return None
    return Person(
        principal_id=PrincipalId(row["principal_id"]),
        name=row["name"],
        role=ModeratorRole(row["role"]),
    )


async def end_session(conn: Connection, token_sha256: bytes) -> None:
    """Forget a session."""
    await conn.execute(_SQL["end_session"], token_sha256)
