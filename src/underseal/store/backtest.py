"""What a backtest reads of the past, for `Role.BACKTEST`, which writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.decision import Finding, Outcome
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.prevalence import Audit
from underseal.core.report import Pseudonym
from underseal.core.signal import Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import Credit
from underseal.store.connection import Connection
from underseal.store.queries import load
from underseal.store.records import RecordKey
from underseal.store.scans import signal_of

_SQL: Final = load("backtest")

VersionKey = tuple[SubjectId, int]
"""A subject, and its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A subject, and whether its present round is among those to be replayed."""

    subject_id: SubjectId
    kind: SubjectKind
    creator_id: SubjectId | None
    version: int
    round: int
    is_kept_back: bool
    is_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnd:
    """A case that a new version ended, that chance opened, or both."""

    subject_id: SubjectId
    round: int
    version: int
    closed_at: datetime | None
    is_superseded: bool
    is_cover: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A version of a subject at the end of a round."""

    subject_id: SubjectId
    version: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Organic views so far, viewers of them who qualify, and the views of the last tick with any."""

    organic: int = 0
    qualifying: int = 0
    last_organic: int = 0


async def count_subjects(conn: Connection) -> int:
    """Return how many subjects there are."""
    count: int = await conn.fetchval(_SQL["count_subjects"])
    return count


async def first_day(conn: Connection) -> date | None:
    """Return the day on which history begins; None if there is none."""
    day: date | None = await conn.fetchval(_SQL["first_day"])
    return day


async def subjects_after(
    conn: Connection, after: SubjectId | None, since: datetime, quarter: date, limit: int
) -> Sequence[Known]:
    """Return up to `limit` subjects after a place, in the order of their ids."""
    return [
        Known(
            subject_id=SubjectId(row["subject_id"]),
            kind=SubjectKind(row["kind"]),
            creator_id=row["creator_id"],
            version=row["version"],
            round=row["round"],
            is_kept_back=row["is_kept_back"],
            is_present=row["is_present"],
        )
        for row in await conn.fetch(_SQL["subjects_after"], after, since, quarter, limit)
    ]


async def case_ends(
    conn: Connection, subject_ids: Sequence[SubjectId], since: datetime, because: str
) -> Sequence[CaseEnd]:
    """Return the cases that a new version has ended since a moment, and those opened by chance."""
    return [
        CaseEnd(
            subject_id=SubjectId(row["subject_id"]),
            round=row["round"],
            version=row["version"],
            closed_at=row["closed_at"],
            is_superseded=bool(row["is_superseded"]),
            is_cover=row["is_cover"],
        )
        for row in await conn.fetch(_SQL["cases"], subject_ids, since, because)
    ]


async def signals_by(conn: Connection, moments: Sequence[Moment]) -> Mapping[int, Sequence[Signal]]:
    """Return what machines had last said, by the place of the moment."""
    found: dict[int, list[Signal]] = defaultdict(list)
    for row in await conn.fetch(_SQL["signals"], *_columns(moments)):
        found[row["ordinal"] - 1].append(signal_of(row))
    return found


async def failed_by(conn: Connection, moments: Sequence[Moment]) -> frozenset[int]:
    """Return the places of those moments by which machines had tried to look, and failed."""
    rows = await conn.fetch(_SQL["failed"], *_columns(moments))
    return frozenset(row["ordinal"] - 1 for row in rows)


async def watched_by(conn: Connection, moments: Sequence[Moment]) -> Mapping[int, Watched]:
    """Return who had seen the subjects, by the place of the moment; nothing where nobody had."""
    ids, _, untils = _columns(moments)
    return {
        row["ordinal"] - 1: Watched(
            organic=row["organic"], qualifying=row["qualifying"], last_organic=row["last_organic"]
        )
        for row in await conn.fetch(_SQL["watched"], ids, untils)
    }


async def credited_since(
    conn: Connection, pseudonyms: Sequence[Pseudonym], day: date
) -> Mapping[RecordKey, Sequence[Credit]]:
    """Return what reporters were credited with from a day on, by the record that it went to."""
    found: dict[RecordKey, list[Credit]] = defaultdict(list)
    for row in await conn.fetch(_SQL["credited_since"], pseudonyms, day):
        key = Pseudonym(row["pseudonym"]), TopicId(row["topic"])
        found[key].append(
            Credit(
                decision_id=row["decision_id"],
                pseudonym=key[0],
                topic=key[1],
                guideline=GuidelineId(row["guideline"]),
                finding=Finding(row["finding"]),
                right=row["right_weight"],
                wrong=row["wrong_weight"],
                resolved=row["resolved"],
                on=row["credited_on"],
            )
        )
    return found


async def drawn_since(conn: Connection, since: date) -> Sequence[tuple[VersionKey, Audit]]:
    """Return the looks by chance since a day that were answered, with the version looked at."""
    return [
        (
            (SubjectId(row["subject_id"]), row["version"]),
            Audit(
                day=row["day"],
                day_views=row["day_views"],
                views=row["views"],
                probability=row["probability"],
                times=row["times"],
                nats=row["nats"],
                found=Outcome(row["outcome"]) is not Outcome.NO_VIOLATION,
            ),
        )
        for row in await conn.fetch(_SQL["drawn"], since)
    ]


def _columns(
    moments: Sequence[Moment],
) -> tuple[Sequence[SubjectId], Sequence[int], Sequence[datetime]]:
    return (
        [each.subject_id for each in moments],
        [each.version for each in moments],
        [each.until for each in moments],
    )
