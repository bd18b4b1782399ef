"""What is said and shown in a video on a stage, as a scan would keep it."""

from datetime import timedelta

from stage import Stage

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectRef
from underseal.core.timed_text import TextSource, TimedLine
from underseal.store.roles import Role
from underseal.store.scans import add_signals, end_scan, take_scan, want_scan
from underseal.store.timed_texts import AS_REGISTERED, add_lines


def line(source: TextSource, start_ms: int, end_ms: int, text: str) -> TimedLine:
    return TimedLine(source=source, moment=Moment(start_ms=start_ms, end_ms=end_ms), text=text)


def term(detector: str, start_ms: int, end_ms: int, words: str) -> Signal:
    return Signal(
        detector=detector,
        detector_version="1",
        modality=Modality.TEXT,
        guideline=GuidelineId("phishing"),
        score=1,
        weight=None,
        moment=Moment(start_ms=start_ms, end_ms=end_ms),
        detail=words,
    )


async def keep(stage: Stage, ref: SubjectRef, lines: list[TimedLine], *signals: Signal) -> None:
    """Let another scan of the first version have read this; what the platform says came with it."""
    sent = [each for each in lines if each.source is TextSource.PLATFORM]
    read = [each for each in lines if each.source is not TextSource.PLATFORM]
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, "detector", stage.now)
        taken = await take_scan(conn, stage.now, stage.now + timedelta(minutes=1))
        await end_scan(conn, taken, "test", None, stage.now)
        await add_signals(conn, taken, signals)
        await add_lines(conn, ref.subject_id, 1, AS_REGISTERED, sent)
        await add_lines(conn, ref.subject_id, 1, taken.run, read)
