"""Calibration: what a detector's score is worth as evidence, learnt from what people found.

With x the log-odds of a score, of the subjects of which a detector says x

    ln odds(breach) = base + intercept + slope x

where base is the log-odds of a breach among all that were scanned, whatever it said of them or
not. A score is worth what it adds to that: intercept + slope x, a log-likelihood ratio in nats.
Whoever was looked at was not looked at by chance, so each observation counts by the inverse of the
probability that somebody looked; and the less the older it is.

Invariants:
    A higher score is never worth less.
    Without labels enough a detector is in shadow: it has no map, and counts nothing.
    Nobody is believed further than so many labels can bear, however sure they look.
    What always says the same of everything is worth about nothing, whatever it says.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from underseal.core.guideline import log_odds

HALF_LIFE_DAYS: Final = 90
"""After so many days what somebody found counts half. A setting: what is uploaded changes sooner
than people do, whose records last twice as long."""

LABELS_MIN: Final = 20
"""So many breaches and so many harmless subjects, looked at, end the shadow; and so many of which
the detector spoke. A setting, near the 10 a parameter that are asked of logistic regressions
(Peduzzi et al., 1996)."""

PROPENSITY_MIN: Final = 0.01
"""An observation stands for a hundred subjects at most. A setting: it bounds the variance, at the
price of a bias towards what was looked at where less than one in a hundred is."""

WEIGHT_MAX: Final = math.log(1_000)
"""The most that a score is worth, in nats, for or against. A setting, as `MODALITY_CAP`."""

SCORE_EDGE: Final = 0.001
"""Scores nearer to 0 or 1 say what this one says: no detector knows its own last digits. A setting."""

INTERCEPT_SD: Final = 2.0
SLOPE_SD: Final = 1.0
"""How far from worthless a detector is believed to be before anything is known, in nats. Settings:
an honest log-odds score has slope 1."""

DRIFT_ALARM: Final = 1e-4
"""How often a map that still holds is said not to, a test. A setting: with a hundred maps tested once
a day, about four false alarms a year."""

DRIFT_LABELS_MIN: Final = 10
"""So many recent breaches and so many recent harmless subjects a test of drift takes. A setting:
with fewer the distribution it relies on does not hold."""

_STEPS_MAX: Final = 60
_CLOSE: Final = 1e-9
"""When a fit is good enough. Limits of ours."""

Matrix: TypeAlias = tuple[float, float, float]
"""A symmetric 2 x 2 matrix: both diagonal entries, and the one beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A scanned subject that somebody judged, once, for one detector and guideline.

    `score` is the highest that the detector gave, or None if it said nothing; one that is no number
    in [0, 1] says nothing either. `propensity` is the probability in (0, 1] that somebody looked.

    Raises:
        ValueError: `propensity` is outside (0, 1].
    """

    score: float | None
    violating: bool
    propensity: float
    day: date

    def __post_init__(self) -> None:
        if not 0 < self.propensity <= 1:
            raise ValueError("what was looked at had a chance to be, in (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightMap:
    """From a score to its worth in nats, within `most` of 0 either way.

    `base` is the log-odds of a breach among all that were scanned; `spread` the covariance of
    intercept and slope.

    Raises:
        ValueError: a number is none, `slope` is negative, or `most` is not positive.
    """

    base: float
    intercept: float
    slope: float
    most: float
    spread: Matrix = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        numbers = (self.base, self.intercept, self.slope, self.most, *self.spread)
        if not all(map(math.isfinite, numbers)) or self.slope < 0 or self.most <= 0:
            raise ValueError("a map is of numbers, never falls, and has bounds")

    def weight(self, score: float) -> float | None:
        """Return what a score is worth; None if it is no number in [0, 1]."""
        if not is_score(score):
            return None
        return max(-self.most, min(self.intercept + self.slope * _x(score), self.most))

    def belief(self, score: float) -> float | None:
        """Return the probability of a breach, by the score alone; None if it is no number in [0, 1]."""
        worth = self.weight(score)
        return None if worth is None else _probability(self.base + worth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What labels teach about a detector: its map, or None while it is in shadow.

    `violating` and `harmless` are labels as they were counted, `spoken` those of which it spoke.
    """

    map: WeightMap | None
    violating: int
    harmless: int
    spoken: int


def is_score(score: float) -> bool:
    """Return whether a detector may say this at all: a number in [0, 1]."""
    return 0 <= score <= 1  # False for what is no number, too


