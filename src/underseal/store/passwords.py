"""Passwords of database users: generated once, kept in one file, never in a statement or a log."""

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

PASSWORD_BYTES: Final = 32
SCRAM_ITERATIONS: Final = 4096
"""PostgreSQL's own; more would slow every connection, and the passwords are random already."""

SCRAM_SALT_BYTES: Final = 16
OPEN_TO_OTHERS: Final = 0o077


class PasswordsExposedError(Exception):
    """Others than its owner may read the file of passwords."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is open to other users: run `chmod 600 {path}`")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A database user and its password; None leaves it to a password file of the driver."""

    user: str
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passwords:
    """The password of each database user; shows none of them."""

    _by_user: Mapping[str, str] = field(repr=False)

    def login(self, user: str) -> Login:
        """Return how `user` signs in."""
        return Login(user=str(user), password=self._by_user[user])

    def verifier(self, user: str) -> str:
        """Return what the server may know: enough to check the password, not to sign in.

        Source:
            RFC 5802, section 3, in PostgreSQL's notation (`pg_authid.rolpassword`). Salted anew at
            every call.
        """
        salt = secrets.token_bytes(SCRAM_SALT_BYTES)
        salted = hashlib.pbkdf2_hmac("sha256", self._by_user[user].encode(), salt, SCRAM_ITERATIONS)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        stored_key = hashlib.sha256(client_key).digest()
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        shown = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
        return "SCRAM-SHA-256${}:{}${}:{}".format(SCRAM_ITERATIONS, *shown)


def keep_passwords(path: Path, users: Iterable[str]) -> Passwords:
    """Return the passwords in the file, after adding one for every user that has none.

    Raises:
        PasswordsExposedError: others may read the file.
        OSError: the folder or the file cannot be used.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two processes start for the first time at once
        kept = _read(path)
        missing = [user for user in users if user not in kept]
        if missing:
            kept |= {user: secrets.token_urlsafe(PASSWORD_BYTES) for user in missing}
            _write(path, kept)
            os.fsync(folder)
    finally:
        os.close(folder)
    return Passwords(kept)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    if path.stat().st_mode & OPEN_TO_OTHERS:
        raise PasswordsExposedError(path)
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])


def _write(path: Path, kept: Mapping[str, str]) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as written:
        written.write(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
        written.flush()
        os.fsync(written.fileno())
    unfinished.rename(path)
