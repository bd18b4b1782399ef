"""One key on disk: 32 bytes as a line of hexadecimal, in a file that its owner alone can read.

No error here carries what a file holds.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

from underseal.seal.box import KEY_BYTES

OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
READ_BYTES_MAX: Final = 1024
"""A key file is 65 bytes long; of a longer one no more than this is read. A limit of ours."""


class KeyFolderError(Exception):
    """The key folder cannot be used; the message says what to do."""


class KeyFileMissingError(KeyFolderError):
    """A key file, or the folder, is not there or not of its kind."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is missing: restore it from your backup of the keys, "
            "or run `underseal keys create` for a new installation"
        )
        self.path = path


class KeyFileExistsError(KeyFolderError):
    """A new key would take the place of one that is in use."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists and is never overwritten")
        self.path = path


class KeyFileExposedError(KeyFolderError):
    """Others than the owner may read, write or enter."""

    def __init__(self, path: Path) -> None:
        kept_mode = "700" if path.is_dir() else "600"
        super().__init__(f"{path} is open to other users: run `chmod {kept_mode} {path}`")
        self.path = path


class KeyFileOwnerError(KeyFolderError):
    """The user that runs the server does not own the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} does not belong to the user that runs Underseal: `chown` it to that user"
        )
        self.path = path


class KeyNotHexError(KeyFolderError):
    """The file holds something else than hexadecimal digits."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not hexadecimal: restore it from your backup of the keys; it is one line "
            f"of {2 * KEY_BYTES} digits"
        )
        self.path = path


class KeyLengthError(KeyFolderError):
    """The key is too short or too long."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} does not hold exactly {2 * KEY_BYTES} hexadecimal digits: restore it from "
            "your backup of the keys"
        )
        self.path = path


def check_folder(folder: Path) -> None:
    """Refuse a folder that is not there, not the process's own, or open to others.

    Raises:
        KeyFileMissingError, KeyFileOwnerError, KeyFileExposedError: as they say.
    """
    if not folder.is_dir():
        raise KeyFileMissingError(folder)
    _check_private(folder, folder.stat())


def read_key(path: Path) -> bytes:
    """Return the 32 bytes in the file.

    Raises:
        KeyFileMissingError, KeyFileOwnerError, KeyFileExposedError, KeyNotHexError,
            KeyLengthError: as they say.
    """
    try:
        with path.open("rb") as file:
            _check_private(path, os.fstat(file.fileno()))
            text = file.read(READ_BYTES_MAX)
    except (FileNotFoundError, IsADirectoryError):
        raise KeyFileMissingError(path) from None
    except PermissionError:
        raise KeyFileOwnerError(path) from None
    digits = text.strip()
    if not re.fullmatch(rb"[0-9a-fA-F]*", digits):
        raise KeyNotHexError(path)
    if len(digits) != 2 * KEY_BYTES:
        raise KeyLengthError(path)
    return bytes.fromhex(digits.decode())


def write_key(path: Path, key: bytes) -> None:
    """Write `key` to a new file and wait until the disk holds it.

    Raises:
        KeyFileExistsError: there is such a file.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise KeyFileExistsError(path) from None
    _write_through(path, key.hex() + "\n")
    _sync_folder(path.parent)


def erase_key(path: Path) -> None:
    """Overwrite the file with random digits and remove it.

    A journal, a snapshot, a worn flash cell or a backup may keep the old bytes: who destroys a key
    for good destroys those too.

    Raises:
        KeyFileMissingError: there is no such file.
    """
    if not path.is_file():
        raise KeyFileMissingError(path)
    _write_through(path, os.urandom(KEY_BYTES).hex() + "\n")
    path.unlink()
    _sync_folder(path.parent)


def _check_private(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise KeyFileOwnerError(path)
    if status.st_mode & OPEN_TO_OTHERS:
        raise KeyFileExposedError(path)


def _write_through(path: Path, text: str) -> None:
    # Not "w": truncating first would free the old blocks instead of overwriting them.
    with path.open("r+") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