def propensity(looked_at: int, scanned: int) -> float:
    """Return how probable a look was where so many of so many scanned subjects had one.

    Raises:
        ValueError: nobody was looked at, or more than were scanned.
    """
    if not 0 < looked_at <= scanned:
        raise ValueError("a share is of no more than there are, and of something")
    return looked_at / scanned


def share_stood_for(observation: Observation, on: date) -> float:
    """Return for how many subjects an observation stands on a day, fading as it ages.

    What is dated ahead is of today.
    """
    age = max(0, (on - observation.day).days)
    return float(0.5 ** (age / HALF_LIFE_DAYS)) / max(observation.propensity, PROPENSITY_MIN)


def learn(observations: Sequence[Observation], on: date) -> Learnt:
    """Return what observations teach, as of a day; their order makes no difference."""
    violating = sum(each.violating for each in observations)
    rows = _rows(observations, on)
    counts = {
        "violating": violating,
        "harmless": len(observations) - violating,
        "spoken": sum(each.score is not None and is_score(each.score) for each in observations),
    }
    if min(counts.values()) < LABELS_MIN:
        return Learnt(map=None, **counts)
    base = _base(observations, on)
    known = math.fsum(row.mass for row in rows)
    most = min(WEIGHT_MAX, math.log1p(known))
    return Learnt(map=_fit(rows, base, most), **counts)


