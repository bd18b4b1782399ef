"""Figures about the moderation: shares with the interval they may lie in, and ages in bands.

What each figure counts is said where it is counted: `store/queries/figures.sql`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Z: Final = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution: for intervals of 95 %."""

FEW: Final = 5
"""Below so many, a figure about reports is not told, and a share is too uncertain to be one. A
setting, as `core.disclosure.CROWD_MIN`."""


class Age(StrEnum):
    """How many days something has waited, in bands; the order is that of the days."""

    TODAY = "today"
    ONE = "1 day"
    FEW_DAYS = "2 to 3 days"
    WEEK = "4 to 7 days"
    FORTNIGHT = "8 to 14 days"
    LONGER = "longer"


_AGES: Final = ((0, Age.TODAY), (1, Age.ONE), (3, Age.FEW_DAYS), (7, Age.WEEK), (14, Age.FORTNIGHT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many `hits` among `cases`."""

    hits: int
    cases: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.cases:
            raise ValueError("a share is of no more than there are")

    @property
    def value(self) -> float | None:
        """The share itself, in [0, 1]; None if there are no cases."""
        return self.hits / self.cases if self.cases else None

    @property
    def is_few(self) -> bool:
        """Whether there are too few cases to say."""
        return self.cases < FEW

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the true share lies, at 95 %.

        Source:
            Wilson, Probable inference (JASA 22, 1927).
        """
        if not self.cases:
            return 0.0, 1.0
        n, share = self.cases, self.hits / self.cases
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        low = 0.0 if self.hits == 0 else max(0.0, middle - half)
        high = 1.0 if self.hits == n else min(1.0, middle + half)
        return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something takes: half of the `cases` at most `p50`, nine in ten at most `p90`."""

    p50: int | None
    p90: int | None
    cases: int


def age_of(days: int) -> Age:
    """Return the band of an age in days; what is dated ahead is of today."""
    return next((age for most, age in _AGES if days <= most), Age.LONGER)


def spread(lengths: Iterable[int]) -> Spread:
    """Return the spread of lengths: the smallest that no less than the share are at most."""
    ordered = sorted(lengths)
    return Spread(p50=_at(ordered, 0.5), p90=_at(ordered, 0.9), cases=len(ordered))


def _at(ordered: list[int], share: float) -> int | None:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
