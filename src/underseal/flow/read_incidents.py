"""What went wrong and wants a person, for those who can do something about it."""

from underseal.flow.system import System
from underseal.store.incidents import Incident, open_incidents
from underseal.store.roles import Role


async def read_incidents(system: System, limit: int) -> tuple[Incident, ...]:
    """Return up to `limit` open incidents, the newest first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await open_incidents(conn, limit)
