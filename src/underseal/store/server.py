"""The embedded PostgreSQL server: one for all processes of a data folder, run by one of them.

Each process that needs the database runs an `EmbeddedServer`. One of them is elected
(`underseal.store.election`) and has the server as its child; when it goes, however it goes, the
server ends cleanly and another process starts it anew. Whoever serves also restarts a server that
dies. There is no TCP, only a socket in a folder that is open to one user, and passwords.

Linux only: the end of a parent is told by `PR_SET_PDEATHSIG`.
"""

import logging
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

from underseal.store.binaries import ServerError, wheel_programs
from underseal.store.cluster import (
    PORT,
    Cluster,
    InUseError,
    log_file,
    make_data_folder,
    prepare,
    socket_folder,
    start_postgres,
    why_it_ended,
    with_advice,
)
from underseal.store.connection import Address, local_address
from underseal.store.election import PAUSE_S, Keeper
from underseal.store.passwords import Login
from underseal.store.roles import SUPERUSER, load_passwords

START_S: Final = 120.0
"""How long `start` waits, a recovery after a crash included. A setting."""

PROBE_PAUSE_S: Final = 0.02
"""How often `start` tries; each try that is too early costs a line in the server's log."""

STOP_S: Final = 60.0
"""How long a server may take to stop cleanly before it is told to drop everything. A setting."""

LEFTOVER_S: Final = 10.0
"""How long the rest of a killed server is given to end before it counts as a foreign one."""

RESTART_PAUSE_S_MAX: Final = 10.0
STEADY_S: Final = 10.0
"""A server that stayed up for so long is restarted at once, not after a growing pause. Settings."""

PROTOCOL_3: Final = 3 << 16
CANNOT_CONNECT_NOW: Final = b"C57P03\0"
"""PostgreSQL's protocol: a version, and the field of an error that says "not yet"."""

_logger = logging.getLogger(__name__)


class StartTimeoutError(ServerError):
    """The server does not accept connections yet."""

    def __init__(self, data: Path, waited_s: float) -> None:
        super().__init__(
            f"PostgreSQL in {data} accepts no connections after {waited_s:.0f} s: it may still be "
            f"recovering from a crash; see {log_file(data)}, and start again"
        )
        self.data = data
        self.waited_s = waited_s


class EmbeddedServer:
    """This process's share in the server of a data folder.

    Args:
        data: the data folder, created if missing.
        programs: the folder of PostgreSQL's programs; those of the wheel if not given.
        settings: settings of PostgreSQL that take the place of `cluster.DEFAULT_SETTINGS`.
    """

    def __init__(
        self,
        data: Path,
        *,
        programs: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._data = data.absolute()
        self._programs = programs
        self._settings = settings
        self._has_started = False
        self._keeper = Keeper(self._open_lock, self._serve)

    def start(self, *, patience_s: float = START_S) -> None:
        """Return once the server accepts connections, whichever process runs it.

        Raises:
            ServerError: it cannot run; each subclass says why and what to do.
            PasswordsExposedError: others may read the file of passwords.
        """
        self._keeper.start()
        deadline = time.monotonic() + patience_s
        while not self._accepts_connections():
            failure = self._keeper.failure
            if isinstance(failure, OSError):
                raise with_advice(failure, self._data) from failure
            if failure is not None:
                raise failure
            if time.monotonic() > deadline:
                self.stop()
                raise StartTimeoutError(self._data, patience_s)
            time.sleep(PROBE_PAUSE_S)
        self._has_started = True

    def stop(self) -> None:
        """Leave. If this process runs the server, it stops, and another process starts it anew."""
        self._keeper.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_serving(self) -> bool:
        """Tell whether this process is the one that runs the server."""
        return self._keeper.is_serving

    def superuser(self) -> Login:
        """Return the login that may do everything; for `underseal.store.bootstrap` alone."""
        return load_passwords(self._data).login(SUPERUSER)

    def address(self, database: str) -> Address:
        """Return where a database of the server is.

        Raises:
            StartTimeoutError: the server has never run.
        """
        folder = socket_folder(self._data)
        if folder is None:
            raise StartTimeoutError(self._data, 0)
        return local_address(folder, PORT, database)

    def _open_lock(self) -> int:
        make_data_folder(self._data)
        return os.open(self._data / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _accepts_connections(self) -> bool:
        folder = socket_folder(self._data)
        return folder is not None and _accepts_connections(folder / f".s.PGSQL.{PORT}")

    def _serve(self, lock: int, stopping: threading.Event) -> None:
        began = time.monotonic()
        pause_s = PAUSE_S
        while not stopping.is_set():
            since = time.monotonic()
            try:
                self._serve_once(lock, stopping)
            except Exception as error:  # outermost loop: a server that has run is always run again
                is_leftover = isinstance(error, InUseError) and since - began < LEFTOVER_S
                if not self._has_started and not is_leftover:
                    raise
                _logger.warning("database server ended, starting it again: %s", error)
            pause_s = PAUSE_S if time.monotonic() - since > STEADY_S else 2 * pause_s
            stopping.wait(min(pause_s, RESTART_PAUSE_S_MAX))

    def _serve_once(self, lock: int, stopping: threading.Event) -> None:
        """Run a server until it is told to stop; raise why, if it ends before."""
        cluster = self._prepare()
        log = log_file(self._data)
        log_start = log.stat().st_size if log.exists() else 0
        process = start_postgres(cluster, self._settings, lock)
        try:
            while process.poll() is None and not stopping.wait(PAUSE_S):
                pass
        finally:
            _stop(process)
        if not stopping.is_set():
            raise why_it_ended(cluster, log_start, process.returncode)

    def _prepare(self) -> Cluster:
        login = self.superuser()
        return prepare(
            self._data,
            self._programs or wheel_programs(),
            superuser=login.user,
            password=login.password or "",
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server: cleanly, or at once if that takes too long; then it recovers when started."""
    for wish in (signal.SIGINT, signal.SIGQUIT):
        process.send_signal(wish)  # of a process that has ended this does nothing
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _accepts_connections(path: Path) -> bool:
    """Tell whether the server at a socket answers a greeting with anything but "not yet"."""
    greeting = b"user\0underseal\0database\0postgres\0\0"
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(struct.pack("!ii", len(greeting) + 8, PROTOCOL_3) + greeting)
            answer = connection.recv(1024)
    except OSError:
        return False
    return bool(answer) and CANNOT_CONNECT_NOW not in answer
