"""What went wrong and wants a person, for those who can do something about it."""

from underseal.flow.system import System
from underseal.store.incidents import (
    ClosedIncident,
    Incident,
    closed_incidents,
    open_incidents,
)
from underseal.store.roles import Role


async def read_incidents(system: System, limit: int) -> tuple[Incident, ...]:
    """Return up to `limit` open incidents, the newest first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await open_incidents(conn, limit)


async def read_closed(system: System, limit: int) -> tuple[ClosedIncident, ...]:
    """Return up to `limit` incidents that are over, the one closed last first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await closed_incidents(conn, limit)
