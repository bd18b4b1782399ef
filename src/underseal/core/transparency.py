"""What everybody may know of the work done in a month: counts by topic, never by subject.

Invariants:
    A number below `CELL_MIN` is not told, not even that it is none; others are rounded.
    A month is told once everything that was decided in it has taken place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from underseal.core.disclosure import LONGEST
from underseal.core.prevalence import Prevalence

CELL_MIN: Final = 10
"""Smaller numbers could be about somebody. A setting, as in official statistics."""

COUNT_STEP: Final = 10
PERCENT_STEP: Final = 5
"""What is told is rounded to these: two numbers say nothing about their difference. Settings."""

LOOKS_MIN: Final = 100
"""From fewer looks by chance no share of views is told. A setting: they would say next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What happened in a month on one topic; it is never told as it is.

    `flagged` are those of the reports that are notices of trusted flaggers (DSA, Article 15(1)(b)).
    `days` is the median between the opening of a case and its decision.
    """

    topic: str
    reports: int
    flagged: int
    decisions: int
    restrictions: int
    by_machine: int
    days: float | None
    appeals: int
    overturned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFigures:
    """What is told of a topic in a month; None where it is too little to tell.

    `restricted` and `automated` are percentages of the decisions, `overturned` of the appeals.
    """

    topic: str
    reports: int | None
    flagged: int | None
    decisions: int | None
    restricted: int | None
    automated: int | None
    median_days: int | None
    appeals: int | None
    overturned: int | None

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to tell."""
        return self.reports is None and self.decisions is None and self.appeals is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewShare:
    """Between which percentages lies the share of views on what breaks a guideline, at 95 %.

    They have two digits; `looks` by chance are rounded as all counts are.
    """

    low: float
    high: float
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigures:
    """What is told of a month; `month` is its first day.

    `violating_views` are None where too few looks by chance were decided to tell.
    """

    month: date
    topics: tuple[TopicFigures, ...]
    violating_views: ViewShare | None


def figures(tally: Tally) -> TopicFigures:
    """Return what is told of a topic."""
    decided = tally.decisions >= CELL_MIN
    return TopicFigures(
        topic=tally.topic,
        reports=_count(tally.reports),
        flagged=_count(tally.flagged),
        decisions=_count(tally.decisions),
        restricted=_percent(tally.restrictions, tally.decisions),
        automated=_percent(tally.by_machine, tally.decisions),
        median_days=round(tally.days) if decided and tally.days is not None else None,
        appeals=_count(tally.appeals),
        overturned=_percent(tally.overturned, tally.appeals),
    )


def view_share(prevalence: Prevalence) -> ViewShare | None:
    """Return what is told of the views on what breaks a guideline."""
    if prevalence.audits < LOOKS_MIN:
        return None
    return ViewShare(
        low=_two_digits(100 * prevalence.low),
        high=_two_digits(100 * prevalence.high),
        looks=_step(prevalence.audits, COUNT_STEP),
    )


def nothing(topic: str) -> Tally:
    """Return the tally of a topic on which nothing happened."""
    return Tally(
        topic=topic,
        reports=0,
        flagged=0,
        decisions=0,
        restrictions=0,
        by_machine=0,
        days=None,
        appeals=0,
        overturned=0,
    )


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def complete_months(since: date, now: datetime) -> Iterator[date]:
    """Return the months from that of `since` that can be told now, the oldest first."""
    month = since.replace(day=1)
    while datetime.combine(next_month(month), datetime.min.time(), UTC) + LONGEST <= now:
        yield month
        month = next_month(month)


def _count(number: int) -> int | None:
    return None if number < CELL_MIN else _step(number, COUNT_STEP)


def _percent(part: int, whole: int) -> int | None:
    return None if whole < CELL_MIN else _step(100 * part / whole, PERCENT_STEP)


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")


def _step(number: float, step: int) -> int:
    return step * round(number / step)
