"""An installation for a measurement: the real server and web processes, in a folder thrown away.

The process that measures runs the database server, so that the web processes can be killed and
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
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final

from underseal.app import clock, open_system
from underseal.config import Config
from underseal.core.caller import Scope
from underseal.flow.authenticate import admit_platform
from underseal.flow.system import System
from underseal.lab.ports import free_ports
from underseal.seal import keys

WEB_PROCESSES: Final = 2
"""As many as the machine of the figures has cores; a load balancer stands before them."""
START_S: Final = 60.0
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
SYNCS: Final = 200
BLOCK: Final = bytes(8192)
"""What a small commit writes: a page of the log of PostgreSQL."""


class WebNotStartedError(Exception):
    """A web process does not answer."""


class Installation:
    """A running installation, with a web process on each of the `ports`.

    `token` is a key that may file reports.
    """

    def __init__(
        self, folder: Path, system: System, environment: Mapping[str, str], token: str
    ) -> None:
        self.folder = folder
        self.system = system
        self.token = token
        self.ports = free_ports(WEB_PROCESSES)
        self._environment = environment
        self._webs: list[Process] = []

    async def start_web(self) -> None:
        """Start the web processes, without background work, and wait until they answer.

        Raises:
            WebNotStartedError: one does not.
        """
        program = Path(sys.executable).with_name("underseal")
        with (self.folder / "web.log").open("ab") as log:
            self._webs = [
                await asyncio.create_subprocess_exec(
                    program,
                    "serve",
                    "--no-worker",
                    env={**self._environment, "UNDERSEAL_PORT": str(port)},
                    stdout=log,
                    stderr=log,
                )
                for port in self.ports
            ]
        deadline = time.monotonic() + START_S
        while not all(map(_answers, self.ports)):
            has_ended = any(web.returncode is not None for web in self._webs)
            if has_ended or time.monotonic() > deadline:
                raise WebNotStartedError((self.folder / "web.log").read_text()[-2000:])
            await asyncio.sleep(0.1)

    async def kill_web(self) -> None:
        """Kill the web processes, as a crash would."""
        for web in self._webs:
            web.kill()
        for web in self._webs:
            await web.wait()

    def kill_database(self) -> None:
        """Kill the server and all its processes, as a crash would."""
        postmaster = self._postmaster()
        for process in (postmaster, *_children(postmaster)):
            os.kill(process, signal.SIGKILL)

    async def stop_web(self) -> None:
        """Ask the web processes to stop, and wait until they have."""
        running = [web for web in self._webs if web.returncode is None]
        for web in running:
            web.terminate()
        for web in running:
            await web.wait()

    def cpu_s(self) -> float:
        """Return the processor time that web and database have taken so far, in seconds."""
        postmaster = self._postmaster()
        webs = [web.pid for web in self._webs]
        return sum(map(_cpu_s, [postmaster, *_children(postmaster), *webs]))

    def _postmaster(self) -> int:
        pid_file = self.folder / "data" / "postgres" / "postmaster.pid"
        return int(pid_file.read_text().split("\n", 1)[0])


@asynccontextmanager
async def open_installation() -> AsyncIterator[Installation]:
    """Make an installation with a platform, start its web processes, and throw it away at the end."""
    folder = new_folder()
    environment = {
        "UNDERSEAL_DATA": str(folder / "data"),
        "UNDERSEAL_KEYS": str(folder / "keys"),
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


def machine_cpu_s() -> float:
    """Return the processor time that everything on the machine has taken so far: proc(5)."""
    with Path("/proc/stat").open() as stat:
        user, nice, system, _idle, _waiting, *interrupts = map(int, stat.readline().split()[1:8])
    return (user + nice + system + sum(interrupts)) / TICKS_PER_S


def own_cpu_s() -> float:
    """Return the processor time that this process and all that it has started have taken so far."""
    return sum(map(_cpu_s, _family(os.getpid())))


def new_folder() -> Path:
    """Make a folder to be thrown away, which PostgreSQL's user passes through if that is not ours."""
    folder = Path(tempfile.mkdtemp(prefix="underseal-bench-"))
    folder.chmod(0o711)  # the user who runs PostgreSQL for root passes through it
    return folder


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def _family(process: int) -> Iterator[int]:
    """Yield a process, its children and theirs, as far as they are still there."""
    yield process
    for each in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # it has just ended
            for child in each.read_text().split():
                yield from _family(int(child))


def _cpu_s(process: int) -> float:
    """Return the processor time of a process and of its children that have ended: proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_PER_S
