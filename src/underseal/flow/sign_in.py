"""Sign in to the console: a password, then a code; wrong tries make the next one wait.

Whether there is a user name is not told: one that nobody has takes as long, counts its wrong
tries and is answered the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.lock_out import FORGOTTEN, LockedOutError, next_try_at
from underseal.core.password import LENGTH_MAX, normal_password
from underseal.core.person import InvalidPersonError, Person, user_name_of
from underseal.flow.hashing import in_turn
from underseal.flow.session import TOKEN_BYTES, begin_session, digest
from underseal.flow.system import System
from underseal.seal.password import hash_password, is_outdated, is_password
from underseal.seal.redacted import Redacted
from underseal.seal.second_factor import matching_step, recovery_digest, unwrap_totp_secret
from underseal.store import credentials
from underseal.store.credentials import Credentials
from underseal.store.pool import Connection
from underseal.store.roles import Role

__all__ = [
    "STEP_LASTS",
    "LockedOutError",
    "PasswordProof",
    "StepOverError",
    "WrongCodeError",
    "WrongPasswordError",
    "give_code",
    "give_password",
    "prove_password",
]

STEP_LASTS: Final = timedelta(minutes=10)
"""So long somebody may take from the password to the code. A setting."""


class WrongPasswordError(Exception):
    """Nobody has this user name with this password; which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("the user name or the password is not right")


class WrongCodeError(Exception):
    """The code is not the present one, or was used before."""

    def __init__(self) -> None:
        super().__init__("this code is not right, or it was used before")


class StepOverError(Exception):
    """No password was given before, or too long ago."""

    def __init__(self) -> None:
        super().__init__("that took too long: begin again")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PasswordProof(Redacted):
    """What somebody typed to sign in."""

    user_name: str
    password: str


async def give_password(system: System, proof: PasswordProof, now: datetime) -> str:
    """Check a password, and return the token of the step that a code must end.

    Raises:
        WrongPasswordError: it is not the password of anybody of this name.
        LockedOutError: there were too many wrong tries with this name.
    """
    name = _folded(proof.user_name)
    found = await _check(system, name, proof.password, now)
    token = token_urlsafe(TOKEN_BYTES)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await credentials.drop_old_steps(conn, now - STEP_LASTS)
        await credentials.add_step(conn, digest(token), found.person.principal_id, now)
    return token


async def prove_password(system: System, person: Person, password: str, now: datetime) -> str:
    """Let somebody who is signed in give their password again, and return their user name.

    Raises:
        WrongPasswordError: it is not theirs.
        LockedOutError: there were too many wrong tries.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await credentials.load_credentials(conn, principal_id=person.principal_id)
    if own is None:
        raise WrongPasswordError
    await _check(system, own.user_name, password, now)
    return own.user_name


async def give_code(system: System, step_token: str, code: str, now: datetime) -> str:
    """Check a code of the clock, or a recovery code, and return the token of a new session.

    Raises:
        WrongCodeError: it is neither, or was used before.
        StepOverError: no password was given, or too long ago.
        LockedOutError: there were too many wrong tries.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        principal_id = await credentials.find_step(conn, digest(step_token), now - STEP_LASTS)
        found = principal_id and await credentials.load_credentials(conn, principal_id=principal_id)
    if not found:
        raise StepOverError
    await _count_try(system, found.user_name, now)
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await _use_code(conn, system, found, code, now):
            raise WrongCodeError
        await credentials.forget_tries(conn, _digest_of(found.user_name))
        await credentials.drop_steps(conn, found.person.principal_id)
        return await begin_session(conn, found.person.principal_id, now)


async def _check(system: System, user_name: str, password: str, now: datetime) -> Credentials:
    """Return whose name and password these are; a wrong try is counted."""
    before = await _count_try(system, user_name, now)
    async with system.db.transaction(Role.CONSOLE) as conn:
        found = await credentials.load_credentials(conn, user_name=user_name)
    normal = normal_password(password[:LENGTH_MAX])
    if found is None:
        await in_turn(hash_password, normal)  # as long as for a name that somebody has
        raise WrongPasswordError
    if not await in_turn(is_password, normal, found.password_hash):
        raise WrongPasswordError
    renewed = None
    if is_outdated(found.password_hash):
        renewed = await in_turn(hash_password, normal)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await credentials.take_back_try(conn, _digest_of(user_name), before)
        if renewed is not None:
            await credentials.set_password(conn, found.person.principal_id, renewed)
    return found


async def _count_try(system: System, user_name: str, now: datetime) -> datetime:
    """Count a try as a wrong one before it is looked at, so that many at once gain nothing.

    Returns when the one before it was, for who must take this one back.
    """
    name = _digest_of(user_name)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await credentials.forget_old_tries(conn, now - FORGOTTEN)
        failures, last = await credentials.lock_tries(conn, name, now)
        until = next_try_at(failures, last)
        if now < until:
            raise LockedOutError(until)
        await credentials.count_try(conn, name, failures + 1, now)
    return last


async def _use_code(
    conn: Connection, system: System, found: Credentials, code: str, now: datetime
) -> bool:
    """Take a code of the clock or a recovery code, and tell whether it was right."""
    principal_id: PrincipalId = found.person.principal_id
    plain = "".join(code.split())
    secret = unwrap_totp_secret(system.keys.webhooks, found.totp_secret, principal_id)
    step = matching_step(secret, plain, now)
    if step is not None:
        return await credentials.use_totp_step(conn, principal_id, step)
    return await credentials.use_recovery_code(conn, principal_id, recovery_digest(plain))


def _folded(user_name: str) -> str:
    """Return a name to look for; one that nobody can have is looked for, too."""
    try:
        return user_name_of(user_name)
    except InvalidPersonError:
        return ""


def _digest_of(user_name: str) -> bytes:
    return sha256(user_name.encode()).digest()
