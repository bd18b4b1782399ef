"""Identities whose last day has come are destroyed: from then on nobody can open who reported."""

from datetime import datetime

from underseal.flow.system import System
from underseal.store import unsealings
from underseal.store.roles import Role


async def erase_identities(system: System, now: datetime) -> int:
    """Destroy the identities that `flow.forget_reporter` gave a last day; return how many."""
    async with system.db.transaction(Role.RETENTION) as conn:
        return await unsealings.erase_identities(conn, now.date())
