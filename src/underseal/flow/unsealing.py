"""Break-glass: what its steps share. Each is a verb of its own.

A platform that must know who reported has one sealed identity opened: one person asks and says why
(`request_unsealing`), another one agrees (`approve_unsealing`) or ends it (`refuse_unsealing`), the
sealed identity is taken out of the server (`take_identity`), opened where the private escrow key
is, which no server has (`seal.escrow`), and what came out is compared with who reported
(`confirm_identity`).

Invariants:
    Each step on the server is an event of the subject; none names the reporter.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from underseal.core.caller import Caller, ModeratorRole
from underseal.core.ledger import EventKind, rfc3339
from underseal.store import ledger, unsealings
from underseal.store.connection import Connection
from underseal.store.unsealings import Unsealing

WHO_MAY: Final = (ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN)


class Step(StrEnum):
    """How the ledger calls what was done; `REFUTED` is an id that was not who reported."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN = "taken"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class UnknownRequestError(LookupError):
    """There is no such request to open an identity."""

    def __init__(self, request_id: UUID) -> None:
        super().__init__(f"there is no request {request_id}")
        self.request_id = request_id


class RequestRefusedError(Exception):
    """The request was refused, and is over."""

    def __init__(self) -> None:
        super().__init__("this request was refused: whoever still needs the identity asks anew")


class ApprovalEndedError(Exception):
    """The approval was not used in its time, and is none any more."""

    def __init__(self, ended_at: datetime) -> None:
        super().__init__(
            f"the approval ended at {ended_at.isoformat()}: whoever still needs the identity asks "
            "anew with `underseal unseal request`"
        )
        self.ended_at = ended_at


async def lock_request(conn: Connection, request_id: UUID) -> Unsealing:
    """Return a request, refused or not, to be continued.

    Raises:
        UnknownRequestError: there is none.
    """
    request = await unsealings.lock_request(conn, request_id)
    if request is None:
        raise UnknownRequestError(request_id)
    return request


async def lock_under_way(conn: Connection, request_id: UUID) -> Unsealing:
    """Return a request that nobody has refused, to be continued.

    Raises:
        UnknownRequestError, RequestRefusedError: there is none.
    """
    request = await lock_request(conn, request_id)
    if request.is_refused:
        raise RequestRefusedError
    return request


def check_approval(request: Unsealing, now: datetime) -> None:
    """Refuse an approval that has ended.

    Raises:
        ApprovalEndedError: it has.
    """
    if request.approval_ends_at is not None and now >= request.approval_ends_at:
        raise ApprovalEndedError(request.approval_ends_at)


async def record_step(
    conn: Connection, request: Unsealing, step: Step, caller: Caller, now: datetime
) -> None:
    """Write a step into the ledger."""
    await ledger.lock_chain(conn, request.subject_id)
    await ledger.append(
        conn,
        request.subject_id,
        EventKind.IDENTITY_SOUGHT,
        {
            "request": str(request.request_id),
            "step": step,
            "by": str(caller.principal_id),
            "at": rfc3339(now),
            "reason": request.reason,
            "word": request.word,
        },
    )
