"""What people sign in with, and how far they have come: passwords, codes, steps and wrong tries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.person import Person
from underseal.store.people import person_of
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("people")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """What somebody signs in with; `totp_secret` is wrapped."""

    person: Person
    user_name: str
    password_hash: str
    totp_secret: bytes


async def load_credentials(
    conn: Connection, *, user_name: str | None = None, principal_id: PrincipalId | None = None
) -> Credentials | None:
    """Return what the person in service with this name, or id, signs in with."""
    row = await conn.fetchrow(_SQL["load_credentials"], user_name, principal_id)
    if row is None:
        return None
    return Credentials(
        person=person_of(row),
        user_name=row["user_name"],
        password_hash=row["password_hash"],
        totp_secret=row["totp_secret"],
    )


async def set_credentials(
    conn: Connection,
    principal_id: PrincipalId,
    password_hash: str,
    totp_secret: bytes,
    totp_step: int,
) -> None:
    """Let a person sign in with these from now on; the code of `totp_step` was taken."""
    await conn.execute(_SQL["set_credentials"], principal_id, password_hash, totp_secret, totp_step)


async def set_password(conn: Connection, principal_id: PrincipalId, password_hash: str) -> None:
    """Let a person sign in with another password, or the same one hashed anew."""
    await conn.execute(_SQL["set_password"], principal_id, password_hash)


async def use_totp_step(conn: Connection, principal_id: PrincipalId, step: int) -> bool:
    """Take the code of a step; tell whether neither it nor a later one was taken before."""
    return bool(await conn.fetchval(_SQL["use_totp_step"], principal_id, step))


async def use_recovery_code(
    conn: Connection, principal_id: PrincipalId, code_sha256: bytes
) -> bool:
    """Take a recovery code; tell whether it was one."""
    return bool(await conn.fetchval(_SQL["use_recovery_code"], principal_id, code_sha256))


async def replace_recovery_codes(
    conn: Connection, principal_id: PrincipalId, digests: Iterable[bytes]
) -> None:
    """Give a person these recovery codes instead of those they had."""
    await conn.execute(_SQL["drop_recovery_codes"], principal_id)
    await conn.executemany(
        _SQL["add_recovery_code"], [(principal_id, digest) for digest in digests]
    )


async def count_recovery_codes(conn: Connection, principal_id: PrincipalId) -> int:
    """Return how many recovery codes a person has left."""
    count: int = await conn.fetchval(_SQL["count_recovery_codes"], principal_id)
    return count


async def add_step(
    conn: Connection, token_sha256: bytes, principal_id: PrincipalId, now: datetime
) -> None:
    """Keep that somebody gave the right password, for the code to follow."""
    await conn.execute(_SQL["add_step"], token_sha256, principal_id, now)


async def find_step(
    conn: Connection, token_sha256: bytes, began_after: datetime
) -> PrincipalId | None:
    """Return who gave the right password after a time."""
    found = await conn.fetchval(_SQL["find_step"], token_sha256, began_after)
    return None if found is None else PrincipalId(found)


async def drop_steps(conn: Connection, principal_id: PrincipalId) -> None:
    """Forget all sign-ins that a person has begun."""
    await conn.execute(_SQL["drop_steps"], principal_id)


async def drop_old_steps(conn: Connection, began_before: datetime) -> None:
    """Forget all sign-ins that nobody went on with."""
    await conn.execute(_SQL["drop_old_steps"], began_before)


async def lock_tries(
    conn: Connection, user_name_sha256: bytes, now: datetime
) -> tuple[int, datetime]:
    """Return how many wrong tries there were for a name, and when the last was.

    The next try has to wait for the end of the transaction.
    """
    await conn.execute(_SQL["begin_tries"], user_name_sha256, now)
    row = await conn.fetchrow(_SQL["lock_tries"], user_name_sha256)
    return (0, now) if row is None else (row["failures"], row["tried_at"])


async def count_try(
    conn: Connection, user_name_sha256: bytes, failures: int, now: datetime
) -> None:
    """Keep that there were so many wrong tries for a name."""
    await conn.execute(_SQL["count_try"], user_name_sha256, failures, now)


async def take_back_try(conn: Connection, user_name_sha256: bytes, before: datetime) -> None:
    """Count one wrong try less: it was right; `before` is when the last wrong one was."""
    await conn.execute(_SQL["take_back_try"], user_name_sha256, before)


async def forget_tries(conn: Connection, user_name_sha256: bytes) -> None:
    """Forget the wrong tries for a name."""
    await conn.execute(_SQL["forget_tries"], user_name_sha256)


async def forget_old_tries(conn: Connection, tried_before: datetime) -> None:
    """Forget the wrong tries of long ago."""
    await conn.execute(_SQL["forget_old_tries"], tried_before)
