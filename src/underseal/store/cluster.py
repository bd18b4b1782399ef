"""The folder of an embedded server: how it is first made, and how a server is started in it.

`data/` belongs to the process that serves; in it
    postgres/       the files of PostgreSQL, owned by the user that runs it
    run/            the socket (or a folder elsewhere, named in `socket-folder`, where the path is
                    too long for a socket), open to that user alone
    secrets/        passwords, open to the process alone
    programs/       a copy of the PostgreSQL programs, only where they cannot be reached otherwise
    postgres.log    what the server says; never a statement, a parameter or a value of a row

Whoever calls a function here holds the lock of the folder (`underseal.store.election`).
"""

import errno
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from underseal.store.binaries import (
    Account,
    Programs,
    ServerError,
    UnreachableError,
    account_for,
    launch,
    programs_for,
    user_name,
)

PORT: Final = 5432
SOCKET_FOLDER_BYTES_MAX: Final = 93
"""sun_path holds 107 bytes and a NUL (unix(7)), of which PostgreSQL takes `/.s.PGSQL.5432`."""

BUILTIN_LOCALES_SINCE: Final = 17
LOG_TAIL_BYTES: Final = 20_000
FATAL: Final = re.compile(
    r"(?:FATAL|PANIC|error): +(?!the database system is |password authentication)(.+)"
)
FULL: Final = re.compile(r"No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes")

DEFAULT_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "shared_buffers": "256MB",
        "max_connections": "200",
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "synchronous_commit": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
)
"""Settings; what a test or an operator gives takes their place."""

FIXED_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        # The log is about the server. Whoever made an error is told of it; the log is not, for
        # messages quote what they were given.
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_checkpoints": "off",
    }
)
"""What nobody may change: reached by the private socket alone, and a log without contents."""


class DiskFullError(ServerError):
    """The disk that holds the data folder is full."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"the disk that holds {data} is full: make room there, then start again")
        self.data = data


class NotOursError(ServerError):
    """This process has no right to a file of the data folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"this process may not use {path}: run Underseal as the user that owns it, or choose "
            "another data folder"
        )
        self.path = path


class WrongOwnerError(ServerError):
    """The files of PostgreSQL belong to another user than the one that would run it."""

    def __init__(self, cluster: Path, uid: int) -> None:
        super().__init__(
            f"{cluster} must belong to the user that runs PostgreSQL, as it did before it was "
            f"copied: run `chown -R {user_name(uid)} {cluster}`"
        )
        self.cluster = cluster
        self.uid = uid


class OtherVersionError(ServerError):
    """The data folder was made by another major version of PostgreSQL."""

    def __init__(self, cluster: Path, *, found: str, programs: str) -> None:
        super().__init__(
            f"{cluster} was made by PostgreSQL {found}, the programs are {programs}: dump it with "
            f"pg_dump of version {found} and restore it into a new data folder, or use pg_upgrade"
        )
        self.found = found
        self.programs = programs


class InUseError(ServerError):
    """A server that is not ours works in the folder, or what is left of one that was killed."""

    def __init__(self, cluster: Path, pids: tuple[int, ...]) -> None:
        super().__init__(
            f"{cluster} is in use by PostgreSQL processes that Underseal did not start (pid "
            f"{', '.join(map(str, pids))}): stop them with `pg_ctl stop -D {cluster}`"
        )
        self.pids = pids


class PathTooLongError(ServerError):
    """Neither the data folder nor the temporary folder has a path short enough for a socket."""

    def __init__(self, data: Path, temporary: Path) -> None:
        super().__init__(
            f"the path of a socket has at most {SOCKET_FOLDER_BYTES_MAX} bytes, and neither {data} "
            f"nor {temporary} leaves room for one: choose a data folder with a shorter path"
        )
        self.data = data
        self.temporary = temporary


class ServerFailedError(ServerError):
    """PostgreSQL ended for a reason that Underseal knows no advice for."""

    def __init__(self, reason: str, log: Path) -> None:
        super().__init__(f"PostgreSQL did not stay up: {reason}; see {log}")
        self.reason = reason
        self.log = log


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A data folder that is ready for a server."""

    data: Path
    programs: Programs
    account: Account | None
    sockets: Path

    @property
    def folder(self) -> Path:
        """Return the folder of PostgreSQL's own files."""
        return cluster_folder(self.data)


def cluster_folder(data: Path) -> Path:
    """Return where PostgreSQL's own files are."""
    return data / "postgres"


def log_file(data: Path) -> Path:
    """Return where the server's log is."""
    return data / "postgres.log"


def socket_folder(data: Path) -> Path | None:
    """Return where the socket is, or None if no server has chosen a place yet."""
    near = data / "run"
    if len(os.fsencode(near)) <= SOCKET_FOLDER_BYTES_MAX:
        return near
    record = data / "socket-folder"
    return Path(record.read_text()) if record.exists() else None


def make_data_folder(data: Path) -> None:
    """Create the data folder unless it is there: closed, but for the way through to its parts."""
    if not data.exists():
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)


def prepare(data: Path, programs: Path, *, superuser: str, password: str) -> Cluster:
    """Make the data folder ready for a server: the first time, create the database cluster.

    Raises:
        ServerError: it cannot be done; each subclass says why.
    """
    account = account_for(cluster_folder(data))
    cluster = Cluster(
        data=data,
        programs=programs_for(programs, account, data / "programs"),
        account=account,
        sockets=_make_socket_folder(data, account),
    )
    if not cluster.folder.exists():
        _initialise(cluster, superuser=superuser, password=password)
    uid = account.uid if account else os.geteuid()
    if cluster.folder.stat().st_uid != uid:
        raise WrongOwnerError(cluster.folder, uid)
    found = (cluster.folder / "PG_VERSION").read_text().strip()
    if found != str(cluster.programs.major):
        raise OtherVersionError(cluster.folder, found=found, programs=cluster.programs.version)
    return cluster


