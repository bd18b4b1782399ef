"""Sessions of people who moderate: opened by signing in, ended by time, by them, or by dismissal."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.person import Person
from underseal.flow.system import System
from underseal.store import people
from underseal.store.roles import Role

TOKEN_BYTES: Final = 32

LONGEST: Final = timedelta(hours=12)
"""After that somebody signs in anew, as for a shift. Source: OWASP ASVS 5.0, 7.3 (a setting)."""

IDLE: Final = timedelta(hours=1)
"""So long a session lasts without a sign of life. A setting."""


async def open_session(system: System, principal_id: PrincipalId, now: datetime) -> str:
    """Open a session for a person who has proved who they are, and return its token."""
    token = token_urlsafe(TOKEN_BYTES)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.add_session(conn, _digest(token), principal_id, now)
    return token


async def find_session(system: System, token: str, now: datetime) -> Person | None:
    """Return whose session it is, or None if there is none any more."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await people.use_session(
            conn, _digest(token), now, opened_after=now - LONGEST, used_after=now - IDLE
        )


async def end_session(system: System, token: str) -> None:
    """End a session."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.end_session(conn, _digest(token))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
