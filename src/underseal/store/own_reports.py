"""A report as whoever holds its receipt may have it: its own words and choices, nothing beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.core.report import Moment, Pseudonym, Tag
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("own_reports")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredWords:
    """A note, encrypted, or None without one; and moments. `round` and `tag` are of their report."""

    round: int
    tag: Tag
    note: bytes | None
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredReport:
    """What somebody reported first, and what they added or reported again, in no order that says anything.

    Something may be there twice that was said before and after a decision that nobody knew of.
    """

    reported_in: date
    has_account: bool
    is_notice: bool
    law: str | None
    by_trusted_flagger: bool
    may_be_guessed: bool
    said: StoredWords
    added: Sequence[StoredWords]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Repeatable:
    """What a report is repeated with: what its reporter chose, and who they are as far as it is stored."""

    tag: Tag
    pseudonym: Pseudonym | None
    is_notice: bool
    law: str | None
    by_trusted_flagger: bool
    may_be_guessed: bool


async def to_repeat(conn: Connection, report: OwnReport) -> Repeatable:
    """Return what a stored report would be repeated with in the present round."""
    row = await conn.fetchrow(
        _SQL["to_repeat"], report.subject_id, report.round, report.guideline, report.tag
    )
    assert row is not None, "reports are never deleted"
    return Repeatable(
        tag=Tag(row["tag"]),
        pseudonym=row["pseudonym"] and Pseudonym(row["pseudonym"]),
        is_notice=row["is_notice"],
        law=row["law"],
        by_trusted_flagger=row["by_trusted_flagger"],
        may_be_guessed=row["may_be_guessed"],
    )


async def load_own(conn: Connection, receipt: bytes) -> StoredReport:
    """Return the report that a receipt with this digest was given for; there is one."""
    first, *again = await conn.fetch(_SQL["own_reports"], receipt)
    added = await conn.fetch(_SQL["own_supplements"], receipt)
    return StoredReport(
        reported_in=first["reported_in"],
        has_account=first["has_account"],
        is_notice=first["is_notice"],
        law=first["law"],
        by_trusted_flagger=first["by_trusted_flagger"],
        may_be_guessed=first["may_be_guessed"],
        said=_words(first),
        added=[
            _words(each) for each in (*again, *added) if each["note"] is not None or each["moments"]
        ],
    )


def _words(row: Row) -> StoredWords:
    return StoredWords(
        round=row["round"],
        tag=Tag(row["tag"]),
        note=row["note"],
        moments=_moments(row["moments"]),
    )


def _moments(flat: Sequence[int]) -> tuple[Moment, ...]:
    return tuple(
        Moment(start_ms=start, end_ms=end) for start, end in zip(flat[::2], flat[1::2], strict=True)
    )
