"""Servers and databases for tests that are about them; the others share one (tests/conftest.py)."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from underseal.store.bootstrap import ensure_database
from underseal.store.connection import Address, Connection, session
from underseal.store.roles import Role
from underseal.store.server import EmbeddedServer

OTHER_PROGRAMS = os.getenv("UNDERSEAL_TEST_POSTGRES_BIN")


@pytest.fixture(scope="session")
def programs() -> Path | None:
    """The folder of PostgreSQL's programs that the run is for; None are those of the wheel."""
    return Path(OTHER_PROGRAMS) if OTHER_PROGRAMS else None


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder that other users can pass through, as those of an installation are."""
    memory = Path("/dev/shm")
    is_ample = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    place = Path(tempfile.mkdtemp(prefix="underseal-", dir=memory if is_ample else None))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def stopped(place: Path, programs: Path | None) -> Path:
    """A data folder whose server has run once; nobody uses it, tests copy it."""
    data = place / "stopped"
    with EmbeddedServer(data, programs=programs):
        pass
    return data


@pytest.fixture
def data(place: Path, stopped: Path) -> Iterator[Path]:
    """A data folder of the test's own, whose server is not running."""
    folder = place / secrets.token_hex(4)
    subprocess.run(["cp", "-a", stopped, folder], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def embed(programs: Path | None) -> Iterator[Callable[..., EmbeddedServer]]:
    """Makes embedded servers, and stops them at the end."""
    made: list[EmbeddedServer] = []

    def make(data: Path, **settings: str) -> EmbeddedServer:
        made.append(EmbeddedServer(data, programs=programs, settings=settings))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
async def empty(server) -> AsyncIterator[Address]:
    """A database of the test's own without anything in it."""
    name = f"empty_{secrets.token_hex(8)}"
    superuser = server.embedded.superuser()
    async with session(server.address("postgres"), superuser) as connection:
        await ensure_database(connection, name)
    yield server.address(name)
    async with session(server.address("postgres"), superuser) as connection:
        await connection.execute(f"drop database {name} with (force)")


@pytest.fixture
async def owner(server, empty: Address) -> AsyncIterator[Connection]:
    """A connection of the owner to the empty database, as migrations run on it."""
    login = server.passwords.login(Role.OWNER)
    async with session(empty, login, statement_timeout_s=0) as connection:
        yield connection
