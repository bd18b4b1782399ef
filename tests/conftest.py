"""A real PostgreSQL for every test that asks for one.

`server` is one server for the whole run, whatever the number of workers. `database` is a database
of the test's own, copied from a migrated template, with a pool for every role.

With `UNDERSEAL_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin` both run on those programs, and the
database is made ready as an external one: by its URL, whose user may create roles and databases
and nothing else.
"""

import asyncio
import fcntl
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from driver import remember_types
from hypothesis import settings

from underseal.store.bootstrap import ensure_database, migrate_as_owner, prepare_external
from underseal.store.connection import Address, Connection, session
from underseal.store.passwords import Login, Passwords
from underseal.store.pool import Database
from underseal.store.roles import Role, ensure_roles, load_passwords
from underseal.store.server import EmbeddedServer

# Machines that run tests are busy: how long an example takes says nothing about the code.
settings.register_profile("underseal", deadline=None)
settings.load_profile("underseal")
remember_types()


def pytest_collection_finish() -> None:
    """What has been imported stays: nobody need look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


TODAY = date(2026, 11, 22)
POOL_SIZE = 4
TEMPLATE = "underseal_template"
MEMORY_BYTES_MIN = 4 << 30
PLATFORM = Login(user="platform", password="of the platform")
OTHER_PROGRAMS = os.getenv("UNDERSEAL_TEST_POSTGRES_BIN")
PROGRAMS = Path(OTHER_PROGRAMS) if OTHER_PROGRAMS else None

FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}
"""A test's database has nothing to lose; a test about durability starts a server of its own."""


@dataclass(kw_only=True)
class SharedServer:
    """The server of a test run, and who may create databases in it.

    What is done `elsewhere` is done on an event loop that outlives those of tests; the connection
    that `desk` is belongs to it, and all databases are created and dropped there.
    """

    embedded: EmbeddedServer
    admin: Login
    passwords: Passwords
    elsewhere: Callable[[Coroutine], Future]
    desk: Connection = field(init=False)

    def address(self, database: str) -> Address:
        return self.embedded.address(database)

    def url(self, database: str) -> str:
        """Return the URL that an operator would configure for an external database."""
        parts = urlsplit(self.address(database).url)
        return parts._replace(
            path=f"/{database}",
            query=f"{parts.query}&user={self.admin.user}&password={self.admin.password}",
        ).geturl()

    async def make_template(self) -> None:
        async with session(self.address("postgres"), self.embedded.superuser()) as superuser:
            await superuser.execute("select pg_advisory_lock(1)")
            names = await superuser.fetch("select datname from pg_database")
            if TEMPLATE in {row["datname"] for row in names}:
                return
            await self._fill_template(superuser, f"{TEMPLATE}_unfinished")
            await superuser.execute(f"alter database {TEMPLATE}_unfinished rename to {TEMPLATE}")

    async def _fill_template(self, superuser: Connection, name: str) -> None:
        if PROGRAMS:
            await superuser.execute(
                f"create role {PLATFORM.user} login createrole createdb in role pg_signal_backend "
                f"password '{PLATFORM.password}'"
            )
            await superuser.execute(f"create database {name} owner {PLATFORM.user}")
            await prepare_external(self.url(name), self.passwords, today=TODAY)
        else:
            await ensure_roles(superuser, self.passwords)
            await ensure_database(superuser, name)
            await migrate_as_owner(self.address(name), self.passwords, today=TODAY)

    async def create_database(self, name: str, template: str = TEMPLATE) -> Address:
        await asyncio.wrap_future(self.elsewhere(self._copy(template, name)))
        return self.address(name)

    async def _copy(self, template: str, name: str) -> None:
        await self.desk.execute(f"create database {name} template {template} strategy file_copy")
        if not PROGRAMS:
            await ensure_database(self.desk, name)  # rights to a database are not copied with it
            await self.desk.execute("select pg_advisory_unlock_all()")

    async def drop_database(self, name: str) -> None:
        drop = self.desk.execute(f"drop database {name} with (force)")
        await asyncio.wrap_future(self.elsewhere(drop))

    @contextmanager
    def open_desk(self) -> Iterator[None]:
        sitting = session(self.address("postgres"), self.admin)
        self.desk = self.elsewhere(sitting.__aenter__()).result()
        yield
        self.elsewhere(sitting.__aexit__(None, None, None)).result()


@contextmanager
def another_loop() -> Iterator[Callable[[Coroutine], Future]]:
    """Runs coroutines one after the other on an event loop in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        runner = asyncio.Runner()
        yield lambda work: thread.submit(runner.run, work)
        thread.submit(runner.close).result()


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedServer]:
    """One server for the whole run: the workers elect who runs it, as processes of a service do."""
    worker = getattr(request.config, "workerinput", None)
    base = tmp_path_factory.getbasetemp()
    run = worker["testrunuid"] if worker else secrets.token_hex(8)
    folder = _place_for_databases() / f"underseal-{run}"
    with ((base.parent if worker else base) / "server-users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        embedded = EmbeddedServer(folder, programs=PROGRAMS, settings=FORGETFUL)
        try:
            embedded.start()
            with another_loop() as elsewhere:
                shared = SharedServer(
                    embedded=embedded,
                    admin=PLATFORM if PROGRAMS else embedded.superuser(),
                    passwords=load_passwords(folder),
                    elsewhere=elsewhere,
                )
                elsewhere(shared.make_template()).result()
                with shared.open_desk():
                    yield shared
        finally:
            is_last = embedded.is_serving
            if is_last:
                fcntl.flock(users, fcntl.LOCK_EX)  # when no other worker needs it any more
            embedded.stop()
            if is_last:
                shutil.rmtree(folder)


def _place_for_databases() -> Path:
    """Return memory, if there is enough of it: there a database is copied 20 times as fast.

    It is never pytest's own folder, which the user that runs PostgreSQL for root cannot enter.
    """
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES_MIN:
        return memory
    return Path(tempfile.gettempdir())


@pytest.fixture
async def address(server: SharedServer) -> AsyncIterator[Address]:
    """A fresh, migrated database of the test's own."""
    name = f"test_{secrets.token_hex(8)}"
    yield await server.create_database(name)
    await server.drop_database(name)


@pytest.fixture
async def database(server: SharedServer, address: Address) -> AsyncIterator[Database]:
    """A fresh, migrated database of the test's own, with a pool for every role."""
    database = await Database.open(address, server.passwords, dict.fromkeys(Role, POOL_SIZE))
    yield database
    await database.close()
