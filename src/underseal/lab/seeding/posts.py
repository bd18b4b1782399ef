"""A post of the seeded months: one subject's story, from its first day to what was decided.

Everything in them is invented and harmless; what is reported for something grave is a
misunderstanding.
"""

from dataclasses import dataclass
from typing import Final

from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.timed_text import TimedLine

DAYS: Final = 91
"""The last one is today."""

TODAY: Final = DAYS - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video of the laboratory; `text` stands in the picture during `shown`."""

    scene: int
    seconds: float
    size: tuple[int, int]
    text: str = ""
    shown: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report: by whom, for what, with which words, about which part of a video."""

    reporter: str
    guideline: GuidelineId
    note: str = ""
    moments: tuple[Moment, ...] = ()
    law: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One subject's story. `day` counts from the beginning; so do the days of what follows.

    Nobody decides before `decided_on`; None: it still waits. An appeal is lodged from `appealed_on`
    on, as soon as its creator was told, and heard from `heard_on` on; None: it still waits. An account is its own creator.
    `views` are those of its first day. A lead has verified what `is_known`. The platform sends what
    is `spoken`.
    """

    ref: SubjectRef
    creator: SubjectRef
    caption: str
    language: str
    day: int
    reports: tuple[Reported, ...]
    views: int
    verdict: Verdict | None = None
    decided_on: int | None = None
    appealed_on: int | None = None
    grounds: str = ""
    heard_on: int | None = None
    is_overturned: bool = False
    is_known: bool = False
    clip: Clip | None = None
    spoken: tuple[TimedLine, ...] = ()


OUTCOMES: Final = {
    "unlabelled_ai": Outcome.LABEL,
    "health_misinfo": Outcome.NOT_RECOMMENDED,
}

NOTHING_BROKEN: Final = Verdict(
    outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.NO_VIOLATION
)


def account(name: str) -> SubjectRef:
    """Return the account of somebody."""
    return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=name)


def violation(guideline: str) -> Verdict:
    """Return the verdict that a guideline was broken."""
    outcome = OUTCOMES.get(guideline, Outcome.REMOVE)
    return Verdict(outcome=outcome, guideline=GuidelineId(guideline), finding=Finding.ACTIONED)
