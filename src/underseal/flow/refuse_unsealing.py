"""Somebody ends a request to open one sealed identity, before anybody has it."""

from datetime import datetime
from uuid import UUID

from underseal.core.caller import Caller, require_role
from underseal.flow.system import System
from underseal.flow.unsealing import WHO_MAY, Step, lock_request, record_step
from underseal.store import unsealings
from underseal.store.roles import Role


class AlreadyTakenError(Exception):
    """The sealed identity was taken: what has left the server cannot be called back."""

    def __init__(self) -> None:
        super().__init__("the sealed identity was taken before: there is nothing left to refuse")


async def refuse_unsealing(system: System, request_id: UUID, caller: Caller, now: datetime) -> None:
    """End a request: one's own, or somebody else's; refused once, it stays so.

    Raises:
        RoleMissingError, UnknownRequestError, AlreadyTakenError: nothing is refused.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await lock_request(conn, request_id)
        if request.taken_year is not None:
            raise AlreadyTakenError
        if request.is_refused:
            return
        await unsealings.refuse(conn, request_id, caller.principal_id, now)
        await record_step(conn, request, Step.REFUSED, caller, now)
