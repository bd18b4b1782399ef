"""Pools of connections, one for each role that a part of the service signs in as.

A pool outlives a restart of the server: whoever asks for a transaction while the server is away
waits a little for it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final, Self

import asyncpg

from underseal.store.connection import (
    CONNECT_TIMEOUT_S,
    STATEMENT_TIMEOUT_S,
    Address,
    Connection,
    PasswordMismatchError,
    Row,
    session_settings,
    use_msgspec,
)
from underseal.store.passwords import Passwords
from underseal.store.roles import Role

__all__ = ["Connection", "Database", "DatabaseAwayError", "RoleNotOpenedError", "Row"]

PATIENCE_S: Final = 10.0
RETRY_PAUSE_S: Final = 0.05
"""Settings: how long a server may be away before its users are told, and how often we look."""

CLOSE_S: Final = 10.0
"""How long transactions may take to end once the pools are told to close. A setting."""

LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,  # the driver's, when a farewell comes between two of its steps
)
AWAY: Final = (*LOST, asyncpg.CannotConnectNowError, OSError)
"""How the driver says that a connection broke off, and that none is to be had."""


class RoleNotOpenedError(Exception):
    """This part of the service has no pool for the role, and must not have one."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"no pool was opened for {role}")
        self.role = role


class DatabaseAwayError(Exception):
    """The database server cannot be reached."""


class Database:
    """The pools of one process; open it with `Database.open`."""

    def __init__(self, address: Address, pools: Mapping[Role, Any]) -> None:
        self.address = address
        self._pools = pools

    @classmethod
    async def open(cls, address: Address, passwords: Passwords, sizes: Mapping[Role, int]) -> Self:
        """Open a pool for each role in `sizes`, of at most so many connections.

        Nothing connects before the first transaction does.
        """
        pools = {}
        for role, size in sizes.items():
            login = passwords.login(role)
            pools[role] = await asyncpg.create_pool(
                address.url,
                user=login.user,
                password=login.password,
                min_size=0,
                max_size=size,
                timeout=CONNECT_TIMEOUT_S,
                server_settings=session_settings(login, STATEMENT_TIMEOUT_S),
                init=use_msgspec,
                reset=_leave,
            )
        return cls(address, pools)

    async def close(self) -> None:
        """Close all connections, after the transactions that are under way."""
        with suppress(TimeoutError):  # then the driver has cut off those that were left
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    @asynccontextmanager
    async def transaction(self, role: Role) -> AsyncIterator[Connection]:
        """Sign in as `role` for one transaction: committed at the end, undone by an error.

        Raises:
            RoleNotOpenedError: there is no pool for `role`.
            DatabaseAwayError: the server stayed away for longer than `PATIENCE_S`, or went away
                meanwhile; only if it did so at the very end, the transaction may have been kept.
            PasswordMismatchError: the server has another password for `role`.
        """
        pool = self._pools.get(role)
        if pool is None:
            raise RoleNotOpenedError(role)
        connection, transaction = await _begin(pool, role)
        try:
            try:
                yield connection
            except BaseException:
                if not _is_gone(connection):
                    await transaction.rollback()
                raise
            await transaction.commit()
        except (*LOST, asyncpg.InterfaceError) as error:
            if isinstance(error, asyncpg.InterfaceError) and not _is_gone(connection):
                raise
            raise DatabaseAwayError(str(error)) from error
        finally:
            await _release(pool, connection)


async def _leave(_connection: Any) -> None:
    """Do nothing between two transactions: nothing here outlives the one that it is set in."""


async def _begin(pool: Any, role: Role) -> tuple[Any, Any]:
    """Return a connection and the transaction begun on it; until then, trying again is safe."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while True:
        try:
            async with AsyncExitStack() as attempt:
                connection = await attempt.enter_async_context(pool.acquire())
                transaction = connection.transaction()
                await transaction.start()
                attempt.pop_all()  # the connection is released by whoever asked for it
                return connection, transaction
        except asyncpg.InvalidPasswordError:
            raise PasswordMismatchError(role) from None
        except AWAY as error:
            if loop.time() > deadline:
                raise DatabaseAwayError(str(error)) from error
            await asyncio.sleep(RETRY_PAUSE_S)


async def _release(pool: Any, connection: Any) -> None:
    with suppress(*LOST, asyncpg.InterfaceError):  # it breaks off just now: nothing to give back
        await pool.release(connection)


def _is_gone(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # the pool has written it off
        return True
