"""The stage: a data folder, keys, and real servers as processes of their own."""

import asyncio
import hashlib
import os
import shutil
import signal
import stat
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Final

import httpx

from underseal import app
from underseal.config import Config, environment
from underseal.core.caller import ModeratorRole, Scope
from underseal.flow.authenticate import NewKey, admit_moderator, admit_platform
from underseal.flow.system import System
from underseal.lab.history import begins_at
from underseal.lab.ports import free_ports
from underseal.seal import keys
from underseal.seal.escrow_key import private_key_text

TICK_SECONDS: Final = 2
"""An hour takes so long in the demonstration. A setting."""

HOST: Final = "127.0.0.1"

DATA_OF_ROOT: Final = Path("/var/lib/underseal-demo")
"""Where root's demonstrations keep their databases that cannot be beside the rest."""

MARKER: Final = "underseal-demo"
"""The file that tells a folder of an earlier demonstration, which may be wiped."""

START_S: Final = 60.0
STOP_S: Final = 20.0
POLL_S: Final = 0.1
"""Settings: how long a server may take to start and to stop, and how often is looked."""

LOG_LINES: Final = 20
"""So much of a server's output is shown when it fails."""


class FolderInUseError(Exception):
    """The folder holds something that no demonstration has put there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds other files: choose an empty or a new folder by --data")
        self.folder = folder


class ServerFailedError(Exception):
    """A server has ended, or did not come up."""

    def __init__(self, name: str, log: Path) -> None:
        lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        super().__init__("\n".join([f"`underseal {name}` failed; the end of {log}:", *lines]))
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything of a demonstration is."""

    folder: Path

    @property
    def data(self) -> Path:
        """The database, its secrets, and frozen media.

        PostgreSQL never runs as root; where root's folder is closed to others, it is elsewhere.
        """
        way = (self.folder, *self.folder.parents)
        if os.geteuid() or all(each.stat().st_mode & stat.S_IXOTH for each in way):
            return self.folder / "data"
        return DATA_OF_ROOT / hashlib.sha256(bytes(self.folder)).hexdigest()[:12]

    @property
    def keys(self) -> Path:
        """The key files of the servers."""
        return self.folder / "keys"

    @property
    def escrow(self) -> Path:
        """The private escrow key, which an operator takes offline."""
        return self.folder / "escrow.key"

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints are exported to."""
        return self.folder / "checkpoints"

    @property
    def videos(self) -> Path:
        """The videos that the laboratory makes."""
        return self.folder / "videos"

    @property
    def house(self) -> "Place":
        """Where the second installation is, the one to be looked at."""
        return Place(folder=self.folder / "house")

    def log(self, name: str) -> Path:
        """Where a server writes."""
        return self.folder / f"{name}.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The keys of those who call the API."""

    platform: NewKey
    loop: NewKey
    moderator: NewKey
    colleague: NewKey
    lead: NewKey
    auditor: NewKey
    admin: NewKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running Underseal: its address, its keys, and the operator's own look inside.

    `example_url` is where the example site is to be.
    """

    place: Place
    example_url: str
    settings: Mapping[str, str]
    config: Config
    system: System
    access: Access
    _processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://{HOST}:{self.config.port}"

    def shell(self, command: str) -> str:
        """Return a line for a shell that runs `underseal` on this demonstration's data."""
        names = ("UNDERSEAL_DATA", "UNDERSEAL_KEYS", "UNDERSEAL_CHECKPOINTS")
        set_up = " ".join(f"{name}={quote(self.settings[name])}" for name in names)
        return f"{set_up} {quote(_program())} {command}"

    @asynccontextmanager
    async def servers(self) -> AsyncIterator[None]:
        """Run the API and the worker, each as a process; stop them in the end.

        Raises:
            ServerFailedError: one did not come up.
        """
        try:
            await self._start("serve", "--no-worker")
            await self._start("worker", "--trust-clock")  # a demonstration may have rested
            await self._wait_until_up()
            yield
        finally:
            await self._stop()

    async def run(self, *command: str) -> tuple[int, str]:
        """Run `underseal` with these arguments; return its exit status and what it wrote."""
        process = await asyncio.create_subprocess_exec(
            _program(),
            *command,
            env=server_environment(self.settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode(errors="replace").strip()

    def check_servers(self) -> None:
        """Notice a server that has ended.

        Raises:
            ServerFailedError: one has.
        """
        for name, process in self._processes.items():
            if process.returncode is not None:
                raise ServerFailedError(name, self.place.log(name))

    async def _start(self, name: str, *options: str) -> None:
        with self.place.log(name).open("wb") as log:
            # A session of its own: Ctrl-C is for the demonstration, which then stops its servers.
            self._processes[name] = await asyncio.create_subprocess_exec(
                _program(),
                name,
                *options,
                env=server_environment(self.settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _wait_until_up(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            try:
                async with asyncio.timeout(START_S):
                    while not await _is_up(http):
                        self.check_servers()
                        await asyncio.sleep(POLL_S)
            except TimeoutError:
                raise ServerFailedError("serve", self.place.log("serve")) from None

    async def _stop(self) -> None:
        running = [each for each in self._processes.values() if each.returncode is None]
        for wish in (signal.SIGTERM, signal.SIGKILL):
            for process in running:
                if process.returncode is None:
                    process.send_signal(wish)
            try:
                async with asyncio.timeout(STOP_S):
                    await asyncio.gather(*(each.wait() for each in running))
            except TimeoutError:
                continue
            return


def prepare(folder: Path) -> Place:
    """Make a fresh folder; one of an earlier demonstration is wiped.

    Raises:
        FolderInUseError: it holds something else.
    """
    place = Place(folder=folder.absolute())
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise FolderInUseError(folder)
        for each in (place, place.house):
            shutil.rmtree(each.data, ignore_errors=True)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("A demonstration of Underseal; the next one wipes this folder.\n")
    place.videos.mkdir()
    place.house.folder.mkdir()
    return place


@asynccontextmanager
async def open_stage(place: Place, allowed_host: str) -> AsyncIterator[Stage]:
    """Make keys, open the database and let people in; no server runs yet.

    Args:
        place: a fresh folder.
        allowed_host: `host:port` that media may be fetched from and webhooks sent to.
    """
    today = app.clock().date()
    _make_keys(place)
    port, example_port = free_ports(2)
    example = f"{HOST}:{example_port}"
    settings = {
        "UNDERSEAL_DATA": str(place.data),
        "UNDERSEAL_KEYS": str(place.keys),
        "UNDERSEAL_CHECKPOINTS": str(place.checkpoints),
        "UNDERSEAL_TICK_SECONDS": str(TICK_SECONDS),
        "UNDERSEAL_WEIGHTING": "priority_and_threshold",
        "UNDERSEAL_ALLOWED_HOSTS": f"{allowed_host},{example}",
        "UNDERSEAL_HOST": HOST,
        "UNDERSEAL_PORT": str(port),
        # Its videos are its own; what the kernel offers stands around their decoder all the same.
        "UNDERSEAL_REQUIRE_SANDBOX": "no",
    }
    config = Config.from_environment(settings)
    async with app.open_system(config) as system:
        platform = await admit_platform(system, "the demonstration", Scope, today)
        loop = await admit_platform(system, "Loop", Scope, today)
        of_role = {
            name: await admit_moderator(system, name, role, today)
            for name, role in (
                ("moderator", ModeratorRole.MODERATOR),
                ("colleague", ModeratorRole.MODERATOR),
                ("lead", ModeratorRole.LEAD),
                ("auditor", ModeratorRole.AUDITOR),
                ("admin", ModeratorRole.ADMIN),
            )
        }
        yield Stage(
            place=place,
            example_url=f"http://{example}",
            settings=settings,
            config=config,
            system=system,
            access=Access(platform=platform, loop=loop, **of_role),
        )


def _make_keys(place: Place) -> None:
    """Make the keys of the servers, this year's and that in which the history begins."""
    now = app.clock()
    private_key = keys.create(place.keys, now.date())
    first_year = begins_at(now).year
    if first_year != now.year:
        keys.add_year(place.keys, first_year)
    with os.fdopen(os.open(place.escrow, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(private_key_text(private_key) + "\n")


def server_environment(settings: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment of a server: ours with its settings, without those of another one."""
    inherited = {
        name: value for name, value in environment().items() if not name.startswith("UNDERSEAL_")
    }
    return {**inherited, **settings}


def _program() -> str:
    """The `underseal` that belongs to this Python."""
    return str(Path(sys.executable).with_name("underseal"))


async def _is_up(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).is_success
    except httpx.TransportError:
        return False
