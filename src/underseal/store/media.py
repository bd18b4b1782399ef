"""Frozen, encrypted copies of media: written once, read in ranges, never changed.

The database keeps where, what hash and under which wrapped key; the bytes are encrypted before they
come here (`seal.media`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class MediaMissingError(Exception):
    """No copy stands at this location."""

    def __init__(self, location: str) -> None:
        super().__init__(f"no media at {location}")
        self.location = location


class MediaStore(Protocol):
    """Where frozen copies are kept."""

    def freeze(self, location: str, source: BinaryIO) -> None:
        """Keep what `source` holds under `location`, all of it or nothing.

        Raises:
            FileExistsError: something is frozen there already.
        """

    def open(self, location: str) -> BinaryIO:
        """Open a frozen copy for reading; it can seek.

        Raises:
            MediaMissingError: there is none.
        """


@dataclass(frozen=True, slots=True)
class MediaFolder:
    """A folder of frozen copies, spread over 256 subfolders by the start of their location."""

    root: Path

    def freeze(self, location: str, source: BinaryIO) -> None:
        """Write beside, sync, and link into place: a crash leaves a whole copy or none."""
        place = self._place(location)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _beside(place) as (unfinished, target):
            while chunk := source.read(1 << 20):
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
            place.hardlink_to(unfinished)  # unlike a rename, it refuses to replace
        _sync_folder(place.parent)

    def open(self, location: str) -> BinaryIO:
        """Open a frozen copy for reading."""
        try:
            return self._place(location).open("rb")
        except FileNotFoundError:
            raise MediaMissingError(location) from None

    def _place(self, location: str) -> Path:
        if not location.replace("-", "").isalnum():
            raise MediaMissingError(location)
        return self.root / location[:2] / location


@contextmanager
def _beside(place: Path) -> Iterator[tuple[Path, BinaryIO]]:
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield unfinished, target
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
