"""From a server to a database that is ready: roles, the database, its rights, migrations.

Every process does this when it starts. Whatever is there already stays as it is, and processes
that start at once wait for each other.
"""

from datetime import date
from typing import Final

import asyncpg

from underseal.store.connection import Address, Connection, read_url, session
from underseal.store.migrate import migrate
from underseal.store.passwords import Passwords
from underseal.store.roles import BOOTSTRAP_LOCK, Role, ensure_roles
from underseal.store.server import EmbeddedServer

DATABASE: Final = "underseal"
MAINTENANCE_DATABASE: Final = "postgres"
VERSION_MIN: Final = 15


class UnsuitableDatabaseError(Exception):
    """The database given by its URL cannot hold Underseal's data; the message says why."""


async def prepare_embedded(server: EmbeddedServer, passwords: Passwords, *, today: date) -> Address:
    """Make the database of a started embedded server ready, and return where it is."""
    async with session(server.address(MAINTENANCE_DATABASE), server.superuser()) as admin:
        await ensure_roles(admin, passwords)
        await ensure_database(admin, DATABASE)
    address = server.address(DATABASE)
    await migrate_as_owner(address, passwords, today=today)
    return address


async def prepare_external(url: str, passwords: Passwords, *, today: date) -> Address:
    """Make the database at `url` ready, and return where it is.

    Its user may create roles and owns the database. Once everything is there, it needs no right.

    Raises:
        DatabaseUrlError: `url` is not one.
        UnsuitableDatabaseError: the server is too old, the database's encoding is not UTF-8, or
            the user's rights do not suffice.
    """
    address, login = read_url(url)
    async with session(address, login) as admin:
        await _check_suitable(admin)
        try:
            await ensure_roles(admin, passwords)
            await _let_owner_create(admin)
        except asyncpg.InsufficientPrivilegeError as error:
            raise UnsuitableDatabaseError(
                f"user {login.user} must be able to create roles and own the database: {error}"
            ) from error
    await migrate_as_owner(address, passwords, today=today)
    return address


async def ensure_database(admin: Connection, name: str) -> None:
    """Create the database `name` if it is missing, and let only our roles connect to it."""
    await admin.execute("select pg_advisory_lock($1)", BOOTSTRAP_LOCK)  # until the session ends
    if not await admin.fetchval("select exists (select from pg_database where datname = $1)", name):
        await admin.execute(f"create database {name} owner {Role.OWNER}")
    await admin.execute(f"revoke all on database {name} from public")
    await admin.execute(f"grant connect on database {name} to {', '.join(Role)}")


async def migrate_as_owner(address: Address, passwords: Passwords, *, today: date) -> None:
    """Run the migrations that are missing, as the role that owns everything.

    Raises:
        MigrationError: the database and the files do not fit together.
        PasswordMismatchError: the role has another password than `passwords` says.
    """
    async with session(address, passwords.login(Role.OWNER), statement_timeout_s=0) as owner:
        await migrate(owner, today)


async def _check_suitable(admin: Connection) -> None:
    version = await admin.fetchval("select current_setting('server_version_num')")
    encoding = await admin.fetchval("select current_setting('server_encoding')")
    major = int(version) // 10_000
    if major < VERSION_MIN:
        raise UnsuitableDatabaseError(
            f"PostgreSQL {major} is too old: Underseal needs {VERSION_MIN} or newer"
        )
    if encoding != "UTF8":
        raise UnsuitableDatabaseError(
            f"the encoding of the database is {encoding}: create it with `encoding 'UTF8'`"
        )


async def _let_owner_create(admin: Connection) -> None:
    async with admin.transaction():
        await admin.execute("select pg_advisory_xact_lock($1)", BOOTSTRAP_LOCK)
        name = await admin.fetchval("select quote_ident(current_database())")
        is_able = "select has_database_privilege($1, current_database(), 'create')"
        if await admin.fetchval(is_able, Role.OWNER):
            return
        await admin.execute(f"grant create on database {name} to {Role.OWNER}")
        if not await admin.fetchval(is_able, Role.OWNER):
            raise UnsuitableDatabaseError(f"the user of the URL does not own database {name}")
