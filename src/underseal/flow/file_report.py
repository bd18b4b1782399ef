"""File reports: those that arrive together are written together, and answered once on disk.

Invariants:
    Nobody is answered before the transaction with their report is committed.
    The reporter's id is gone when `Filer.file` returns: what waits here is sealed.
    A report that cannot be stored does not harm the others of its batch.
    Nothing that is stored tells in which order reports came in.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from underseal.core.guideline import Guideline, GuidelineId, Guidelines
from underseal.core.subject import SubjectKind
from underseal.flow.seal_report import Filing
from underseal.flow.write_reports import UnwrittenReport, open_desk, write_reports
from underseal.seal.escrow import SealedOnce
from underseal.seal.keys import KeyRing
from underseal.seal.reporter import seal_reporter
from underseal.store.pool import Database
from underseal.store.reports import is_condition, is_passing
from underseal.store.roles import Role

log: Final = logging.getLogger("underseal.intake")

BATCH_MAX: Final = 500
"""Reports in one transaction. A limit of ours: batches of 100 to 1000 write equally fast."""

WAITING_MAX: Final = 10_000
"""Reports that wait to be written; a second's worth. A limit of ours."""

PATIENCE_S: Final = 8.0
"""So long a report is tried again while the server is away, before its sender is told. A setting."""

PAUSE_S: Final = 0.05
"""The pause before a batch is tried again. A setting."""

PLAYABLE: Final = frozenset({SubjectKind.VIDEO, SubjectKind.SOUND})


class UnknownGuidelineError(Exception):
    """There is no such guideline in force."""

    def __init__(self, guideline: GuidelineId) -> None:
        super().__init__("there is no such guideline")
        self.guideline = guideline


class GuidelineNotForKindError(Exception):
    """The guideline is not about subjects of this kind."""

    def __init__(self, guideline: GuidelineId, kind: SubjectKind) -> None:
        super().__init__(f"this guideline is not about subjects of the kind {kind}")
        self.guideline = guideline
        self.kind = kind


class NoticeNotTakenError(Exception):
    """Reports for this guideline cannot be notices of illegality."""

    def __init__(self, guideline: GuidelineId) -> None:
        super().__init__("a report for this guideline cannot be a notice of illegality")
        self.guideline = guideline


class NoMomentsError(Exception):
    """Only videos and sounds have moments."""

    def __init__(self, kind: SubjectKind) -> None:
        super().__init__(f"a subject of the kind {kind} has no moments")
        self.kind = kind


class IntakeFullError(Exception):
    """More reports wait to be written than are taken."""


class IntakeAwayError(Exception):
    """The report was not stored: the database is away, or the service is about to stop."""


