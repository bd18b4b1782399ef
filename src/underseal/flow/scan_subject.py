"""Machines look at a version: its frozen copy, its caption, what is written on screen.

They look before it is published, when its reach has grown, and when a detector is new; never
because of a report. The media of a platform's URL is copied here, once, before the first look.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from underseal.core.breaker import touched_by
from underseal.core.calibration import is_score
from underseal.core.ledger import EventKind
from underseal.core.signal import Signal
from underseal.core.timed_text import TimedLine
from underseal.flow.calibrate import weigh
from underseal.flow.publish import UNSEEN_MAX, put_off
from underseal.flow.system import SCAN_ATTEMPTS_MAX, SCAN_DEADLINE, SCAN_LEASE, System
from underseal.flow.upload_media import NoMediaError, freeze, thaw
from underseal.scan.fetch import Fetcher, FetchFailedError
from underseal.scan.known import KnownContent, KnownItem, KnownItemId
from underseal.scan.pdq import Pdq
from underseal.scan.scanner import SCANNER_VERSION, ScanFailed, Scanner, ScanResult
from underseal.scan.strip import Strip
from underseal.scan.text import TermList, caption_signals
from underseal.seal.box import TamperedError
from underseal.store import (
    assessments,
    breakers,
    calibrations,
    known,
    ledger,
    scans,
    strips,
    subjects,
    timed_texts,
)
from underseal.store.media import MediaMissingError
from underseal.store.pool import Connection
from underseal.store.roles import Role
from underseal.store.scans import FrameHash, ScanCause, TakenScan
from underseal.store.subjects import FrozenCopy, Version

KILLED_ITS_SCANNER: Final = "killed_its_scanner"
NEVER_CAME: Final = "never_came"
EMPTY: Final = "empty"
COPY_LOST: Final = "copy_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What was found in a subject without media."""

    signals: tuple[Signal, ...]
    lines: tuple[()]
    hashes: tuple[()]
    strip: None
    scanner_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a platform has told of what is to be scanned."""

    version: Version
    captions: tuple[TimedLine, ...]


class ScanDesk:
    """The scanner of one worker, kept in step with the list of known content."""

    def __init__(self, scanner: Scanner, terms: TermList) -> None:
        self._scanner = scanner
        self._terms = terms
        self._revision = -1

    async def scan_next(self, system: System, clock: Callable[[], datetime]) -> bool:
        """Run the scan that waits longest; answer whether there was one."""
        now = clock()
        async with system.db.transaction(Role.CORE) as conn:
            taken = await scans.take_scan(conn, now, now + SCAN_LEASE)
            if taken is None:
                return False
            version = await subjects.load_version(conn, taken.subject_id, taken.version)
            captions = await timed_texts.load_captions(conn, taken.subject_id, taken.version)
            await self._catch_up(conn)
        assert version is not None, "scans refer to versions"
        if taken.attempts > SCAN_ATTEMPTS_MAX:
            await fail_scan(system, taken, KILLED_ITS_SCANNER, now)
        else:
            await self._run(system, taken, Told(version=version, captions=captions), clock)
        return True

    async def _catch_up(self, conn: Connection) -> None:
        revision = await known.known_revision(conn)
        if revision != self._revision:
            items = map(_known_item, await known.load_known(conn))
            self._scanner.know(await asyncio.to_thread(KnownContent, items))
            self._revision = revision

    async def _run(
        self, system: System, taken: TakenScan, told: Told, clock: Callable[[], datetime]
    ) -> None:
        try:
            result = await self._look(system, told, clock)
        except FetchFailedError as failed:
            await fail_scan(system, taken, failed.failure, clock())
        except NoMediaError:
            await fail_scan(system, taken, EMPTY, clock())
        except (MediaMissingError, TamperedError):
            await fail_scan(system, taken, COPY_LOST, clock())
        else:
            if isinstance(result, ScanFailed):
                await fail_scan(system, taken, result.reason, clock())
            else:
                await _keep(system, taken, result, clock())

    async def _look(
        self, system: System, told: Told, clock: Callable[[], datetime]
    ) -> ScanResult | ScanFailed | Scanned:
        version = told.version
        if not version.has_media:
            return Scanned(
                signals=caption_signals(self._terms, version.caption, {}),
                lines=(),
                hashes=(),
                strip=None,
                scanner_version=SCANNER_VERSION,
            )
        with TemporaryFile() as plain:
            await _lay_out(system, version, plain, clock)
            return await asyncio.to_thread(
                self._scanner.scan,
                plain.fileno(),
                caption=version.caption,
                captions=told.captions,
            )


async def fail_overdue(system: System, now: datetime) -> int:
    """Give those uploads to a human whose scan has not ended in time; return how many.

    To be called by a worker that has run for as long: else machines have not had the time.
    """
    async with system.db.transaction(Role.CORE) as conn:
        overdue = await scans.overdue_scans(conn, now - SCAN_DEADLINE)
    for scan in overdue:
        await fail_scan(system, scan, NEVER_CAME, now)
    return len(overdue)


async def fail_scan(system: System, scan: TakenScan, reason: str, now: datetime) -> None:
    """Record that machines could not look, so that a human does; what is kept back stays so."""
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, scan.subject_id)
        if not await scans.end_scan(conn, scan, None, reason, now):
            return
        await ledger.append(
            conn,
            scan.subject_id,
            EventKind.SCAN_FAILED,
            {"version": scan.version, "run": scan.run, "reason": reason},
        )
        subject = await subjects.load_subject(conn, scan.subject_id)
        assert subject is not None, "scans refer to versions, and these to subjects"
        if subject.version == scan.version:
            await put_off(conn, subject.ref, now + UNSEEN_MAX, now)
        await assessments.want_assessments(conn, [scan.subject_id])


async def _lay_out(
    system: System, version: Version, plain: BinaryIO, clock: Callable[[], datetime]
) -> None:
    """Write the plain media of a version into a file without a name, after freezing it."""
    copy, subject_id, number = version.copy, version.subject_id, version.version
    if copy is None:
        assert version.media_url is not None, "uploads are scanned once they have come"
        fetcher = Fetcher(allowed_hosts=system.settings.allowed_hosts)
        await fetcher.fetch(version.media_url, plain, bytes_max=system.settings.media_bytes_max)
        fetched = await asyncio.to_thread(freeze, system, subject_id, number, plain)
        async with system.db.transaction(Role.CORE) as conn:
            if await subjects.add_copy(conn, subject_id, number, fetched, clock()):
                return
            frozen = await subjects.load_version(conn, subject_id, number)
        assert frozen is not None, "versions are never deleted"
        copy = frozen.copy
        assert copy is not None, "one was frozen before ours"
    await asyncio.to_thread(thaw, system, subject_id, number, copy, plain)


async def _keep(
    system: System, taken: TakenScan, result: ScanResult | Scanned, now: datetime
) -> None:
    frozen = await _freeze_strip(system, taken, result.strip)
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, taken.subject_id)
        if not await scans.end_scan(conn, taken, result.scanner_version, None, now):
            return
        signals = await _weigh(conn, system, taken, result.signals, now)
        await scans.add_signals(conn, taken, signals)
        hashes = [
            FrameHash(at_ms=each.at_ms, hash=each.pdq, quality=each.quality)
            for each in result.hashes
        ]
        await scans.add_frame_hashes(conn, taken, hashes)
        await timed_texts.add_lines(conn, taken.subject_id, taken.version, taken.run, result.lines)
        if frozen is not None and result.strip is not None:
            await strips.add_strip(
                conn, taken.subject_id, taken.version, frozen, result.strip.frames_ms
            )
        await ledger.append(
            conn,
            taken.subject_id,
            EventKind.SCANNED,
            {
                "version": taken.version,
                "run": taken.run,
                "scanner": result.scanner_version,
                "signals": [_canonical(signal) for signal in signals],
                **_refused(result.signals),
            },
        )
        await assessments.want_assessments(conn, [taken.subject_id])


async def _weigh(
    conn: Connection, system: System, taken: TakenScan, said: Sequence[Signal], now: datetime
) -> tuple[Signal, ...]:
    """Say what signals are worth, by the newest calibrations; and count what a new upload is touched by."""
    found = await calibrations.newest_calibrations(conn)
    signals = weigh(said, found, await breakers.stopped(conn))
    if found is not None:
        await scans.note_calibrated(conn, taken, found.learnt_on)
    if taken.cause is ScanCause.REGISTERED:
        await breakers.count_upload(conn, now.date(), touched_by(signals, system.guidelines))
    return signals


async def _freeze_strip(system: System, taken: TakenScan, strip: Strip | None) -> FrozenCopy | None:
    """Encrypt and keep a frame strip, unless the version has one already."""
    if strip is None:
        return None
    async with system.db.transaction(Role.CORE) as conn:
        if await strips.load_strip(conn, taken.subject_id, taken.version) is not None:
            return None
    return await asyncio.to_thread(
        freeze, system, taken.subject_id, taken.version, BytesIO(strip.jpeg)
    )


def _refused(said: Sequence[Signal]) -> Mapping[str, list[str]]:
    """Which detectors gave scores that are none: what they said is left out."""
    refused = sorted({each.detector for each in said if not is_score(each.score)})
    return {"refused": refused} if refused else {}


def _canonical(signal: Signal) -> dict[str, str | int | bool | None]:
    return {
        "detector": signal.detector,
        "detector_version": signal.detector_version,
        "guideline": signal.guideline,
        "score_millionths": round(signal.score * 1e6),
        "weight_micronats": None if signal.weight is None else round(signal.weight * 1e6),
        "start_ms": signal.moment.start_ms if signal.moment else None,
        "end_ms": signal.moment.end_ms if signal.moment else None,
        "verified": signal.verified,
    }


def _known_item(stored: known.KnownItem) -> KnownItem:
    return KnownItem(
        id=KnownItemId(str(stored.item_id)),
        list_name=stored.list_name,
        guideline=stored.guideline,
        verified=stored.verified,
        hashes=tuple(map(Pdq, stored.hashes)),
    )
