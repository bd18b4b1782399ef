"""What a rule is: it judges cases, says which to look at first, and learns from decisions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from underseal.core.decision import Decision
from underseal.core.effect import Look
from underseal.core.guideline import GuidelineId
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.visibility import Level

BEGINNING: Final = datetime(2026, 3, 9, tzinfo=UTC)
"""When worlds begin: three weeks before a quarter does, from when on priors are learnt ones."""

Order = tuple[float, ...]
"""What sorts the queue: the least is first."""


@dataclass(slots=True, kw_only=True)
class Case:
    """What is known of one video in its present round.

    `reports` are those that were filed in the round, and `attacked` is how many of them belong to
    an attack: rules do not look at it.
    """

    video: int
    round: int = 1
    level: Level = Level.PUBLIC
    is_cleared: bool = False
    reports: list[CountedReport] = field(default_factory=list)
    attacked: int = 0
    reported_at: int | None = None
    held_at: int | None = None
    held_until: int | None = None
    queued_at: int | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """How probable a rule holds it that a video breaks one guideline."""

    guideline: GuidelineId
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a rule says of a case.

    `level` is what is to take place at the next tick, if anything; `by_reports` says that it would
    not without reports, and `hold_hours` how long a hold lasts without a decision. `look` says why
    a moderator is to look, if one is, `about` which guideline, and `order` where the case stands in
    the queue at a time. `groups` are the reporters who were taken for one voice.
    """

    level: Level | None
    by_reports: bool
    hold_hours: int | None
    look: Look | None
    about: GuidelineId | None
    opinions: tuple[Opinion, ...]
    order: Callable[[datetime], Order]
    groups: tuple[frozenset[Pseudonym], ...] = ()


class Rule(Protocol):
    """A way of judging reports. One object judges one world, from its beginning to its end."""

    def judge(self, case: Case, hour: int, /) -> Judged:
        """Judge a case as it is."""
        ...

    def count(self, case: Case, report: CountedReport, /) -> None:
        """Take note of a report."""
        ...

    def restricted(self, case: Case, judged: Judged, hour: int, /) -> None:
        """Take note that what was judged takes place."""
        ...

    def learn(self, case: Case, decision: Decision, hour: int, /) -> None:
        """Take note of a decision about the round of a case."""
        ...


def at(hour: int) -> datetime:
    """Return the time of an hour of the world."""
    return BEGINNING + timedelta(hours=hour)
