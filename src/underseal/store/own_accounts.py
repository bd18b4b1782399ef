"""Accounts on the platform that people who moderate use themselves: encrypted, a row each."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from underseal.core.caller import PrincipalId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("own_accounts")


async def add_account(
    conn: Connection, own_account_id: UUID, principal_id: PrincipalId, sealed: bytes, today: date
) -> None:
    """Keep that somebody uses an account."""
    await conn.execute(_SQL["add"], own_account_id, principal_id, sealed, today)


async def load_accounts(conn: Connection, principal_id: PrincipalId) -> tuple[bytes, ...]:
    """Return the accounts of somebody, encrypted."""
    return tuple(row["account"] for row in await conn.fetch(_SQL["load"], principal_id))


async def count_accounts(conn: Connection) -> Mapping[PrincipalId, int]:
    """Return how many accounts everybody has who has any."""
    rows = await conn.fetch(_SQL["counts"])
    return {PrincipalId(row["principal_id"]): row["accounts"] for row in rows}


async def forget_accounts(conn: Connection, principal_id: PrincipalId) -> None:
    """Delete the accounts of somebody."""
    await conn.execute(_SQL["forget"], principal_id)
