"""Reliability: how often what was said to be so probable was so, and how well it was told apart.

Labels that did not teach a map are put into bins by what it says of them; in each, what was told is
set beside what was found.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from underseal.core.figures import Z

BINS: Final = 15
"""Bins of equal mass, at most, as Guo et al. (ICML 2017) have them."""

LABELS_A_BIN: Final = 20
"""There are no more bins than have so many labels each, on average. A setting: with fewer, chance alone
puts what was found far from what was told."""

_HALVINGS: Final = 50
"""How often an end of an interval is narrowed down: as far as floats go. A limit of ours."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How probable it is that what was so was told more than what was not, ties counting half.

    `area` is that under the ROC curve, .5 by chance; the true one is between `low` and `high`, at 95 %.
    """

    area: float
    low: float
    high: float


def reliability(labels: Iterable[Told]) -> Reliability | None:
    """Return how reliable labels show what was told of them to be; None without any."""
    ordered = sorted(labels, key=lambda each: (each.told, each.found, each.mass))
    total = math.fsum(each.mass for each in ordered)
    if not total:
        return None
    bins_most = max(1, min(BINS, int(_known(ordered) / LABELS_A_BIN + 1e-9)))
    bins = tuple(_bin(each) for each in _split(ordered, total / bins_most))
    return Reliability(
        bins=bins,
        error=math.fsum(each.mass * abs(each.told - each.found) for each in bins) / total,
        brier=math.fsum(each.mass * (each.told - each.found) ** 2 for each in ordered) / total,
    )


def ranking(labels: Iterable[Told]) -> Ranking | None:
    """Return how well labels show what was told of them to tell apart; None without both kinds.

    Source:
        Newcombe (Statistics in Medicine 25, 2006), method 5: the variance of Hanley and McNeil,
        solved for the area as Wilson's interval is for a share.
    """
    ordered = sorted(labels, key=lambda each: each.told)
    so, not_so = ([each for each in ordered if each.found is found] for found in (True, False))
    if not so or not not_so:
        return None
    below = area = 0.0
    for _, alike in groupby(ordered, key=lambda each: each.told):
        mass = {True: 0.0, False: 0.0}
        for each in alike:
            mass[each.found] += each.mass
        area += mass[True] * (below + mass[False] / 2)
        below += mass[False]
    area = min(1.0, area / (below * math.fsum(each.mass for each in so)))
    known = _known(so), _known(not_so)
    return Ranking(area=area, low=_end(area, 0.0, known), high=_end(area, 1.0, known))


def _end(area: float, edge: float, known: tuple[float, float]) -> float:
    """The area furthest towards an edge from which the one that was found is no surprise."""
    inside, outside = area, edge
    for _ in range(_HALVINGS):
        at = (inside + outside) / 2
        if abs(at - area) <= Z * math.sqrt(_variance(at, *known)):
            inside = at
        else:
            outside = at
    return inside


def _variance(area: float, so: float, not_so: float) -> float:
    """How much the area that labels show varies, where the true one is this."""
    others = max(0.0, (so + not_so) / 2 - 1)
    alike = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * alike / (so * not_so)


def _known(labels: Iterable[Told]) -> float:
    """As many labels as these unequal ones tell: Kish (1965)."""
    masses = [each.mass for each in labels]
    return math.fsum(masses) ** 2 / math.fsum(mass**2 for mass in masses)


def _split(ordered: Sequence[Told], mass: float) -> list[list[Told]]:
    """Bins of about equal mass, in order; of what was told alike, all stand in one."""
    bins: list[list[Told]] = [[]]
    before, full = 0.0, mass
    for each in ordered:
        is_full = before >= full * (1 - 1e-9)
        if bins[-1] and is_full and each.told > bins[-1][-1].told:
            bins.append([])
            full = mass * (round(before / mass) + 1)
        bins[-1].append(each)
        before += each.mass
    return bins


def _bin(labels: Sequence[Told]) -> Bin:
    mass = math.fsum(each.mass for each in labels)
    found = math.fsum(each.mass for each in labels if each.found) / mass
    low, high = _interval(found, _known(labels))
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
