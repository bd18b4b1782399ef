"""One sealed identity is taken out of the server, to be opened where the private escrow key is."""

from datetime import datetime
from uuid import UUID

from underseal.core.caller import Caller, require_role
from underseal.flow.system import System
from underseal.flow.unsealing import WHO_MAY, Step, check_approval, lock_under_way, record_step
from underseal.seal.taken_identity import TakenIdentity
from underseal.store import unsealings
from underseal.store.roles import Role


class NotApprovedError(Exception):
    """Nobody has agreed to the request yet."""

    def __init__(self) -> None:
        super().__init__("nobody else has agreed to this request yet")


class ReporterNotHeardError(Exception):
    """The reporter has been told, and still has time to answer."""

    def __init__(self, opens_from: datetime) -> None:
        super().__init__(
            f"the reporter has been told, and may answer until {opens_from.isoformat()}"
        )
        self.opens_from = opens_from


class IdentityDestroyedError(Exception):
    """The identity was destroyed with its retention; nobody can open it any more."""

    def __init__(self) -> None:
        super().__init__("this identity was destroyed with its retention")


async def take_identity(
    system: System, request_id: UUID, caller: Caller, now: datetime
) -> TakenIdentity:
    """Return the sealed identity of an approved request.

    The ledger holds that it was taken before anybody has it. What was lost on the way is taken
    again while the approval lasts, and that is an event again. `system.db` needs a pool for
    `Role.VAULT`, which no running service has.

    Raises:
        RoleMissingError, UnknownRequestError, RequestRefusedError, NotApprovedError,
        ReporterNotHeardError, ApprovalEndedError, IdentityDestroyedError: nothing is taken.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await lock_under_way(conn, request_id)
        if request.approved_by is None:
            raise NotApprovedError
        if request.opens_from is not None and now < request.opens_from:
            raise ReporterNotHeardError(request.opens_from)
        check_approval(request, now)
        async with system.db.transaction(Role.VAULT) as vault:
            identity = await unsealings.load_identity(vault, request.pseudonym)
        if identity is None:
            raise IdentityDestroyedError
        await unsealings.note_taken(conn, request_id, now, identity.year)
        await record_step(conn, request, Step.TAKEN, caller, now)
    return TakenIdentity(
        request_id=request_id,
        pseudonym=request.pseudonym,
        year=identity.year,
        sealed=identity.sealed,
    )
