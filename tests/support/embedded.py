"""Questions that tests ask an embedded server from outside."""

import asyncio
import fcntl
import time
from pathlib import Path

import asyncpg

from underseal.store.cluster import cluster_folder, log_file
from underseal.store.connection import session
from underseal.store.pool import AWAY
from underseal.store.server import EmbeddedServer


async def ask(data: Path, query: str) -> object:
    """Ask the server of a data folder, and be patient while it is being started."""
    there = EmbeddedServer(data)
    async with asyncio.timeout(30):
        while True:
            try:
                address = there.address("postgres")
                async with session(address, there.superuser()) as connection:
                    return await connection.fetchval(query)
            except (*AWAY, asyncpg.InterfaceError):
                await asyncio.sleep(0.02)


async def pid_of(data: Path) -> int:
    """Return the pid of the server that answers."""
    await ask(data, "select 1")
    return int((cluster_folder(data) / "postmaster.pid").read_text().split()[0])


async def other_than(data: Path, pid: int) -> int:
    """Return the pid of the server that took the place of `pid`."""
    async with asyncio.timeout(30):
        while (found := await pid_of(data)) == pid:
            pass
    return found


def uid_of(pid: int) -> int:
    return Path("/proc", str(pid)).stat().st_uid


def wait_until_nobody_serves(data: Path) -> None:
    deadline = time.monotonic() + 30
    with (data / "server.lock").open() as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "the server outlives its process"


def log_of(data: Path) -> str:
    return log_file(data).read_text()