def drift(found: WeightMap, recent: Sequence[Observation], on: date) -> float | None:
    """Return how probable labels are that look so little like a map which they did not teach.

    It is the probability of a deviation as large, if the map still holds; below `DRIFT_ALARM` it is
    said to have drifted. None if there are too few labels of either kind.

    Source:
        The score test of Cox's calibration line (Biometrika 45, 1958), intercept and slope at
        once, with the variance of a map that was itself learnt from labels added to it.
    """
    spoken = [each for each in recent if each.score is not None and is_score(each.score)]
    breaches = sum(each.violating for each in spoken)
    if min(breaches, len(spoken) - breaches) < DRIFT_LABELS_MIN:
        return None
    rows = _rows(spoken, on)
    off, slack = _score(rows, found.base, (found.intercept, found.slope), as_told=True)
    steep = _steepness(rows, found.base, (found.intercept, found.slope))
    variance = _plus(slack, _sandwich(steep, found.spread))
    if _determinant(variance) <= _CLOSE * variance[0] * variance[1]:
        # One score only: there is no slope to test.
        return math.erfc(math.sqrt(off[0] ** 2 / max(variance[0], _CLOSE) / 2))
    one, other = _times(_inverse(variance), off)
    return math.exp(-(off[0] * one + off[1] * other) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """All spoken observations of one score and outcome: what they count, and its squares."""

    x: float
    violating: bool
    mass: float
    squares: float


def _rows(observations: Iterable[Observation], on: date) -> list[_Row]:
    """Observations with a score, their shares scaled so that all count as many as they tell."""
    sums: dict[tuple[float, bool], list[float]] = defaultdict(list)
    for each in observations:
        if each.score is not None and is_score(each.score):
            # In hundredths of a nat, so that a fit costs the same however many labels there are.
            sums[round(_x(each.score), 2), each.violating].append(share_stood_for(each, on))
    total = math.fsum(share for shares in sums.values() for share in shares)
    squares = math.fsum(share * share for shares in sums.values() for share in shares)
    scale = total / squares if squares else 0.0
    return [
        _Row(
            x=x,
            violating=violating,
            mass=scale * math.fsum(shares),
            squares=scale**2 * math.fsum(share * share for share in shares),
        )
        for (x, violating), shares in sorted(sums.items())
    ]


def _base(observations: Sequence[Observation], on: date) -> float:
    """The log-odds of a breach among all that were scanned, half an observation added to each."""
    shares = [(share_stood_for(each, on), each.violating) for each in observations]
    total = math.fsum(share for share, _ in shares)
    known = total**2 / math.fsum(share**2 for share, _ in shares)
    violating = math.fsum(share for share, found in shares if found) / total * known
    return log_odds((violating + 0.5) / (known + 1))


def _fit(rows: Sequence[_Row], base: float, most: float) -> WeightMap:
    """The most probable map, by Newton's method: the sum of concave functions of two numbers."""
    at = _climb(rows, base, is_flat=False)
    is_flat = at[1] <= 0
    if is_flat:
        at = _climb(rows, base, is_flat=True)
    steep = _plus(_steepness(rows, base, at), _PRIOR)
    _, slack = _score(rows, base, at, as_told=False)
    if is_flat:
        spread: Matrix = (slack[0] / steep[0] ** 2, 0.0, 0.0)
    else:
        spread = _sandwich(_inverse(steep), slack)
    return WeightMap(base=base, intercept=at[0], slope=at[1], most=most, spread=spread)


def _climb(rows: Sequence[_Row], base: float, *, is_flat: bool) -> tuple[float, float]:
    at, height = (0.0, 0.0), _height(rows, base, (0.0, 0.0))
    for _ in range(_STEPS_MAX):
        off, _ = _score(rows, base, at, as_told=False)
        up = off[0] - at[0] * _PRIOR[0], 0.0 if is_flat else off[1] - at[1] * _PRIOR[1]
        steep = _plus(_steepness(rows, base, at), _PRIOR)
        step = (up[0] / steep[0], 0.0) if is_flat else _times(_inverse(steep), up)
        length = 1.0
        while True:
            there = at[0] + length * step[0], at[1] + length * step[1]
            higher = _height(rows, base, there)
            if higher >= height or length < _CLOSE:
                break
            length /= 2
        is_close = max(abs(there[0] - at[0]), abs(there[1] - at[1])) < _CLOSE
        at, height = there, higher
        if is_close:
            break
    return at


_PRIOR: Final[Matrix] = (INTERCEPT_SD**-2, SLOPE_SD**-2, 0.0)


def _height(rows: Sequence[_Row], base: float, at: tuple[float, float]) -> float:
    """The log-likelihood and the log-prior of intercept and slope."""
    fits = (
        row.mass * _log_probability((1 if row.violating else -1) * (base + at[0] + at[1] * row.x))
        for row in rows
    )
    return math.fsum(fits) - (at[0] ** 2 * _PRIOR[0] + at[1] ** 2 * _PRIOR[1]) / 2


def _score(
    rows: Sequence[_Row], base: float, at: tuple[float, float], *, as_told: bool
) -> tuple[tuple[float, float], Matrix]:
    """By how much outcomes exceed what was told, by intercept and slope; and how that varies.

    With `as_told` it varies as the map says, else as it did.
    """
    offs, ones, others, both = [], [], [], []
    for row in rows:
        told = _probability(base + at[0] + at[1] * row.x)
        off = row.violating - told
        offs.append((row.mass * off, row.mass * off * row.x))
        square = row.squares * (told * (1 - told) if as_told else off * off)
        ones.append(square)
        others.append(square * row.x**2)
        both.append(square * row.x)
    found = math.fsum(one for one, _ in offs), math.fsum(other for _, other in offs)
    return found, (math.fsum(ones), math.fsum(others), math.fsum(both))


def _steepness(rows: Sequence[_Row], base: float, at: tuple[float, float]) -> Matrix:
    """The curvature of the log-likelihood, with its sign turned."""
    bends = []
    for row in rows:
        told = _probability(base + at[0] + at[1] * row.x)
        bends.append((row.mass * told * (1 - told), row.x))
    return (
        math.fsum(bend for bend, _ in bends),
        math.fsum(bend * x**2 for bend, x in bends),
        math.fsum(bend * x for bend, x in bends),
    )


def _x(score: float) -> float:
    return log_odds(max(SCORE_EDGE, min(score, 1 - SCORE_EDGE)))


def _probability(nats: float) -> float:
    return (1 + math.tanh(nats / 2)) / 2


def _log_probability(nats: float) -> float:
    return min(nats, 0.0) - math.log1p(math.exp(-abs(nats)))


def _plus(one: Matrix, other: Matrix) -> Matrix:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _determinant(of: Matrix) -> float:
    return of[0] * of[1] - of[2] ** 2


def _inverse(of: Matrix) -> Matrix:
    whole = _determinant(of)
    return of[1] / whole, of[0] / whole, -of[2] / whole


def _times(of: Matrix, at: tuple[float, float]) -> tuple[float, float]:
    return of[0] * at[0] + of[2] * at[1], of[2] * at[0] + of[1] * at[1]


def _sandwich(bread: Matrix, filling: Matrix) -> Matrix:
    a, b, c = bread
    p, q, r = filling
    return (
        a * a * p + 2 * a * c * r + c * c * q,
        c * c * p + 2 * b * c * r + b * b * q,
        a * c * p + (a * b + c * c) * r + b * c * q,
    )
