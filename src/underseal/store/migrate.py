"""Migrations: numbered files of plain SQL that only ever lead forward.

`migrations/NNNN_name.sql` is run once, in a transaction of its own, by one process at a time, and
recorded with its hash. A file that has run never changes; what it did is changed by the next one.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import zip_longest
from typing import Final

import asyncpg

from underseal.store.connection import Connection
from underseal.store.queries import load

SQL: Final = load("migrations")

FILE: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
MIGRATION_LOCK: Final = 0x756E6465727302
"""Advisory lock of whoever migrates; a number of ours."""

LOCK_TIMEOUT_S: Final = 4
STATEMENT_TIMEOUT_S: Final = 60
"""Settings: a migration that waits for a table makes everybody behind it wait too."""

ATTEMPTS: Final = 5
ATTEMPT_PAUSE_S: Final = 1.0
"""Settings: how often a migration that could not get its locks is tried."""


class MigrationError(Exception):
    """The database and the migration files do not fit together."""


class MigrationNameError(MigrationError):
    """A file among the migrations is not called `NNNN_name.sql`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} among the migrations is not called NNNN_name.sql")
        self.name = name


class MigrationGapError(MigrationError):
    """The numbers of the files are not 1, 2, 3 and so on."""

    def __init__(self, *, expected: int, found: int) -> None:
        super().__init__(f"migration {expected:04} should come next, {found:04} does")
        self.expected = expected
        self.found = found


class MigrationChangedError(MigrationError):
    """A file is no longer what it was when it ran."""

    def __init__(self, migration: "Migration") -> None:
        super().__init__(
            f"migration {migration} has changed since it ran: restore the file, and make the "
            "change in a new one"
        )
        self.migration = migration


class DatabaseNewerError(MigrationError):
    """The database has had migrations that this version of Underseal does not know."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(
            f"the database has had migration {number:04}_{name}, which this version of Underseal "
            "does not know: install the version that it was made with, or a newer one"
        )
        self.number = number
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file: its number, its name and its SQL."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        """Return the hash by which a change of the file is noticed."""
        return hashlib.sha256(self.sql.encode()).digest()

    def __str__(self) -> str:
        return f"{self.number:04}_{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """Which migrations have run, and which are still to run; each in order."""

    applied: tuple[Migration, ...]
    pending: tuple[Migration, ...]


def own_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this version of Underseal."""
    return read_migrations(files("underseal.store") / "migrations")


def read_migrations(folder: Traversable) -> tuple[Migration, ...]:
    """Return the migrations in a folder, in order.

    Raises:
        MigrationNameError: a file is not called `NNNN_name.sql`.
        MigrationGapError: a number is missing, or there twice.
    """
    found = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        named = FILE.fullmatch(path.name)
        if named is None:
            raise MigrationNameError(path.name)
        found.append(Migration(number=int(named[1]), name=named[2], sql=path.read_text("utf-8")))
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationGapError(expected=expected, found=migration.number)
    return tuple(found)


async def status(
    connection: Connection, migrations: Sequence[Migration] | None = None
) -> MigrationStatus:
    """Return which of `migrations` (this version's own, if not given) have run.

    Raises:
        MigrationChangedError: one that has run is not what it was.
        DatabaseNewerError: one has run that is not among them.
    """
    known = own_migrations() if migrations is None else tuple(migrations)
    rows = await connection.fetch(SQL["applied"]) if await _has_table(connection) else ()
    for row, migration in zip_longest(rows, known[: len(rows)]):
        if migration is None:
            raise DatabaseNewerError(row["number"], row["name"])
        if (row["number"], row["name"], row["sha256"]) != (
            migration.number,
            migration.name,
            migration.sha256,
        ):
            raise MigrationChangedError(migration)
    return MigrationStatus(applied=known[: len(rows)], pending=known[len(rows) :])


async def migrate(
    connection: Connection, today: date, migrations: Sequence[Migration] | None = None
) -> None:
    """Run what is pending of `migrations` (this version's own, if not given), one by one.

    Those that ran before one that fails stay; the failed one leaves nothing.

    Args:
        connection: signed in as the owner, outside of a transaction, without a statement timeout:
            it waits for other processes that migrate.
        today: what is recorded as the day of the migration.
        migrations: in order.

    Raises:
        MigrationError: as `status`.
        asyncpg.PostgresError: one fails.
    """
    await connection.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
    try:
        for migration in (await status(connection, migrations)).pending:
            await _run_patiently(connection, migration, today)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", MIGRATION_LOCK)


async def _run_patiently(connection: Connection, migration: Migration, today: date) -> None:
    for _ in range(ATTEMPTS - 1):
        try:
            return await _run(connection, migration, today)
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(ATTEMPT_PAUSE_S)
    return await _run(connection, migration, today)


async def _run(connection: Connection, migration: Migration, today: date) -> None:
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT_S}s'")
        await connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT_S}s'")
        await connection.execute(migration.sql)
        if not await _has_table(connection):
            await connection.execute(SQL["create_table"])
        await connection.execute(
            SQL["record"], migration.number, migration.name, migration.sha256, today
        )


async def _has_table(connection: Connection) -> bool:
    return bool(await connection.fetchval(SQL["has_table"]))
