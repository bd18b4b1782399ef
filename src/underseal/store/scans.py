"""Scans, what they found, and the hashes they leave behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("scans")

AT_ONCE: Final = 100
"""So many scans or subjects are swept at a time. A limit of ours."""


class ScanCause(StrEnum):
    """Why machines look. A report is never among the reasons."""

    REGISTERED = "registered"
    REACH = "reach"
    DETECTOR = "detector"


class FirstLook(StrEnum):
    """Whether machines have looked at a version: they will, they have, or they could not."""

    AWAITED = "awaited"
    SEEN = "seen"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenScan:
    """A scan that this worker runs. `attempts` counts starts, this one included."""

    subject_id: SubjectId
    version: int
    run: int
    cause: ScanCause
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHash:
    """The PDQ hash (32 bytes) of the frame at a position, and its quality, 0 to 100."""

    at_ms: int
    hash: bytes
    quality: int


async def want_scan(
    conn: Connection, subject_id: SubjectId, version: int, cause: ScanCause, now: datetime
) -> None:
    """Ask for a scan of a version, unless one is waiting already."""
    await conn.execute(_SQL["want_scan"], subject_id, version, cause, now)


async def take_scan(conn: Connection, now: datetime, lease_until: datetime) -> TakenScan | None:
    """Take the scan that waits longest, a dead worker's included."""
    row = await conn.fetchrow(_SQL["take_scan"], now, lease_until)
    return None if row is None else _taken(row)


async def end_scan(
    conn: Connection,
    scan: TakenScan,
    scanner_version: str | None,
    failure: str | None,
    now: datetime,
) -> bool:
    """End a running scan; answers False if somebody else has ended it."""
    state = "done" if failure is None else "failed"
    ended = await conn.fetchval(
        _SQL["end_scan"],
        scan.subject_id,
        scan.version,
        scan.run,
        state,
        failure,
        scanner_version,
        now,
    )
    return bool(ended)


async def note_calibrated(conn: Connection, scan: TakenScan, on: date) -> None:
    """Record by the calibrations of which day a scan's signals were weighed."""
    await conn.execute(_SQL["note_calibrated"], scan.subject_id, scan.version, scan.run, on)


async def add_signals(conn: Connection, scan: TakenScan, signals: Sequence[Signal]) -> None:
    """Record what the detectors said."""
    await conn.execute(
        _SQL["add_signals"],
        scan.subject_id,
        scan.version,
        scan.run,
        [s.detector for s in signals],
        [s.detector_version for s in signals],
        [s.modality for s in signals],
        [s.guideline for s in signals],
        [s.score for s in signals],
        [s.weight for s in signals],
        [s.verified for s in signals],
        [s.moment and s.moment.start_ms for s in signals],
        [s.moment and s.moment.end_ms for s in signals],
        [s.detail for s in signals],
    )


async def newest_signals(
    conn: Connection, subject_id: SubjectId, version: int
) -> tuple[Signal, ...]:
    """Return what the newest finished scan of a version said."""
    rows = await conn.fetch(_SQL["newest_signals"], subject_id, version)
    return tuple(signal_of(row) for row in rows)


async def first_look(conn: Connection, subject_id: SubjectId, version: int) -> FirstLook:
    """Return whether machines have looked at a version yet."""
    row = await conn.fetchrow(_SQL["first_look"], subject_id, version)
    assert row is not None, "an aggregate has one row"
    if row["is_seen"]:
        return FirstLook.SEEN
    return FirstLook.FAILED if row["has_failed"] else FirstLook.AWAITED


async def unseen(conn: Connection, subjects: Sequence[SubjectId]) -> frozenset[SubjectId]:
    """Return those on whose present version neither machines nor, in their place, people looked."""
    rows = await conn.fetch(_SQL["unseen"], subjects)
    return frozenset(SubjectId(row["subject_id"]) for row in rows)


async def add_frame_hashes(conn: Connection, scan: TakenScan, hashes: Sequence[FrameHash]) -> None:
    """Keep the hashes of a version's frames."""
    await conn.execute(
        _SQL["add_frame_hashes"],
        scan.subject_id,
        scan.version,
        [frame.at_ms for frame in hashes],
        [frame.hash for frame in hashes],
        [frame.quality for frame in hashes],
    )


async def overdue_scans(conn: Connection, wanted_before: datetime) -> tuple[TakenScan, ...]:
    """Return first looks that nobody has ended although they were wanted before a moment."""
    rows = await conn.fetch(_SQL["overdue_scans"], wanted_before, AT_ONCE)
    return tuple(_taken(row) for row in rows)


async def kept_too_long(conn: Connection, now: datetime) -> tuple[SubjectId, ...]:
    """Return subjects that are kept back and were to have been looked at by now."""
    return tuple(
        SubjectId(row["subject_id"])
        for row in await conn.fetch(_SQL["kept_too_long"], now, AT_ONCE)
    )


def _taken(row: Row) -> TakenScan:
    return TakenScan(
        subject_id=SubjectId(row["subject_id"]),
        version=row["version"],
        run=row["run"],
        cause=ScanCause(row["cause"]),
        attempts=row["attempts"],
    )


def signal_of(row: Row) -> Signal:
    """Return a row of `signals`, with its place in the media if it has one."""
    moment = None
    if row["start_ms"] is not None:
        moment = Moment(start_ms=row["start_ms"], end_ms=row["end_ms"])
    return Signal(
        detector=row["detector"],
        detector_version=row["detector_version"],
        modality=Modality(row["modality"]),
        guideline=GuidelineId(row["guideline"]),
        score=row["score"],
        weight=row["weight"],
        moment=moment,
        verified=row["verified"],
        detail=row["detail"],
    )
