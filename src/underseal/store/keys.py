"""API keys and the principals they belong to; of a key's secret there is only the hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.core.caller import Caller, KeyId, ModeratorRole, PrincipalId, Scope
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("keys")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredKey:
    """A key as stored. `ticket_secret` is wrapped, and None for a key that signs no tickets."""

    caller: Caller
    secret_sha256: bytes
    ticket_secret: bytes | None


async def add_principal(
    conn: Connection,
    principal_id: PrincipalId,
    name: str,
    role: ModeratorRole | None,
    today: date,
) -> None:
    """Add a platform, or with a `role` a moderator."""
    await conn.execute(_SQL["add_principal"], principal_id, name, role, today)


async def withdraw_principal(conn: Connection, principal_id: PrincipalId, today: date) -> bool:
    """End the use of all keys of a principal; tell whether there was such a one."""
    return bool(await conn.fetchval(_SQL["withdraw_principal"], principal_id, today))


async def add_key(
    conn: Connection,
    *,
    key_id: KeyId,
    principal_id: PrincipalId,
    scopes: Iterable[Scope],
    secret_sha256: bytes,
    ticket_secret: bytes | None,
    today: date,
) -> None:
    """Add a key of a principal; `ticket_secret` is wrapped."""
    await conn.execute(
        _SQL["add_key"], key_id, principal_id, secret_sha256, sorted(scopes), ticket_secret, today
    )


async def revoke_key(conn: Connection, key_id: KeyId, today: date) -> bool:
    """End the use of a key; tell whether there was such a one."""
    return bool(await conn.fetchval(_SQL["revoke_key"], key_id, today))


async def load_keys(conn: Connection) -> tuple[StoredKey, ...]:
    """Return all keys that may be used."""
    return tuple(
        StoredKey(
            caller=Caller(
                key_id=KeyId(row["key_id"]),
                principal_id=PrincipalId(row["principal_id"]),
                role=row["role"] and ModeratorRole(row["role"]),
                scopes=frozenset(map(Scope, row["scopes"])),
            ),
            secret_sha256=row["secret_sha256"],
            ticket_secret=row["ticket_secret"],
        )
        for row in await conn.fetch(_SQL["load_keys"])
    )
