"""An installation for a measurement: the real server and web process, in a folder thrown away.

The process that measures runs the database server, so that the web process can be killed and
started again, and counts the processor time of all of them.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final

from underseal.app import clock, open_system
from underseal.config import Config
from underseal.core.caller import Scope
from underseal.flow.authenticate import admit_platform
from underseal.flow.system import System
from underseal.seal import keys

START_S: Final = 60.0
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
SYNCS: Final = 200
BLOCK: Final = bytes(8192)
"""What a small commit writes: a page of the log of PostgreSQL."""


class WebNotStartedError(Exception):
    """The web process does not answer."""


class Installation:
    """A running installation; `token` is a key that may file reports."""

    def __init__(
        self, folder: Path, system: System, environment: Mapping[str, str], token: str
    ) -> None:
        self.folder = folder
        self.system = system
        self.token = token
        self.port = int(environment["UNDERSEAL_PORT"])
        self._environment = environment
        self._web: Process | None = None

    async def start_web(self) -> None:
        """Start the web process, without background work, and wait until it answers.

        Raises:
            WebNotStartedError: it does not.
        """
        program = Path(sys.executable).with_name("underseal")
        with (self.folder / "web.log").open("ab") as log:
            self._web = await asyncio.create_subprocess_exec(
                program, "serve", "--no-worker", env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_S
        while not _answers(self.port):
            if time.monotonic() > deadline or self._web.returncode is not None:
                raise WebNotStartedError((self.folder / "web.log").read_text()[-2000:])
            await asyncio.sleep(0.1)

    async def kill_web(self) -> None:
        """Kill the web process, as a crash would."""
        if self._web is not None:
            self._web.kill()
            await self._web.wait()

    def kill_database(self) -> None:
        """Kill the server and all its processes, as a crash would."""
        postmaster = self._postmaster()
        for process in (postmaster, *_children(postmaster)):
            os.kill(process, signal.SIGKILL)

    async def stop_web(self) -> None:
        """Ask the web process to stop, and wait until it has."""
        if self._web is not None and self._web.returncode is None:
            self._web.terminate()
            await self._web.wait()

    def cpu_s(self) -> float:
        """Return the processor time that web and database have taken so far, in seconds."""
        postmaster = self._postmaster()
        processes = [postmaster, *_children(postmaster)]
        if self._web is not None:
            processes.append(self._web.pid)
        return sum(map(_cpu_s, processes))

    def _postmaster(self) -> int:
        pid_file = self.folder / "data" / "postgres" / "postmaster.pid"
        return int(pid_file.read_text().split("\n", 1)[0])


@asynccontextmanager
async def open_installation() -> AsyncIterator[Installation]:
    """Make an installation with a platform, start its web process, and throw it away at the end."""
    folder = _new_folder()
    environment = {
        "UNDERSEAL_DATA": str(folder / "data"),
        "UNDERSEAL_KEYS": str(folder / "keys"),
        "UNDERSEAL_PORT": str(_free_port()),
    }
    try:
        today = clock().date()
        keys.create(folder / "keys", today)
        async with open_system(Config.from_environment(environment)) as system:
            scopes = (Scope.REPORTS_WRITE, Scope.RECEIPTS_READ)
            key = await admit_platform(system, "Benchmark", scopes, today)
            installation = Installation(folder, system, environment, key.token)
            try:
                await installation.start_web()
                yield installation
            finally:
                await installation.stop_web()
    finally:
        shutil.rmtree(folder)


def sync_us(folder: Path) -> float:
    """Return how long the disk under `folder` takes to make a page safe: the median, in µs."""
    times = []
    descriptor = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for number in range(SYNCS):
            os.pwrite(descriptor, BLOCK, number * len(BLOCK))
            began = time.perf_counter()
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
    return 1e6 * median(times)


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="underseal-bench-"))
    folder.chmod(0o711)  # the user who runs PostgreSQL for root passes through it
    return folder


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def _cpu_s(process: int) -> float:
    """Return the processor time of a process and of its children that have ended: proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_PER_S
