"""What everybody knows of Underseal: the parameters that it publishes, and how people behave."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Places = NDArray[np.intp]
"""Places in an audience."""

DECAY_MIN: Final = 600.0
"""Mean age of a video at a view, in minutes: views decay exponentially (an assumption)."""

REPORT_DELAY_MIN: Final = 1.5
"""Mean time from a view to its report, in minutes, exponential (an assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRules:
    """The parameters of a window: see `docs/decisions/0005-disclosure-windows.md`."""

    tick_min: float
    k: int
    longest_min: float


def windows(viewed_at: Times, rules: PublicRules, opened_at: float = 0.0) -> tuple[Times, Times]:
    """Return when each window opened and closed, as the public parameters say, in order.

    `viewed_at` is sorted. A window closes at the first tick at which `k` viewers fell into it, or
    when its time has run out; the last one returned closes after the last view and its report.
    """
    opened: list[float] = []
    closed: list[float] = []
    while not closed or closed[-1] <= viewed_at[-1] + rules.longest_min:
        first = int(np.searchsorted(viewed_at, opened_at, side="right"))
        closing = opened_at + rules.longest_min
        if first + rules.k <= len(viewed_at):
            full_at = viewed_at[first + rules.k - 1]
            closing = min(closing, float(np.ceil(full_at / rules.tick_min)) * rules.tick_min)
        opened.append(opened_at)
        closed.append(closing)
        opened_at = closing
    return np.array(opened), np.array(closed)


def reported_by(at: float, viewed_at: Times) -> Times:
    """Return how probable it is that each viewer, had they reported, had done so by `at`."""
    return -np.expm1(-np.maximum(at - viewed_at, 0.0) / REPORT_DELAY_MIN)


def likeliest(posterior: Times) -> Places:
    """Return the places of those whom an adversary may name: as suspect as anybody is."""
    return np.flatnonzero(posterior >= posterior.max() * (1 - 1e-9))
