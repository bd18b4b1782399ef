"""Find out whether the database can be reached, soon."""

import asyncio
from typing import Final

from underseal.flow.system import System
from underseal.store.pool import DatabaseAwayError
from underseal.store.roles import Role

SOON_S: Final = 2.0
"""Whoever asks does not wait for longer. A setting."""


async def reach_database(system: System) -> None:
    """Ask the database for nothing.

    Raises:
        DatabaseAwayError: there was no answer.
    """
    try:
        async with asyncio.timeout(SOON_S), system.db.transaction(Role.INTAKE) as conn:
            await conn.execute("select")
    except TimeoutError:
        raise DatabaseAwayError("no answer in time") from None
