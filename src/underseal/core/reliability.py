"""Reliability: how often what was said to be so probable was so.

Labels that did not teach a map are put into bins by what it says of them; in each, what was told is
set beside what was found.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from underseal.core.figures import Z

BINS: Final = 15
"""Bins of equal mass, as Guo et al. (ICML 2017) have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told of one subject, a probability, and whether it was so; it stands for `mass`."""

    told: float
    found: bool
    mass: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The mean of what was told, the share found, and between what the true share lies, at 95 %."""

    told: float
    found: float
    low: float
    high: float
    labels: int
    mass: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A reliability diagram, and two figures of it.

    `error` is the expected calibration error: how far apart told and found are, by mass. `brier` is
    the mean square of what a single label was missed by.
    """

    bins: tuple[Bin, ...]
    error: float
    brier: float


def reliability(labels: Iterable[Told]) -> Reliability | None:
    """Return how reliable labels show what was told of them to be; None without any."""
    ordered = sorted(labels, key=lambda each: (each.told, each.found, each.mass))
    total = math.fsum(each.mass for each in ordered)
    if not total:
        return None
    bins = tuple(_bin(each) for each in _split(ordered, total / BINS))
    return Reliability(
        bins=bins,
        error=math.fsum(each.mass * abs(each.told - each.found) for each in bins) / total,
        brier=math.fsum(each.mass * (each.told - each.found) ** 2 for each in ordered) / total,
    )


def _split(ordered: Sequence[Told], mass: float) -> list[list[Told]]:
    """Bins of about equal mass, in order; of what was told alike, all stand in one."""
    bins: list[list[Told]] = [[]]
    before = 0.0
    for each in ordered:
        is_full = before >= mass * len(bins) * (1 - 1e-9)
        if bins[-1] and is_full and each.told > bins[-1][-1].told:
            bins.append([])
        bins[-1].append(each)
        before += each.mass
    return bins


def _bin(labels: Sequence[Told]) -> Bin:
    mass = math.fsum(each.mass for each in labels)
    found = math.fsum(each.mass for each in labels if each.found) / mass
    # As many labels as these unequal ones tell: Kish (1965).
    known = mass**2 / math.fsum(each.mass**2 for each in labels)
    low, high = _interval(found, known)
    return Bin(
        told=math.fsum(each.mass * each.told for each in labels) / mass,
        found=found,
        low=low,
        high=high,
        labels=len(labels),
        mass=mass,
    )


def _interval(share: float, known: float) -> tuple[float, float]:
    """Wilson's interval, as in `core.figures`, of a share of weighted labels."""
    middle = (share + Z * Z / (2 * known)) / (1 + Z * Z / known)
    half = Z * math.sqrt(share * (1 - share) / known + Z * Z / (4 * known**2))
    half /= 1 + Z * Z / known
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))
