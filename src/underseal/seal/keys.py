"""The key folder, and the ring of keys that is made of it once at start.

`FIXED_FILES` and one `year-2026.key` for each calendar year are the whole folder. A year's file
gives the tag key and the pseudonym key of that year by HKDF; deleting it makes that year's tags
and pseudonyms meaningless for good. The private half of `escrow.pub` is not here.

Invariants:
    A ring without a key for the day does not come into being, and no key is made silently.
    No two files hold the same bytes.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Final, NewType, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from underseal.seal.box import KEY_BYTES
from underseal.seal.escrow_key import new_private_key, parse_public_key
from underseal.seal.key_file import KeyFolderError, check_folder, erase_key, read_key, write_key
from underseal.seal.redacted import Redacted

TagKey = NewType("TagKey", bytes)
PseudonymKey = NewType("PseudonymKey", bytes)
ReceiptKey = NewType("ReceiptKey", bytes)
NotesKey = NewType("NotesKey", bytes)
"""Wraps the data keys of cases: see `seal.vault`."""
MediaKey = NewType("MediaKey", bytes)
"""Wraps the keys of frozen copies: see `seal.media`."""
WebhooksKey = NewType("WebhooksKey", bytes)
"""Wraps webhook secrets: see `seal.vault`."""
AliasesKey = NewType("AliasesKey", bytes)
CursorsKey = NewType("CursorsKey", bytes)

SECRET_FILES: Final = (
    "receipt.key",
    "notes.key",
    "media.key",
    "webhooks.key",
    "aliases.key",
    "cursors.key",
)
ESCROW_FILE: Final = "escrow.pub"
FIXED_FILES: Final = (*SECRET_FILES, ESCROW_FILE)
_YEAR_FILE: Final = re.compile(r"year-([0-9]{4})\.key")


class YearKeyMissingError(KeyFolderError):
    """There is no key for the year, so nothing of that year can be sealed or recognised."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"{_year_file(year)} is missing: run `underseal keys add-year {year}` and restart; "
            "add a year's key before the year begins"
        )
        self.year = year


class YearNotOverError(KeyFolderError):
    """Only the key of a past year is destroyed."""

    def __init__(self, year: int) -> None:
        super().__init__(f"{_year_file(year)} is in use until {year} is over")
        self.year = year


class SameKeyError(KeyFolderError):
    """Two files hold the same bytes, so that breaking one use breaks another."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"{first} and {second} hold the same bytes: restore the one that was copied from your "
            "backup of the keys"
        )
        self.names = (first, second)


class StrayFileError(KeyFolderError):
    """A file is in the folder that Underseal did not put there.

    It may be the private escrow key, or a copy that would outlive a destroyed year.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not belong here: move it to where no server can read it")
        self.path = path


class FolderNotEmptyError(KeyFolderError):
    """New keys are made in an empty folder only."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not empty: choose another folder, or keep these keys")
        self.folder = folder


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class YearKeys(Redacted):
    """The keys of one calendar year."""

    year: int
    tag: TagKey
    pseudonym: PseudonymKey


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeyRing(Redacted):
    """Every key of the server.

    `live` gives for each year that has a key the keys of that year and of all earlier ones,
    newest first.
    """

    live: Mapping[int, tuple[YearKeys, ...]]
    receipt: ReceiptKey
    notes: NotesKey
    media: MediaKey
    webhooks: WebhooksKey
    aliases: AliasesKey
    cursors: CursorsKey
    escrow: X25519PublicKey

    @classmethod
    def load(cls, folder: Path, today: date) -> Self:
        """Read the folder, and refuse it if anything about it is not as it should be.

        Raises:
            KeyFolderError: of the class that names the reason.
            EscrowKeyError: `escrow.pub` is not a public key.
        """
        check_folder(folder)
        years = _years_in(folder)
        names = [*SECRET_FILES, ESCROW_FILE, *map(_year_file, years)]
        keys = {name: read_key(folder / name) for name in names}
        for first, second in combinations(names, 2):
            if keys[first] == keys[second]:
                raise SameKeyError(first, second)
        of_years = [_year_keys(year, keys[_year_file(year)]) for year in years]
        ring = cls(
            live=MappingProxyType(
                {year: tuple(of_years[index:]) for index, year in enumerate(years)}
            ),
            receipt=ReceiptKey(keys["receipt.key"]),
            notes=NotesKey(keys["notes.key"]),
            media=MediaKey(keys["media.key"]),
            webhooks=WebhooksKey(keys["webhooks.key"]),
            aliases=AliasesKey(keys["aliases.key"]),
            cursors=CursorsKey(keys["cursors.key"]),
            escrow=parse_public_key(keys[ESCROW_FILE]),
        )
        ring.for_day(today)
        return ring

    def for_day(self, day: date) -> tuple[YearKeys, ...]:
        """Return the keys of the day's year, then those of all earlier years, newest first.

        Raises:
            YearKeyMissingError: the day's year has no key.
        """
        live = self.live.get(day.year)
        if live is None:
            raise YearKeyMissingError(day.year)
        return live


def create(folder: Path, today: date) -> X25519PrivateKey:
    """Make a complete folder and return the private escrow key, which is nowhere else.

    The caller puts it on a medium that is kept offline, by `escrow_key.private_key_text`.

    Raises:
        FolderNotEmptyError: there is something in the folder.
        KeyFolderError: the folder exists and is not private.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(folder)
    if any(folder.iterdir()):
        raise FolderNotEmptyError(folder)
    for name in SECRET_FILES:
        write_key(folder / name, os.urandom(KEY_BYTES))
    add_year(folder, today.year)
    private_key = new_private_key()
    write_key(folder / ESCROW_FILE, private_key.public_key().public_bytes_raw())
    return private_key


def add_year(folder: Path, year: int) -> None:
    """Make the key of a year; running servers see it when they start again.

    Raises:
        KeyFileExistsError: the year has one.
    """
    check_folder(folder)
    write_key(folder / _year_file(year), os.urandom(KEY_BYTES))


def has_year(folder: Path, year: int) -> bool:
    """Return whether the folder holds the key of a year."""
    return (folder / _year_file(year)).exists()


def destroy_year(folder: Path, year: int, today: date) -> None:
    """Destroy the key of a past year; running servers forget it when they start again.

    Raises:
        YearNotOverError: it is this year's, or a later one.
        KeyFileMissingError: the year has none.
    """
    if year >= today.year:
        raise YearNotOverError(year)
    erase_key(folder / _year_file(year))


def _year_file(year: int) -> str:
    return f"year-{year:04d}.key"


def _years_in(folder: Path) -> list[int]:
    """The years that have a file, newest first."""
    years = []
    for path in folder.iterdir():
        if named := _YEAR_FILE.fullmatch(path.name):
            years.append(int(named[1]))
        elif path.name not in FIXED_FILES and not path.name.startswith("."):
            raise StrayFileError(path)
    return sorted(years, reverse=True)


def _year_keys(year: int, key: bytes) -> YearKeys:
    return YearKeys(
        year=year,
        tag=TagKey(_derive(key, b"underseal/tag/1")),
        pseudonym=PseudonymKey(_derive(key, b"underseal/pseudonym/1")),
    )


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
