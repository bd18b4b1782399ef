"""A moderator takes the case that matters most, for a while, and nobody else gets it meanwhile.

Duties come first, by rank and the time they are due; then what a look does most for
(`core.priority.order_key`). A case whose moderator has gone is there for the next one as soon as the
lease has run out.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from underseal.core.caller import PrincipalId
from underseal.core.case import CaseKind, ModeratorId, NotLeasedError
from underseal.flow.own_subjects import own_subjects
from underseal.flow.system import LEASE, System
from underseal.store import cases
from underseal.store.cases import EVERYTHING, CaseId, LaneCount, Narrowing
from underseal.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A case that a moderator has until a moment."""

    case_id: CaseId
    until: datetime


async def take_case(
    system: System,
    moderator: ModeratorId,
    kind: CaseKind | None,
    now: datetime,
    wanted: Narrowing = EVERYTHING,
) -> Lease | None:
    """Lease the next case, of any `kind` if that is None; return None if nothing waits."""
    until = now + LEASE
    async with system.db.transaction(Role.CONSOLE) as conn:
        await cases.return_lost_leases(conn, now)
        narrowed = replace(wanted, kind=kind or wanted.kind)
        own = await own_subjects(conn, system, PrincipalId(moderator))
        case_id = await cases.take_case(conn, moderator, narrowed, now, until, own=own)
    return None if case_id is None else Lease(case_id=case_id, until=until)


async def take_one(system: System, case_id: CaseId, moderator: ModeratorId, now: datetime) -> Lease:
    """Lease a case that a lead has picked.

    Raises:
        NotLeasedError: it does not wait, or not for them.
    """
    until = now + LEASE
    async with system.db.transaction(Role.CONSOLE) as conn:
        await cases.return_lost_leases(conn, now)
        own = await own_subjects(conn, system, PrincipalId(moderator))
        if not await cases.take_one(conn, case_id, moderator, until, own=own):
            raise NotLeasedError
    return Lease(case_id=case_id, until=until)


async def release_case(
    system: System, case_id: CaseId, moderator: ModeratorId, *, not_me: bool
) -> None:
    """Give a case back; with `not_me`, never to see it again.

    Raises:
        NotLeasedError: the moderator does not have it.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await cases.release_case(conn, case_id, moderator, not_me=not_me):
            raise NotLeasedError


async def read_queue(system: System, moderator: ModeratorId) -> tuple[LaneCount, ...]:
    """Return how many cases wait, by kind and lane; not those that are not for this moderator."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await own_subjects(conn, system, PrincipalId(moderator))
        return await cases.lanes(conn, own)
