"""A moderator stays with a case whose page is open: the lease is extended, but not for ever."""

from datetime import datetime
from typing import Final

from underseal.core.case import ModeratorId, NotLeasedError
from underseal.flow.system import LEASE, System
from underseal.flow.take_case import Lease
from underseal.store import cases, stays
from underseal.store.cases import CaseId
from underseal.store.roles import Role

STAYS_MAX: Final = 30
"""How often one moderator's lease of a case is extended: at one each two minutes, for an hour. A
setting."""


async def stay(system: System, case_id: CaseId, moderator: ModeratorId, now: datetime) -> Lease:
    """Extend a lease that is still held; one that was extended often enough ends when it did.

    Raises:
        NotLeasedError: the moderator does not have the case, or no longer.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        until = await cases.stay(conn, case_id, moderator, now, now)
        if until is None:
            raise NotLeasedError
        if await stays.note_stay(conn, case_id, moderator, STAYS_MAX):
            until = await cases.stay(conn, case_id, moderator, now, now + LEASE) or until
    return Lease(case_id=case_id, until=until)
