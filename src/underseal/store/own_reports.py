"""A report as whoever holds its receipt may have it: its own words and choices, nothing beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.core.report import Moment
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("own_reports")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredWords:
    """A note, encrypted, or None without one; and moments."""

    note: bytes | None
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredReport:
    """What was reported, and what was added, in no order that says anything."""

    reported_in: date
    has_account: bool
    is_notice: bool
    law: str | None
    may_be_guessed: bool
    said: StoredWords
    added: Sequence[StoredWords]


async def load_own(conn: Connection, receipt: bytes) -> StoredReport:
    """Return the report that a receipt with this digest was given for; there is one."""
    row = await conn.fetchrow(_SQL["own_report"], receipt)
    assert row is not None, "the receipt was looked up before"
    added = await conn.fetch(_SQL["own_supplements"], receipt)
    return StoredReport(
        reported_in=row["reported_in"],
        has_account=row["has_account"],
        is_notice=row["is_notice"],
        law=row["law"],
        may_be_guessed=row["may_be_guessed"],
        said=StoredWords(note=row["note"], moments=_moments(row["moments"])),
        added=tuple(
            StoredWords(note=each["note"], moments=_moments(each["moments"])) for each in added
        ),
    )


def _moments(flat: Sequence[int]) -> tuple[Moment, ...]:
    return tuple(
        Moment(start_ms=start, end_ms=end) for start, end in zip(flat[::2], flat[1::2], strict=True)
    )
