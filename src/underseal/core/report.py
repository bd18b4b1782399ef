"""A report: a person tells us that a subject may break a guideline.

It is filed once per person, subject, guideline and round, and never changed, withdrawn or
deleted. Nothing in a stored report says who filed it, nor when, beyond the quarter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, NewType

from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectId

NOTE_BYTES_MAX: Final = 8_000
"""Longest note, in bytes of UTF-8. A limit of ours; AT Protocol allows 20,000."""

MOMENTS_MAX: Final = 20
MOMENT_MS_MAX: Final = 6 * 60 * 60 * 1000
"""Positions in a video are milliseconds, up to six hours."""

Pseudonym = NewType("Pseudonym", bytes)
"""32 bytes: a keyed hash of a reporter's platform id, changing yearly."""

Tag = NewType("Tag", bytes)
"""32 bytes: recognises the same person's report of the same subject, and only that."""


def quarter_of(day: date) -> date:
    """Return the first day of the quarter: the only date that a stored report has.

    A finer one would name reporters to whoever has stolen the database and knows who watched when:
    see docs/decisions/0014-dates-of-reports.md.
    """
    return date(day.year, day.month - (day.month - 1) % 3, 1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Moment:
    """A stretch of the video, `[start_ms, end_ms)`, milliseconds.

    Raises:
        ValueError: it is empty, negative or beyond `MOMENT_MS_MAX`.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms < self.end_ms <= MOMENT_MS_MAX:
            raise ValueError("a moment has 0 <= start_ms < end_ms <= 21,600,000")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedReport:
    """A report as the evidence sees it.

    `pseudonym` is None for somebody without an account. `after_outcome` says that an effect was
    already visible when it was filed. `may_be_guessed` is the reporter's warned choice to have it
    acted on even if the creator may guess who it was. `by_trusted_flagger`: a notice of whom the
    platform knows as one (DSA, Article 22).
    """

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    pseudonym: Pseudonym | None
    after_outcome: bool
    may_be_guessed: bool
    is_notice: bool
    by_trusted_flagger: bool = False
