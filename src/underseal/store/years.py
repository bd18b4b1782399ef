"""Years that end: what is carried over to the next year's pseudonyms, and what is destroyed.

All but the reading of the ledger is for `Role.RETENTION`, through functions that can do nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from underseal.core.guideline import TopicId
from underseal.core.ledger import INSTALLATION, EventKind, commitment, report_digest
from underseal.core.report import Pseudonym
from underseal.core.track_record import TrackRecord
from underseal.store.connection import Connection, Row
from underseal.store.queries import load
from underseal.store.records import RecordKey

_SQL: Final = load("years")

FIRST: Final = b""
"""The place before all links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearNeeds:
    """How much still needs the identities of a year, or the links between its pseudonyms.

    Attributes:
        rounds: undecided rounds with reports of the year, in which repeats must be recognised.
        complaints: undecided complaints about reports of the year.
        decisions: those that gave credit for such reports, and that an appeal could overturn or a
            charge adds to.
        unsealings: requests to open an identity of the year that are neither confirmed nor
            refused, and whose approval, if there is one, has not ended.
        first_year: the earliest year that there are identities of.
    """

    rounds: int
    complaints: int
    decisions: int
    unsealings: int
    first_year: int | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EndingLink:
    """A link that ends: what stands at its new end, and by topic both records, old and new."""

    pseudonym: Pseudonym
    records: Mapping[TopicId, tuple[TrackRecord, TrackRecord]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRecord:
    """What is carried over, and what it and the record that was there add up to."""

    carried: TrackRecord
    total: TrackRecord


class YearStage(StrEnum):
    """How far the destruction of a year has come."""

    BEGUN = "begun"
    CARRIED_OVER = "carried_over"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearStep:
    """An event of a year being destroyed; `carried` is told with `CARRIED_OVER`: `commit_carried`."""

    year: int
    stage: YearStage
    at: datetime
    carried: bytes | None


async def be_patient(conn: Connection) -> None:
    """Let the transaction's statements take their time: they read whole tables, once a year."""
    await conn.execute(_SQL["be_patient"])


async def needs_of(conn: Connection, year: int, now: datetime) -> YearNeeds:
    """Return what still needs a year."""
    row = await conn.fetchrow(_SQL["year_needed"], year, now)
    assert row is not None, "counts are always there"
    return YearNeeds(
        rounds=row["rounds"],
        complaints=row["complaints"],
        decisions=row["decisions"],
        unsealings=row["unsealings"],
        first_year=row["first_year"],
    )


async def lock_ending_links(
    conn: Connection, year: int, after: bytes, limit: int, today: date
) -> Sequence[EndingLink]:
    """Return up to `limit` links that end with a year, after a place and in order, locked."""
    found: dict[Pseudonym, dict[TopicId, tuple[TrackRecord, TrackRecord]]] = {}
    for row in await conn.fetch(_SQL["links_to_end"], year, after, limit, today):
        records = found.setdefault(Pseudonym(row["pseudonym"]), {})
        if row["topic"] is not None:
            records[TopicId(row["topic"])] = (_record(row, "old"), _record(row, "new"))
    return tuple(
        EndingLink(pseudonym=pseudonym, records=records) for pseudonym, records in found.items()
    )


async def end_links(
    conn: Connection,
    links: Sequence[EndingLink],
    year: int,
    carried: Mapping[RecordKey, CarriedRecord],
    today: date,
) -> None:
    """End locked links, and write what was carried over them."""
    records = list(carried.values())
    await conn.execute(
        _SQL["end_links"],
        [link.pseudonym for link in links],
        year,
        today,
        [pseudonym for pseudonym, _ in carried],
        [topic for _, topic in carried],
        [each.carried.right for each in records],
        [each.carried.wrong for each in records],
        [each.carried.resolved for each in records],
        [each.total.right for each in records],
        [each.total.wrong for each in records],
        [each.total.resolved for each in records],
        [each.total.as_of for each in records],
    )


async def erase_year(conn: Connection, year: int) -> int:
    """Destroy the identities of a year, to which no link leads any more; return how many."""
    erased: int = await conn.fetchval(_SQL["erase_year"], year)
    return erased


async def commit_carried(conn: Connection, year: int) -> bytes:
    """Return 32 bytes that stand for all that was carried over when a year was destroyed."""
    return commitment(map(_digest, await conn.fetch(_SQL["carried_in"], year)))


async def carried_to(
    conn: Connection, pseudonyms: Sequence[Pseudonym]
) -> Sequence[tuple[RecordKey, TrackRecord]]:
    """Return what these reporters have taken over, the earliest year first."""
    return tuple(
        (
            (Pseudonym(row["pseudonym"]), TopicId(row["topic"])),
            TrackRecord(
                right=row["right_weight"],
                wrong=row["wrong_weight"],
                resolved=row["resolved"],
                as_of=row["carried_on"],
            ),
        )
        for row in await conn.fetch(_SQL["carried_to"], pseudonyms)
    )


async def carried_years(conn: Connection) -> frozenset[int]:
    """Return the years that anything was carried over from."""
    return frozenset(row["year"] for row in await conn.fetch(_SQL["carried_years"]))


async def steps(conn: Connection) -> Sequence[YearStep]:
    """Return what the ledger tells of years being destroyed, the oldest first.

    What cannot be read is left out: the audit finds it in the chain.
    """
    told = []
    for row in await conn.fetch(_SQL["steps"], INSTALLATION, EventKind.YEAR_DESTROYED):
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(row["body"])
            told.append(
                YearStep(
                    year=int(said["year"]),
                    stage=YearStage(said["stage"]),
                    at=datetime.fromisoformat(said["at"]),
                    carried=bytes.fromhex(said["carried"]) if "carried" in said else None,
                )
            )
    return tuple(told)


def _digest(row: Row) -> bytes:
    return report_digest(
        {
            "carried_to": row["pseudonym"].hex(),
            "topic": row["topic"],
            "year": row["year"],
            "right": row["right_weight"].hex(),
            "wrong": row["wrong_weight"].hex(),
            "resolved": row["resolved"],
            "on": row["carried_on"].isoformat(),
        }
    )


def _record(row: Row, end: str) -> TrackRecord:
    return TrackRecord(
        right=row[f"{end}_right"],
        wrong=row[f"{end}_wrong"],
        resolved=row[f"{end}_resolved"],
        as_of=row[f"{end}_as_of"],
    )
