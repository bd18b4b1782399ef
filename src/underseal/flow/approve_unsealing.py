"""A second person agrees to have one sealed identity opened, for a time."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from underseal.core.caller import Caller, require_role
from underseal.flow.system import System
from underseal.flow.unsealing import WHO_MAY, Step, check_approval, lock_under_way, record_step
from underseal.store import unsealings
from underseal.store.roles import Role

APPROVAL_LASTS: Final = timedelta(days=30)
"""How long an identity may be taken once it may be. A setting: whoever agrees knows why it is needed
now; a consent that lies about for months is a door that nobody watches."""


class SamePersonError(Exception):
    """Whoever asked cannot be the one who agrees."""

    def __init__(self) -> None:
        super().__init__("whoever asked cannot be the one who agrees")


async def approve_unsealing(
    system: System, request_id: UUID, caller: Caller, now: datetime
) -> datetime:
    """Agree to a request of somebody else, and return when that ends.

    It lasts from now or from the end of the reporter's time to answer, whichever is later. The
    first who agrees is the one who has agreed.

    Raises:
        RoleMissingError, UnknownRequestError, RequestRefusedError, SamePersonError,
        ApprovalEndedError: nothing is agreed to.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await lock_under_way(conn, request_id)
        if request.requested_by == caller.principal_id:
            raise SamePersonError
        check_approval(request, now)
        if request.approval_ends_at is not None:
            return request.approval_ends_at
        ends_at = max(now, request.opens_from or now) + APPROVAL_LASTS
        await unsealings.approve(conn, request_id, caller.principal_id, now, ends_at)
        await record_step(conn, request, Step.APPROVED, caller, now)
    return ends_at
