"""The marks on a case's timeline: what reporters, detectors and lists point to, in one order.

Reports that point to the same moment are one mark with their count, so that nothing tells which
came first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality
from underseal.flow.read_case import CaseFile, SignalView
from underseal.scan.text import TRANSCRIPT_DETECTOR


class MarkLane(StrEnum):
    """Who points to a moment; the order is that of the lanes."""

    REPORTS = "reports"
    DETECTORS = "detectors"
    KNOWN = "known"
    TEXT = "text"
    TRANSCRIPT = "transcript"


LANE_NAMES: Mapping[MarkLane, str] = {
    MarkLane.REPORTS: "Reports",
    MarkLane.DETECTORS: "Detectors",
    MarkLane.KNOWN: "Known content",
    MarkLane.TEXT: "On-screen text",
    MarkLane.TRANSCRIPT: "Transcript",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that somebody or something points to, and what it is said to show."""

    lane: MarkLane
    moment: Moment
    label: str

    @property
    def lane_name(self) -> str:
        """What the lane is called."""
        return LANE_NAMES[self.lane]


def marks_of(file: CaseFile, labels: Mapping[GuidelineId, str]) -> tuple[Mark, ...]:
    """Return the marks of a case by where they begin; `labels` are the guidelines' names."""
    marks = [*_reported(file, labels), *_signalled(file, labels)]
    lanes = list(MarkLane)
    return tuple(sorted(marks, key=lambda m: (m.moment, lanes.index(m.lane), m.label)))


def _reported(file: CaseFile, labels: Mapping[GuidelineId, str]) -> Iterator[Mark]:
    pointed = Counter(
        (moment, labels.get(report.guideline, report.guideline))
        for report in file.reports
        for moment in report.moments
    )
    for (moment, label), count in pointed.items():
        who = "1 report" if count == 1 else f"{count} reports"
        yield Mark(lane=MarkLane.REPORTS, moment=moment, label=f"{who}: {label}")


def _signalled(file: CaseFile, labels: Mapping[GuidelineId, str]) -> Iterator[Mark]:
    for signal in file.signals:
        if signal.moment is not None:
            label = labels.get(signal.guideline, signal.guideline)
            told = f"{signal.detail} ({label})" if signal.detail else label
            yield Mark(lane=_lane(signal), moment=signal.moment, label=told)


def _lane(signal: SignalView) -> MarkLane:
    match signal.modality:
        case Modality.KNOWN:
            return MarkLane.KNOWN
        case Modality.TEXT if signal.detector == TRANSCRIPT_DETECTOR:
            return MarkLane.TRANSCRIPT
        case Modality.TEXT:
            return MarkLane.TEXT
        case Modality.IMAGE | Modality.SOUND:
            return MarkLane.DETECTORS
