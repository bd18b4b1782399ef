"""Break-glass: a platform that must know who reported opens one sealed identity.

One person asks and says why, another one agrees, and a third thing is needed that no server has:
the private escrow key. Each step is an event of the subject; none names the reporter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from underseal.core.caller import Caller, ModeratorRole, require_role
from underseal.core.ledger import EventKind, rfc3339
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectRef
from underseal.flow.read_case import REPORTS_SHOWN
from underseal.flow.system import System
from underseal.seal.alias import aliases
from underseal.seal.escrow import open_identity
from underseal.seal.pseudonym import is_pseudonym_of
from underseal.store import ledger, notes, subjects, unsealings
from underseal.store.pool import Connection
from underseal.store.roles import Role
from underseal.store.unsealings import Unsealing

REASON_CHARS_MIN: Final = 20
"""Shortest reason that is taken. A setting: "court order" alone says too little to be audited."""

WORD_CHARS_MAX: Final = 2_000
"""Longest word to a reporter. A limit of ours."""

WAIT_DAYS_MAX: Final = 90
"""Longest time that a reporter is given to answer. A limit of ours: identities are not kept for ever."""

WHO_MAY: Final = (ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN)


class UnknownReporterError(LookupError):
    """Nobody of this name is to be found: no such alias in the round, or without an account."""


class RoundOpenError(UnknownReporterError):
    """The round is under way: the next report may change who an alias stands for."""

    def __init__(self) -> None:
        super().__init__("the round is still open, and its aliases may change: decide it first")


class UnknownRequestError(LookupError):
    """There is no such request to open an identity."""


class ReasonTooShortError(ValueError):
    """The reason says too little."""

    def __init__(self) -> None:
        super().__init__(f"say why in at least {REASON_CHARS_MIN} characters")


class WordInvalidError(ValueError):
    """The word to the reporter, or the time to answer it, is too short or too long."""

    def __init__(self) -> None:
        super().__init__(
            f"a word to the reporter has 1 to {WORD_CHARS_MAX} characters, and leaves them 1 to "
            f"{WAIT_DAYS_MAX} days to answer"
        )


class ReporterNotHeardError(Exception):
    """The reporter has been told, and still has time to answer."""

    def __init__(self, opens_from: datetime) -> None:
        super().__init__(
            f"the reporter has been told, and may answer until {opens_from.isoformat()}"
        )
        self.opens_from = opens_from


class SamePersonError(Exception):
    """Whoever asked cannot be the one who agrees."""


class NotApprovedError(Exception):
    """Nobody has agreed to the request yet."""


class RequestRefusedError(Exception):
    """The request was refused, and is over."""

    def __init__(self) -> None:
        super().__init__("this request was refused: whoever still needs the identity asks anew")


class AlreadyOpenedError(Exception):
    """The identity was opened: what is known cannot be refused any more."""

    def __init__(self) -> None:
        super().__init__("the identity was opened before: there is nothing left to refuse")


class IdentityDestroyedError(Exception):
    """The identity was destroyed with its retention; nobody can open it any more."""


class FalseIdentityError(Exception):
    """The vault holds another identity than the reporter's: somebody has tampered with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A reporter as moderators see them: an alias in a round of a subject."""

    ref: SubjectRef
    round: int
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the reporter is told first, with their receipt, and how long they have to answer.

    Raises:
        WordInvalidError: either is too short or too long.
    """

    text: str
    wait_days: int

    def __post_init__(self) -> None:
        is_said = bool(self.text.strip()) and len(self.text) <= WORD_CHARS_MAX
        if not is_said or not 0 < self.wait_days <= WAIT_DAYS_MAX:
            raise WordInvalidError


async def request_unsealing(
    system: System,
    who: Named,
    reason: str,
    caller: Caller,
    now: datetime,
    *,
    word: Word | None = None,
) -> UUID:
    """Ask to open an identity, and return the request's id; `word` is said to the reporter first.

    Raises:
        RoleMissingError, ReasonTooShortError, UnknownReporterError, RoundOpenError: nothing is
            asked.
    """
    require_role(caller, *WHO_MAY)
    if len(reason.strip()) < REASON_CHARS_MIN:
        raise ReasonTooShortError
    subject_id = who.ref.subject_id
    async with system.db.transaction(Role.CORE) as conn:
        subject = await subjects.load_subject(conn, subject_id)
        if subject is not None and subject.round == who.round:
            raise RoundOpenError
        pseudonym = await _who_is(conn, system, who)
        if pseudonym is None:
            raise UnknownReporterError(f"{who.alias} is nobody with an account in this round")
        request = Unsealing(
            request_id=system.new_id(),
            subject_id=subject_id,
            round=who.round,
            pseudonym=pseudonym,
            reason=reason,
            requested_by=caller.principal_id,
            approved_by=None,
            word=None if word is None else word.text.strip(),
            opens_from=None if word is None else now + timedelta(days=word.wait_days),
            is_opened=False,
            is_refused=False,
        )
        await unsealings.add_request(conn, request, now)
        await _record(conn, request, "requested", caller, now)
    return request.request_id


async def approve_unsealing(
    system: System, request_id: UUID, caller: Caller, now: datetime
) -> None:
    """Agree to a request of somebody else; the first who does is the one who has agreed.

    Raises:
        RoleMissingError, UnknownRequestError, RequestRefusedError, SamePersonError: nothing is
            agreed to.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await _lock(conn, request_id)
        if request.requested_by == caller.principal_id:
            raise SamePersonError("whoever asked cannot be the one who agrees")
        if request.approved_by is not None:
            return
        await unsealings.approve(conn, request_id, caller.principal_id, now)
        await _record(conn, request, "approved", caller, now)


