"""The versions of the guidelines that were ever in force, word for word."""

from datetime import date
from typing import Final

from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("guidelines")


async def add_guidelines(
    conn: Connection, version: str, text: str, sha256: bytes, today: date
) -> bytes:
    """Record a version unless it is there, and return the hash of what is recorded."""
    await conn.execute(_SQL["add_guidelines"], version, text, sha256, today)
    recorded: bytes = await conn.fetchval(_SQL["sha256_of_guidelines"], version)
    return recorded
