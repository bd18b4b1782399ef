"""The twin plays of `underseal bench anonymity`, on a database server of their own.

The server forgets on a crash, which saves most of the time: nothing here is to be kept.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

import uvloop

from underseal.app import POOLS, new_id
from underseal.core.guideline_file import parse
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.system import Settings, System
from underseal.lab.anonymity.twin_past import furnish, let_in
from underseal.lab.anonymity.twin_platform import open_platform
from underseal.lab.anonymity.twin_world import Progress, World
from underseal.lab.anonymity.twins import Compared, Twins
from underseal.lab.bench.installation import new_folder
from underseal.seal import keys
from underseal.store.bootstrap import MAINTENANCE_DATABASE, ensure_database, migrate_as_owner
from underseal.store.connection import session
from underseal.store.media import MediaFolder
from underseal.store.passwords import Passwords
from underseal.store.pool import Database
from underseal.store.roles import ensure_roles, load_passwords
from underseal.store.server import EmbeddedServer

WORLDS: Final = 500
SEED: Final = 20_261_123
BEGINS_AT: Final = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
CONNECTIONS: Final = 3
"""Of each role; a play is one thing after the other."""

FORGETFUL: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
QUIET: Final = "quiet"
LOUD: Final = "loud"


def compare_twins(progress: Progress, worlds: int = WORLDS) -> Compared:
    """Play so many worlds twice, and compare."""
    return uvloop.run(_compare(progress, worlds))


async def _compare(progress: Progress, count: int) -> Compared:
    async with open_twins(count, progress) as twins:
        progress(f"{count} worlds have a past")
        return await twins.play()


@asynccontextmanager
async def open_twins(count: int, progress: Progress) -> AsyncIterator[Twins]:
    """Write the past of so many worlds, and open two plays of what follows."""
    worlds = [World(number=number, seed=SEED) for number in range(count)]
    async with _open_house() as house:
        await house.make(QUIET)
        async with house.system(QUIET) as system:
            staff = await let_in(system, BEGINS_AT)
            async with open_platform(system, staff, BEGINS_AT) as past:
                await furnish(past, worlds, progress)
                now = past.now
        await house.copy(QUIET, LOUD)
        async with (
            house.system(QUIET) as first,
            house.system(LOUD) as second,
            open_platform(first, staff, now) as quiet,
            open_platform(second, staff, now) as loud,
        ):
            yield Twins(quiet, loud, worlds, progress)


@dataclass(frozen=True, kw_only=True)
class _House:
    """A server, in which there can be several databases with the same keys."""

    folder: Path
    server: EmbeddedServer
    passwords: Passwords

    async def make(self, name: str) -> None:
        """Make an empty database with the guidelines that are shipped."""
        today = BEGINS_AT.date()
        async with session(
            self.server.address(MAINTENANCE_DATABASE), self.server.superuser()
        ) as admin:
            await ensure_roles(admin, self.passwords)
            await ensure_database(admin, name)
        await migrate_as_owner(self.server.address(name), self.passwords, today=today)
        async with self.system(name) as system:
            await adopt_guidelines(system.db, _guidelines(), "guidelines.toml", today)

    async def copy(self, name: str, copied: str) -> None:
        """Copy a database that nobody uses."""
        async with session(
            self.server.address(MAINTENANCE_DATABASE), self.server.superuser()
        ) as admin:
            await admin.execute(f"create database {copied} template {name} strategy file_copy")
            await ensure_database(admin, copied)

    @asynccontextmanager
    async def system(self, name: str) -> AsyncIterator[System]:
        """Open an Underseal on a database."""
        sizes = dict.fromkeys(POOLS, CONNECTIONS)
        db = await Database.open(self.server.address(name), self.passwords, sizes)
        try:
            yield System(
                db=db,
                keys=keys.KeyRing.load(self.folder / "keys", BEGINS_AT.date()),
                guidelines=parse(_guidelines(), "guidelines.toml"),
                media=MediaFolder(self.folder / "media"),
                settings=Settings(),
                new_id=new_id,
                draw=lambda: 0.0,
            )
        finally:
            await db.close()


@asynccontextmanager
async def _open_house() -> AsyncIterator[_House]:
    folder = new_folder()
    try:
        keys.create(folder / "keys", BEGINS_AT.date())
        server = EmbeddedServer(folder / "data", settings=FORGETFUL)
        await asyncio.to_thread(server.start)
        try:
            passwords = load_passwords(folder / "data")
            yield _House(folder=folder, server=server, passwords=passwords)
        finally:
            await asyncio.to_thread(server.stop)
    finally:
        shutil.rmtree(folder)


def _guidelines() -> str:
    return (files("underseal") / "guidelines.toml").read_text()
