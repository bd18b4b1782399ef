"""Appeals that wait, for those who may decide them; the one that is due first is at the top."""

from typing import Final

from underseal.flow.system import System
from underseal.store.appeals import WaitingAppeal, waiting_appeals
from underseal.store.roles import Role

SHOWN: Final = 200
"""So many appeals are shown: those that are due first. A limit of ours."""


async def list_appeals(system: System) -> tuple[WaitingAppeal, ...]:
    """Return the appeals that are due first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await waiting_appeals(conn, SHOWN)
