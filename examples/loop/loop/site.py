"""What every part of Loop needs: its settings, its data, its secrets, and a line to Underseal."""

import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from loop.database import open_database
from loop.settings import Settings
from underseal.client import AsyncClient

ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Loop while it runs. `clock` tells the time, aware and in UTC."""

    settings: Settings
    db: sqlite3.Connection
    underseal: AsyncClient
    clock: Callable[[], datetime]

    def new_id(self, letter: str) -> str:
        """Draw an id. It is never used again: Underseal's records outlive what is deleted here."""
        return f"{letter}-{secrets.token_hex(ID_BYTES)}"

    def media(self, video_id: str) -> Path:
        """Where the file of a video is kept."""
        return self.settings.data / "media" / f"{video_id}.mp4"

    def secret(self, name: str) -> Path:
        """Where a secret of Loop's own is kept. A real site would keep it off this disk."""
        return self.settings.data / "secrets" / name


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_site(settings: Settings, clock: Callable[[], datetime] = now) -> AsyncIterator[Site]:
    """Open the data and the line to Underseal; close both in the end."""
    for folder in ("media", "secrets"):
        (settings.data / folder).mkdir(parents=True, exist_ok=True)
    (settings.data / "secrets").chmod(0o700)
    db = open_database(settings.data / "loop.sqlite3")
    try:
        async with AsyncClient(settings.underseal_url, key=settings.key) as underseal:
            yield Site(settings=settings, db=db, underseal=underseal, clock=clock)
    finally:
        db.close()


def write_secret(path: Path, secret: bytes) -> None:
    """Write a secret that only this user can read; one that is there already is replaced."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secret)