class ReportRefusedError(Exception):
    """The database refused this report and no other of its batch: a fault of ours."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Waiting:
    """A sealed report that waits to be written, and the sender who waits for its receipt."""

    report: UnwrittenReport
    answer: asyncio.Future[str]
    deadline_s: float


class Filer:
    """Takes reports of many requests and writes them in batches; an async context manager.

    While one batch is written the next one gathers, so the busier it is the larger they are.
    Leaving the context writes what still waits.
    """

    def __init__(
        self,
        db: Database,
        keys: KeyRing,
        guidelines: Guidelines,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._keys = keys
        self._guidelines = guidelines
        self._clock = clock
        self._sealed_once = SealedOnce()
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(WAITING_MAX)
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_on())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await self._queue.put(None)
            await writer

    def file(self, filing: Filing, reporter_id: str | None) -> asyncio.Future[str]:
        """Take a report; the answer is the token of its receipt, once it is on disk.

        Args:
            filing: what is reported.
            reporter_id: the platform's id of who reports it; None for somebody without an account.

        Raises:
            UnknownGuidelineError, GuidelineNotForKindError, NoticeNotTakenError, NoMomentsError:
                the guidelines do not allow such a report.
            InvalidExternalIdError: the reporter's id is not acceptable.
            SealingError: who reports it cannot be sealed.
            IntakeFullError, IntakeAwayError: it is not taken now.

        The answer raises:
            IntakeAwayError: it could not be stored in time.
            ReportRefusedError: it could not be stored at all.
        """
        check_filing(self._guidelines, filing)
        if self._writer is None:
            raise IntakeAwayError("reports are not taken any more")
        if self._queue.full():
            raise IntakeFullError("too many reports wait to be written")
        subject_id = filing.subject.subject_id
        today = self._clock().date()
        loop = asyncio.get_running_loop()
        reporter = seal_reporter(self._keys, today, reporter_id, subject_id, self._sealed_once)
        waiting = _Waiting(
            UnwrittenReport(filing=filing, subject_id=subject_id, reporter=reporter),
            loop.create_future(),
            loop.time() + PATIENCE_S,
        )
        self._queue.put_nowait(waiting)
        return waiting.answer

    async def _write_on(self) -> None:
        is_open = True
        while is_open:
            batch: list[_Waiting] = []
            waiting = await self._queue.get()
            while waiting is not None:
                batch.append(waiting)
                if len(batch) == BATCH_MAX or self._queue.empty():
                    break
                waiting = self._queue.get_nowait()
            is_open = waiting is not None
            if batch:
                await self._write(batch)

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        """Commit a batch and answer; what is wrong with single reports comes out by halving."""
        try:
            tokens = await self._commit_patiently(batch)
        except Exception as error:  # noqa: BLE001 - an outermost loop: the others must be written
            name = type(error).__name__  # alone: the text of the error may hold what was filed
            if isinstance(error, TimeoutError) or is_condition(error):
                log.warning("reports_not_stored count=%d error=%s", len(batch), name)
                _refuse(batch, IntakeAwayError, "the report could not be stored in time")
            elif len(batch) == 1:
                log.warning("report_refused error=%s", name)
                _refuse(batch, ReportRefusedError, "the report could not be stored")
            else:
                half = len(batch) // 2
                await self._write(batch[:half])
                await self._write(batch[half:])
            return
        for waiting, token in zip(batch, tokens, strict=True):
            if waiting.report.reporter.pseudonym is not None:
                self._sealed_once.add(waiting.report.reporter.pseudonym)
            if not waiting.answer.done():
                waiting.answer.set_result(token)

    async def _commit_patiently(self, batch: Sequence[_Waiting]) -> list[str]:
        """Try until it is committed; a batch that was, unknown to us, is only answered again."""
        async with asyncio.timeout_at(batch[-1].deadline_s):
            while True:
                try:
                    return await self._commit(batch)
                except Exception as error:
                    if not is_passing(error):
                        raise
                await asyncio.sleep(PAUSE_S)

    async def _commit(self, batch: Sequence[_Waiting]) -> list[str]:
        """Write a batch in one transaction and return the tokens of its receipts."""
        reports = [each.report for each in batch]
        subjects = {each.subject_id: each.filing.subject for each in reports}
        async with self._db.transaction(Role.INTAKE) as conn:
            desk = await open_desk(
                conn, self._keys, self._guidelines.version, subjects, self._clock().date()
            )
            return await write_reports(conn, desk, reports)


def check_filing(guidelines: Guidelines, filing: Filing) -> None:
    """Refuse a report that the guidelines do not allow.

    Raises:
        UnknownGuidelineError, GuidelineNotForKindError, NoticeNotTakenError, NoMomentsError: as
            they say.
    """
    guideline: Guideline | None = guidelines.by_id.get(filing.guideline)
    kind = filing.subject.kind
    if guideline is None:
        raise UnknownGuidelineError(filing.guideline)
    if kind not in guideline.subjects:
        raise GuidelineNotForKindError(filing.guideline, kind)
    if filing.is_notice and not guideline.illegal_notice:
        raise NoticeNotTakenError(filing.guideline)
    if filing.moments and kind not in PLAYABLE:
        raise NoMomentsError(kind)


def _refuse(batch: Sequence[_Waiting], error: type[Exception], told: str) -> None:
    # Each gets an error of its own: one that is raised at many places piles up their tracebacks.
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error(told))