async def refuse_unsealing(system: System, request_id: UUID, caller: Caller, now: datetime) -> None:
    """End a request: one's own, or somebody else's; refused once, it stays so.

    Raises:
        RoleMissingError, UnknownRequestError, AlreadyOpenedError: nothing is refused.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await _find(conn, request_id)
        if request.is_opened:
            raise AlreadyOpenedError
        if request.is_refused:
            return
        await unsealings.refuse(conn, request_id, caller.principal_id, now)
        await _record(conn, request, "refused", caller, now)


async def open_unsealing(
    system: System,
    request_id: UUID,
    private_key: X25519PrivateKey,
    caller: Caller,
    now: datetime,
) -> str:
    """Return the platform's id of the reporter, of an approved request.

    The ledger holds that it was opened before anybody reads it. `system.db` needs a pool for
    `Role.VAULT`, which no running service has.

    Raises:
        RoleMissingError, UnknownRequestError, RequestRefusedError, NotApprovedError,
        ReporterNotHeardError, IdentityDestroyedError, FalseIdentityError, IdentityNotOpenedError: nothing is opened.
    """
    require_role(caller, *WHO_MAY)
    async with system.db.transaction(Role.CORE) as conn:
        request = await _lock(conn, request_id)
        if request.approved_by is None:
            raise NotApprovedError("nobody else has agreed to this request yet")
        if request.opens_from is not None and now < request.opens_from:
            raise ReporterNotHeardError(request.opens_from)
        async with system.db.transaction(Role.VAULT) as vault:
            identity = await unsealings.load_identity(vault, request.pseudonym)
        if identity is None:
            raise IdentityDestroyedError("this identity was destroyed with its retention")
        reporter_id = open_identity(private_key, identity.sealed, request.pseudonym, identity.year)
        if not is_pseudonym_of(system.keys, identity.year, request.pseudonym, reporter_id):
            raise FalseIdentityError("what is sealed there is not who reported")
        await unsealings.note_opened(conn, request_id, now)
        await _record(conn, request, "opened", caller, now)
    return reporter_id


async def _who_is(conn: Connection, system: System, who: Named) -> Pseudonym | None:
    """Whom moderators are shown under an alias; None for nobody, and for who has no account."""
    subject_id = who.ref.subject_id
    shown = await notes.reports_of_round(conn, subject_id, who.round, REPORTS_SHOWN)
    reporters = {each.tag: each.pseudonym for each in shown}
    named = aliases(system.keys.aliases, subject_id, who.round, reporters)
    return next((reporters[tag] for tag, alias in named.items() if alias == who.alias), None)


async def _lock(conn: Connection, request_id: UUID) -> Unsealing:
    """A request that is under way."""
    request = await _find(conn, request_id)
    if request.is_refused:
        raise RequestRefusedError
    return request


async def _find(conn: Connection, request_id: UUID) -> Unsealing:
    request = await unsealings.lock_request(conn, request_id)
    if request is None:
        raise UnknownRequestError(f"there is no request {request_id}")
    return request


async def _record(
    conn: Connection, request: Unsealing, step: str, caller: Caller, now: datetime
) -> None:
    await ledger.lock_chain(conn, request.subject_id)
    await ledger.append(
        conn,
        request.subject_id,
        EventKind.IDENTITY_OPENED,
        {
            "request": str(request.request_id),
            "step": step,
            "by": str(caller.principal_id),
            "at": rfc3339(now),
            "reason": request.reason,
            "word": request.word,
        },
    )
