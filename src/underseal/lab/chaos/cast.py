"""The processes of an Underseal that is being killed: each comes back at once."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import httpx

TICK_S: Final = 1.0
START_S: Final = 60.0
PAUSE_S: Final = 0.05


class Victim(StrEnum):
    """What can be killed."""

    WEB = "web"
    WORKER = "worker"
    DATABASE = "database"


class NotServingError(Exception):
    """The processes did not come back in time."""


@dataclass(slots=True)
class Cast:
    """Web and worker as child processes over one data folder, with the embedded database.

    `data` holds prepared keys; `port` is free.
    """

    data: Path
    port: int
    allowed_hosts: str
    _running: dict[Victim, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the processes."""
        return {
            "PATH": os.environ["PATH"],  # noqa: TID251 - child processes need to be found
            "UNDERSEAL_DATA": str(self.data),
            "UNDERSEAL_KEYS": str(self.data / "keys"),
            "UNDERSEAL_PORT": str(self.port),
            "UNDERSEAL_TICK_SECONDS": str(TICK_S),
            "UNDERSEAL_ALLOWED_HOSTS": self.allowed_hosts,
            "UNDERSEAL_REQUIRE_SANDBOX": "no",
        }

    def start(self) -> None:
        """Start whatever does not run."""
        for victim, arguments in (
            (Victim.WEB, ("serve", "--no-worker")),
            (Victim.WORKER, ("worker",)),
        ):
            process = self._running.get(victim)
            if process is None or process.poll() is not None:
                self._running[victim] = self._spawn(victim, arguments)

    async def until_serving(self) -> None:
        """Wait until the API answers, starting again whatever has died.

        Raises:
            NotServingError: it does not come back.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_S
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as http:
            while loop.time() < deadline:
                self.start()
                with suppress(httpx.HTTPError):
                    if (await http.get("/healthz")).is_success:
                        return
                await asyncio.sleep(PAUSE_S)
        raise NotServingError(self._log(Victim.WEB).read_text()[-2000:])

    def kill(self, victim: Victim) -> bool:
        """Kill a process with SIGKILL; answer whether there was one."""
        match victim:
            case Victim.DATABASE:
                pid = self._database_pid()
            case Victim.WEB | Victim.WORKER:
                process = self._running.get(victim)
                pid = process.pid if process is not None and process.poll() is None else None
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def stop(self) -> None:
        """End everything in good order."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, victim: Victim, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with self._log(victim).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own program
                [Path(sys.executable).with_name("underseal"), *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _log(self, victim: Victim) -> Path:
        return self.data / f"{victim}.log"

    def _database_pid(self) -> int | None:
        """The postmaster's pid: the first line of its lock file, wherever the cluster lies."""
        for lock in self.data.rglob("postmaster.pid"):
            with suppress(OSError, ValueError, IndexError):
                return int(lock.read_text().splitlines()[0])
        return None
