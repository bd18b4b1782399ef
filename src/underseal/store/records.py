"""Credits to reporters, and the track records they add up to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from underseal.core.decision import Finding
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.report import Pseudonym
from underseal.core.track_record import Credit, TrackRecord, merge
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("records")

RecordKey = tuple[Pseudonym, TopicId]

FIRST: Final[RecordKey] = Pseudonym(b""), TopicId("")
"""The place before all records."""


async def add_credits(
    conn: Connection, decision_id: UUID, given: Sequence[Credit], *, takes_back: bool, on: date
) -> tuple[Credit, ...]:
    """Record what a decision gives or takes back, and return those credits that are new."""
    rows = await conn.fetch(
        _SQL["add_credits"],
        decision_id,
        on,
        [credit.pseudonym for credit in given],
        [credit.guideline for credit in given],
        [credit.topic for credit in given],
        [credit.finding for credit in given],
        [credit.right for credit in given],
        [credit.wrong for credit in given],
        [credit.resolved for credit in given],
        takes_back,
    )
    new = {(row["pseudonym"], row["guideline"], row["finding"]) for row in rows}
    return tuple(each for each in given if (each.pseudonym, each.guideline, each.finding) in new)


async def credits_of_decision(conn: Connection, decision_id: UUID) -> tuple[Credit, ...]:
    """Return what a decision gave."""
    return tuple(_credit(row) for row in await conn.fetch(_SQL["credits_of_decision"], decision_id))


async def lock_records(
    conn: Connection, keys: Sequence[RecordKey], on: date
) -> Mapping[RecordKey, TrackRecord]:
    """Return the track records under these keys, empty ones made, locked to be continued."""
    ordered = sorted(set(keys))
    pseudonyms, topics = [key[0] for key in ordered], [key[1] for key in ordered]
    await conn.execute(_SQL["begin_records"], pseudonyms, topics, on)
    rows = await conn.fetch(_SQL["lock_records"], pseudonyms, topics)
    return {_key(row): _record(row) for row in rows}


async def save_records(conn: Connection, records: Mapping[RecordKey, TrackRecord]) -> None:
    """Replace locked track records by their continuation."""
    await conn.execute(
        _SQL["save_records"],
        [key[0] for key in records],
        [key[1] for key in records],
        [record.right for record in records.values()],
        [record.wrong for record in records.values()],
        [record.resolved for record in records.values()],
        [record.as_of for record in records.values()],
    )


async def living_records(
    conn: Connection, after: RecordKey, limit: int
) -> Mapping[RecordKey, TrackRecord]:
    """Return up to `limit` records after a place, in order; none of a year that was destroyed."""
    return {
        _key(row): _record(row) for row in await conn.fetch(_SQL["living_records"], *after, limit)
    }


async def records_of(
    conn: Connection, pseudonyms: Sequence[Pseudonym], topics: Sequence[TopicId]
) -> Mapping[RecordKey, TrackRecord]:
    """Return the track records of reporters, earlier years' pseudonyms merged in."""
    found: dict[RecordKey, TrackRecord] = {}
    for row in await conn.fetch(_SQL["records_of"], pseudonyms, topics):
        key = _key(row)
        known = found.get(key)
        found[key] = _record(row) if known is None else merge(known, _record(row))
    return found


def _key(row: Row) -> RecordKey:
    return Pseudonym(row["pseudonym"]), TopicId(row["topic"])


def _record(row: Row) -> TrackRecord:
    return TrackRecord(
        right=row["right_weight"],
        wrong=row["wrong_weight"],
        resolved=row["resolved"],
        as_of=row["as_of"],
    )


def _credit(row: Row) -> Credit:
    return Credit(
        decision_id=row["decision_id"],
        pseudonym=Pseudonym(row["pseudonym"]),
        topic=TopicId(row["topic"]),
        guideline=GuidelineId(row["guideline"]),
        finding=Finding(row["finding"]),
        right=row["right_weight"],
        wrong=row["wrong_weight"],
        resolved=row["resolved"],
        on=row["credited_on"],
    )
