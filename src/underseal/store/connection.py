"""Where a database is, and a connection to it: the one place that knows the driver is untyped."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import asyncpg
import msgspec

from underseal.store.passwords import Login

SCHEMA: Final = "underseal"
STATEMENT_TIMEOUT_S: Final = 30
IDLE_IN_TRANSACTION_TIMEOUT_S: Final = 60
CONNECT_TIMEOUT_S: Final = 10.0
"""Settings: a statement, a transaction or a server that is stuck must not hold up the others."""


class Row(Protocol):
    """One row of an answer, by column name or position."""

    def __getitem__(self, key: str | int, /) -> Any:
        """Return the value of a column."""


class Connection(Protocol):
    """A connection as the store uses it. `jsonb` comes and goes as what msgspec makes of it."""

    async def fetch(self, query: str, /, *args: object) -> Sequence[Row]:
        """Return all rows."""

    async def fetchrow(self, query: str, /, *args: object) -> Row | None:
        """Return the first row, or None."""

    async def fetchval(self, query: str, /, *args: object) -> Any:
        """Return the first column of the first row, or None."""

    async def execute(self, query: str, /, *args: object) -> str:
        """Run a statement, or without arguments several, and return the last one's status."""

    async def executemany(self, query: str, args: Iterable[Sequence[object]], /) -> None:
        """Run a statement once for each sequence of arguments; all of them or none."""

    def transaction(self) -> AbstractAsyncContextManager[object]:
        """Return a transaction, or within one a savepoint."""


class DatabaseUrlError(Exception):
    """A database URL is not one; the message does not repeat it, for it may hold a password."""


class PasswordMismatchError(Exception):
    """The server has another password for a user than the data folder."""

    def __init__(self, user: str) -> None:
        super().__init__(
            f"database user {user} has another password than secrets/database.json in the data "
            f"folder: restore that file (every process of an installation shares one), or give "
            f"the user its password with `\\password {user}` in psql"
        )
        self.user = user


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is; `url` holds neither user nor password."""

    url: str


def local_address(folder: Path, port: int, database: str) -> Address:
    """Return the address of a database behind the socket in `folder`."""
    return Address(
        url=f"postgresql:///{quote(database)}?{urlencode({'host': folder, 'port': port})}"
    )


def read_url(url: str) -> tuple[Address, Login]:
    """Take a database URL apart into where the database is and who signs in.

    Raises:
        DatabaseUrlError: it is not `postgresql://USER:PASSWORD@HOST/DATABASE`.
    """
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    options = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(options)
    user = unquote(user) or given.get("user", "")
    is_complete = user and parts.path.strip("/") and (hosts or "host" in given)
    if parts.scheme not in {"postgresql", "postgres"} or not is_complete:
        raise DatabaseUrlError("the database URL is not postgresql://USER:PASSWORD@HOST/DATABASE")
    query = urlencode(
        [(name, value) for name, value in options if name not in {"user", "password"}]
    )
    return (
        Address(url=f"postgresql://{hosts}{parts.path}" + (f"?{query}" if query else "")),
        Login(user=user, password=unquote(password) or given.get("password")),
    )


def session_settings(login: Login, statement_timeout_s: int) -> Mapping[str, str]:
    """Return what a session of `login` starts with."""
    return {
        "application_name": login.user,
        "search_path": SCHEMA,
        "statement_timeout": f"{statement_timeout_s}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_S}s",
    }


async def use_msgspec(connection: Any) -> None:
    """Let `jsonb` values of an asyncpg connection be encoded and decoded by msgspec."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )


@asynccontextmanager
async def session(
    address: Address, login: Login, *, statement_timeout_s: int = STATEMENT_TIMEOUT_S
) -> AsyncIterator[Connection]:
    """Connect, outside of any pool, and close the connection at the end.

    Raises:
        PasswordMismatchError: the password is not that of the user.
    """
    try:
        connection = await asyncpg.connect(
            address.url,
            user=login.user,
            password=login.password,
            timeout=CONNECT_TIMEOUT_S,
            server_settings=session_settings(login, statement_timeout_s),
        )
    except asyncpg.InvalidPasswordError:
        raise PasswordMismatchError(login.user) from None
    try:
        await use_msgspec(connection)
        yield connection
    finally:
        await connection.close()
