"""Invitations to the console: a link that is good once, for a while, and what it leads to."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes, token_urlsafe
from typing import Final

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.password import check_password
from underseal.core.person import Person, PersonEvent, PersonEventKind, called, user_name_of
from underseal.flow.hashing import in_turn
from underseal.flow.session import TOKEN_BYTES, begin_session, digest
from underseal.flow.sign_in import WrongCodeError
from underseal.flow.system import System
from underseal.seal.box import TamperedError
from underseal.seal.password import hash_password
from underseal.seal.redacted import Redacted
from underseal.seal.second_factor import (
    matching_step,
    new_totp_secret,
    recovery_digest,
    totp_address,
    unwrap_totp_secret,
    wrap_totp_secret,
)
from underseal.store import credentials, people
from underseal.store.pool import Connection
from underseal.store.roles import Role

INVITATION_LASTS: Final = timedelta(hours=72)
"""A setting."""

RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
"""Settings; a code has 80 bits, so that nobody guesses one (NIST SP 800-63B-4, 3.1.2.2: 64)."""


class UserNameTakenError(Exception):
    """Somebody in service has the user name."""

    def __init__(self, user_name: str) -> None:
        super().__init__(f"somebody has the user name {user_name}: invite them anew instead")
        self.user_name = user_name


class UnknownPersonError(Exception):
    """There is nobody like this in service."""

    def __init__(self) -> None:
        super().__init__("there is nobody like this in service")


class InvitationOverError(Exception):
    """The invitation was used, replaced by a newer one, or is too old."""

    def __init__(self) -> None:
        super().__init__("this invitation is over: ask an admin for another")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Invitation(Redacted):
    """What an invited person sees: `secret` goes into their authenticator, `box` into the form."""

    person: Person
    user_name: str
    secret: str
    address: str
    box: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Acceptance(Redacted):
    """What an invited person sends: `box` is the one they were shown."""

    password: str
    code: str
    box: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Joined(Redacted):
    """Somebody has a way to sign in, and is signed in; the codes are shown this once."""

    session_token: str
    recovery_codes: tuple[str, ...]


async def invite(
    system: System,
    by: Person | None,
    *,
    name: str,
    user_name: str,
    role: ModeratorRole,
    now: datetime,
) -> str:
    """Take somebody into service, and return the token of their invitation.

    Raises:
        InvalidPersonError: nobody can be called like this.
        UserNameTakenError: somebody in service has the user name.
    """
    person = Person(principal_id=PrincipalId(system.new_id()), name=called(name), role=role)
    wanted = user_name_of(user_name)
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await people.add_person(conn, person, wanted, now.date()):
            raise UserNameTakenError(wanted)
        return await _invite(conn, system, PersonEventKind.INVITED, person, by=by, now=now)


async def invite_anew(system: System, by: Person | None, person: Person, now: datetime) -> str:
    """Take back what somebody signs in with, and return the token of another invitation.

    Raises:
        UnknownPersonError: nobody in service with a user name is this.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await people.reset_credentials(conn, person.principal_id):
            raise UnknownPersonError
        await people.end_sessions(conn, person.principal_id)
        return await _invite(conn, system, PersonEventKind.INVITED_ANEW, person, by=by, now=now)


async def invite_anew_by_name(
    system: System, by: Person | None, user_name: str, now: datetime
) -> str:
    """Do the same for whoever has the user name.

    Raises:
        UnknownPersonError: nobody in service has it.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        person = await people.find_person(conn, user_name_of(user_name))
    if person is None:
        raise UnknownPersonError
    return await invite_anew(system, by, person, now)


async def open_invitation(
    system: System, token: str, now: datetime, box: str | None = None
) -> Invitation:
    """Return what an invited person is shown: a secret of their own, or that of `box` again.

    Raises:
        InvitationOverError: nobody is invited by this, or no longer.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        found = await people.find_invitation(conn, digest(token), now - INVITATION_LASTS)
    if found is None:
        raise InvitationOverError
    person, user_name = found
    secret = new_totp_secret() if box is None else _unboxed(system, person, box)
    wrapped = wrap_totp_secret(system.keys.webhooks, secret, person.principal_id)
    return Invitation(
        person=person,
        user_name=user_name,
        secret=secret,
        address=totp_address(secret, user_name),
        box=base64.urlsafe_b64encode(wrapped).decode(),
    )


async def accept_invitation(system: System, token: str, given: Acceptance, now: datetime) -> Joined:
    """Give an invited person what they sign in with, and sign them in.

    Raises:
        InvitationOverError: nobody is invited by this, or no longer.
        WeakPasswordError: the password is not taken.
        WrongCodeError: the code is not that of the secret they were shown.
    """
    invitation = await open_invitation(system, token, now, given.box)
    person = invitation.person
    password = check_password(given.password, invitation.user_name, person.name)
    step = matching_step(invitation.secret, "".join(given.code.split()), now)
    if step is None:
        raise WrongCodeError
    password_hash = await in_turn(hash_password, password)
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await people.take_invitation(conn, digest(token)):
            raise InvitationOverError
        wrapped = wrap_totp_secret(system.keys.webhooks, invitation.secret, person.principal_id)
        await credentials.set_credentials(conn, person.principal_id, password_hash, wrapped, step)
        codes = await renew_recovery_codes(conn, person.principal_id)
        await record(conn, system, PersonEventKind.JOINED, person, by=person, now=now)
        return Joined(
            session_token=await begin_session(conn, person.principal_id, now),
            recovery_codes=codes,
        )


async def renew_recovery_codes(conn: Connection, principal_id: PrincipalId) -> tuple[str, ...]:
    """Give a person new recovery codes, and return them: only their hashes are kept."""
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    digests: Iterable[bytes] = map(recovery_digest, codes)
    await credentials.replace_recovery_codes(conn, principal_id, digests)
    return codes


async def record(
    conn: Connection,
    system: System,
    kind: PersonEventKind,
    person: Person,
    *,
    by: Person | None,
    now: datetime,
) -> None:
    """Keep what somebody, or the command line, did to a person's access."""
    event = PersonEvent(
        principal_id=person.principal_id,
        by=None if by is None else by.principal_id,
        kind=kind,
        role=person.role,
        happened_at=now,
    )
    await people.add_event(conn, system.new_id(), event)


async def _invite(
    conn: Connection,
    system: System,
    kind: PersonEventKind,
    person: Person,
    *,
    by: Person | None,
    now: datetime,
) -> str:
    token = token_urlsafe(TOKEN_BYTES)
    await people.put_invitation(conn, person.principal_id, digest(token), now)
    await record(conn, system, kind, person, by=by, now=now)
    return token


def _unboxed(system: System, person: Person, box: str) -> str:
    try:
        wrapped = base64.urlsafe_b64decode(box.encode())
        return unwrap_totp_secret(system.keys.webhooks, wrapped, person.principal_id)
    except (TamperedError, binascii.Error, UnicodeEncodeError):
        return new_totp_secret()  # the form was tampered with: begin again


def _recovery_code() -> str:
    text = base64.b32encode(token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))
