"""Sessions of people who moderate: opened by signing in, ended by time, by them, or by dismissal."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.person import Person
from underseal.flow.system import System
from underseal.store import people
from underseal.store.people import Session
from underseal.store.pool import Connection
from underseal.store.roles import Role

TOKEN_BYTES: Final = 32

LONGEST: Final = timedelta(hours=12)
"""After that somebody signs in anew, as for a shift. Source: OWASP ASVS 5.0, 7.3 (a setting)."""

IDLE: Final = timedelta(hours=1)
"""So long a session lasts without a sign of life. A setting."""


async def open_session(system: System, principal_id: PrincipalId, now: datetime) -> str:
    """Open a session for a person who has proved who they are, and return its token."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await begin_session(conn, principal_id, now)


async def begin_session(conn: Connection, principal_id: PrincipalId, now: datetime) -> str:
    """Open a session within a transaction, and return its token; what time has ended, goes."""
    token = token_urlsafe(TOKEN_BYTES)
    await people.end_old_sessions(conn, opened_before=now - LONGEST, used_before=now - IDLE)
    await people.add_session(conn, digest(token), principal_id, now)
    return token


async def find_session(system: System, token: str, now: datetime) -> Person | None:
    """Return whose session it is, or None if there is none any more."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await people.use_session(
            conn, digest(token), now, opened_after=now - LONGEST, used_after=now - IDLE
        )


async def end_session(system: System, token: str) -> None:
    """End a session."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.end_session(conn, digest(token))


async def end_all_sessions(system: System, person: Person) -> None:
    """Sign somebody out everywhere."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.end_sessions(conn, person.principal_id)


async def list_sessions(system: System, person: Person, now: datetime) -> tuple[Session, ...]:
    """Return where somebody is signed in, the last used first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await people.load_sessions(
            conn, person.principal_id, opened_after=now - LONGEST, used_after=now - IDLE
        )


def digest(token: str) -> bytes:
    """Return what is kept of a token: it is random, so a hash hides it."""
    return sha256(token.encode()).digest()