def start_postgres(
    cluster: Cluster, settings: Mapping[str, str], lock: int
) -> subprocess.Popen[bytes]:
    """Start a server in the cluster; it inherits the file descriptor `lock`.

    Raises:
        InUseError: a server that is not ours, or the rest of a killed one, is there.
    """
    _remove_stale_files(cluster)
    options = [
        part
        for name, value in {
            **DEFAULT_SETTINGS,
            **settings,
            **FIXED_SETTINGS,
            "unix_socket_directories": str(cluster.sockets),
        }.items()
        for part in ("-c", f"{name}={value}")
    ]
    log_file(cluster.data).touch(mode=0o600)
    with log_file(cluster.data).open("ab") as log:
        return launch(
            [cluster.programs.folder / "postgres", "-D", cluster.folder, *options],
            account=cluster.account,
            output=log,
            kept_open=(lock,),
        )


def why_it_ended(cluster: Cluster, log_start: int, status: int) -> ServerError:
    """Return the error that the log tells of, from byte `log_start` on; else the exit status."""
    path = log_file(cluster.data)
    with path.open("rb") as log:
        log.seek(max(log_start, path.stat().st_size - LOG_TAIL_BYTES))
        return _explain(cluster, log.read().decode(errors="replace"), status)


def with_advice(error: OSError, data: Path) -> Exception:
    """Return what the operating system's refusal means for the data folder, where that is known."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(data)
    if isinstance(error, PermissionError):
        return NotOursError(Path(error.filename or data))
    return error


def _initialise(cluster: Cluster, *, superuser: str, password: str) -> None:
    unfinished = cluster.data / "postgres.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    _make_private(unfinished, cluster.account)
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if cluster.programs.major >= BUILTIN_LOCALES_SINCE
        else ["--locale-provider=libc"]
    )
    # In memory, not in a file: another user reads it, and nothing of it may remain.
    given = os.memfd_create("password")
    try:
        os.write(given, password.encode() + b"\n")
        os.lseek(given, 0, os.SEEK_SET)
        command = [str(cluster.programs.folder / "initdb"), "-D", str(unfinished), "-U", superuser]
        command += ["--auth=scram-sha-256", "--pwfile=/dev/stdin", "--data-checksums"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", *locale]
        with launch(command, account=cluster.account, given=given) as process:
            output, _ = process.communicate()
    finally:
        os.close(given)
    if process.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _explain(cluster, output.decode(errors="replace"), process.returncode)
    unfinished.rename(cluster.folder)


def _make_socket_folder(data: Path, account: Account | None) -> Path:
    chosen = socket_folder(data)
    if chosen is not None and _is_private(chosen, account):
        return chosen
    if chosen is not None and chosen.parent == data:
        if chosen.exists():  # it came with a copy of the data folder, or was not finished
            shutil.rmtree(chosen)
        _make_private(chosen, account)
        return chosen
    elsewhere = Path(tempfile.mkdtemp(prefix="underseal-"))
    if len(os.fsencode(elsewhere)) > SOCKET_FOLDER_BYTES_MAX:
        elsewhere.rmdir()
        raise PathTooLongError(data, elsewhere.parent)
    if account is not None:
        os.chown(elsewhere, account.uid, account.gid)
    written = data / "socket-folder.unfinished"
    written.write_text(str(elsewhere))
    written.rename(data / "socket-folder")
    return elsewhere


def _is_private(folder: Path, account: Account | None) -> bool:
    """Tell whether `folder` is still the one we made: a shared temporary folder may be emptied."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    state = folder.stat()
    owner = account.uid if account else os.geteuid()
    return state.st_uid == owner and not state.st_mode & 0o077


def _make_private(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _remove_stale_files(cluster: Cluster) -> None:
    """Remove what a killed server left, if a process that is no server has got its pid since.

    PostgreSQL does so itself where the pid is free; where it is not, it would refuse to start.
    """
    pids = _servers_in(cluster.folder)
    if pids:
        raise InUseError(cluster.folder, pids)
    left = cluster.folder / "postmaster.pid"
    if left.exists() and Path("/proc", left.read_text().split("\n", 1)[0].strip()).exists():
        left.unlink()
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (cluster.sockets / name).unlink(missing_ok=True)


def _servers_in(folder: Path) -> tuple[int, ...]:
    """Return the PostgreSQL processes that work in `folder`: each has it as its current folder."""
    there = folder.resolve()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_postgres = (process / "comm").read_text().startswith("post")
            if is_postgres and (process / "cwd").readlink() == there:
                found.append(int(process.name))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return tuple(found)


def _explain(cluster: Cluster, output: str, status: int) -> ServerError:
    if FULL.search(output):
        return DiskFullError(cluster.data)
    if "Permission denied" in output:
        uid = cluster.account.uid if cluster.account else os.geteuid()
        return UnreachableError(cluster.folder, uid)
    told = FATAL.findall(output)
    ended = f"it was killed by signal {-status}" if status < 0 else f"it ended with {status}"
    return ServerFailedError(told[-1] if told else ended, log_file(cluster.data))
