"""The share of views that land on what breaks a guideline, from looks that chance has chosen.

Each look stands for a known share of all views, so that the estimate holds whether or not machines
are right; the better they are, the fewer looks it takes. What is reported plays no part: the draw
knows views and machines, and no subject is looked at because somebody reported it.

Source:
    Hansen and Hurwitz, On the theory of sampling from finite populations (1943), for draws with
    replacement; Madow, On the theory of systematic sampling II (1949), for draws in an order.
    docs/decisions/0016-prevalence.md compares designs and intervals.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final

from underseal.core.evidence import probability
from underseal.core.figures import Share, Z
from underseal.core.guideline import GuidelineId, Guidelines
from underseal.core.subject import SubjectId, SubjectKind

BLIND: Final = 1 / 16
"""The share of violating views that machines are taken to know nothing of, whatever they say: no look
stands for more than 1 / √BLIND, or four, times what it would by views alone. A setting; measured, see
the decision."""

UNSEEN: Final = 0.4
"""The same where an interval asks what the draw may have missed: it has to be more careful than the
draw. A setting; measured, see the decision."""

HALF: Final = 0.5
"""How much of one breach more the ends of an interval reckon with: mid-P, as in Fay and Kim,
Confidence intervals for directly standardized rates using mid-p gamma intervals (2017)."""

_SURE_MAX: Final = 1 / 3
"""The most that a look's finding is taken to have been known before it, where an interval asks what was
left to chance: a handful of looks that all found a breach are no certainty. A limit of ours."""

_TRUST_LEVEL: Final = 0.1
_TRUST_SLOPE: Final = 1.0
"""How firmly machines are taken at their word until audits say otherwise: the precision of normal
priors. Settings: ten audits that were found to break a guideline outweigh them."""

_NATS_MIN: Final = -30.0
"""Less probable than once in ten thousand billion is nothing. A limit of ours."""

_NATS_STEP: Final = 0.125
"""What machines say is told apart by so much where it is learnt from. A limit of ours."""

_STEPS_MAX: Final = 25
_STEP_MAX: Final = 1.0
_CLOSE: Final = 1e-6
_SLOPE_MAX: Final = 3.0
"""How far Newton's method goes, in nats a step. Limits of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What machines say, corrected by what audits found.

    They speak of log-odds around `middle`, of which `level` and `slope` make others.
    """

    middle: float = 0.0
    level: float = 0.0
    slope: float = 1.0

    def probability(self, nats: float) -> float:
        """Return how probable a breach is where machines say so many nats: never not at all."""
        return probability(max(_NATS_MIN, self.level + self.slope * (nats - self.middle)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """A subject that was seen: its views of the day, and the log-odds of any breach by machines.

    `nats` are those without any report, and without what people have found: a look may have been
    caused by a report.
    """

    subject_id: SubjectId
    views: int
    nats: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A subject that was drawn, `times` over; each draw chose it with this `probability`."""

    viewed: Viewed
    probability: float
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A draw and what a person found. `day_views` are those of all subjects on the day."""

    day: date
    day_views: int
    views: int
    probability: float
    times: int
    nats: float
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How well people judge where the truth was known.

    `sensitivity` is the share in which they found a breach, of those with one; `specificity` the
    share that they cleared, of the others.
    """

    sensitivity: Share
    specificity: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevalence:
    """The share of views on what breaks a guideline, and between what it lies, at 95 %.

    `audits` counts draws, a subject drawn twice twice, and `found` those of a breach. With no
    audits there is no `value`, and it may be anything.
    """

    value: float | None
    low: float
    high: float
    audits: int
    found: int


def any_breach(
    unreported: Mapping[GuidelineId, float], guidelines: Guidelines, kind: SubjectKind
) -> float:
    """Return the log-odds that a subject breaks any guideline, as if each were for itself.

    `unreported` has those that machines have spoken of; the others have their base rates.
    """
    kept = math.fsum(
        math.log1p(-probability(unreported[each.id]) if each.id in unreported else -each.base_rate)
        for each in guidelines.by_id.values()
        if kind in each.subjects
    )
    return math.log(math.expm1(-kept))


def spread(chances: Sequence[float]) -> tuple[float, ...]:
    """Return chances in [0, 1) of which each has a part of its own, of as many as there are."""
    return tuple((at + chance) / len(chances) for at, chance in enumerate(chances))


def draw(viewed: Sequence[Viewed], belief: Belief, chances: Iterable[float]) -> tuple[Drawn, ...]:
    """Draw one subject for each of the `chances`, in [0, 1), with replacement, by id.

    The probability is views times √p, which has the least variance where p is right (Neyman, 1934);
    `BLIND` of p is the same for all, which bounds what a look stands for where it is wrong. Chances
    run from what machines find least likely to what they find likeliest: those that are `spread`
    leave none of that to chance, as strata do. With replacement, a video that half of everybody has
    seen needs one look, and draws of different days add up.

    Nothing about a report may enter `viewed`, or else a look would tell of one.
    """
    seen = sorted(
        (each for each in viewed if each.views > 0), key=lambda each: (each.nats, each.subject_id)
    )
    if not seen:
        return ()
    views = [each.views for each in seen]
    known = _mixed([belief.probability(each.nats) for each in seen], views)
    sized = [each * math.sqrt(p) for each, p in zip(views, known, strict=True)]
    all_sized, bounds = math.fsum(sized), list(accumulate(sized))
    last = len(seen) - 1
    times = Counter(min(last, bisect_right(bounds, chance * bounds[-1])) for chance in chances)
    drawn = [
        Drawn(viewed=seen[at], probability=sized[at] / all_sized, times=count)
        for at, count in times.items()
    ]
    return tuple(sorted(drawn, key=lambda each: each.viewed.subject_id))


def _mixed(probabilities: Sequence[float], views: Sequence[float]) -> list[float]:
    """Probabilities of which `BLIND` is their mean over views."""
    mean = _mean(probabilities, views)
    return [(1 - BLIND) * each + BLIND * mean for each in probabilities]


def believe(audits: Sequence[Audit]) -> Belief:
    """Return how far machines are to be believed, by a logistic regression on what was found.

    Without audits they are taken at their word; few say little (Platt, 1999, with a prior).
    """
    if not audits:
        return Belief()
    draws: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    for each in audits:
        at = round(each.nats / _NATS_STEP)
        draws[at] += each.times
        hits[at] += each.times * each.found
    middle = math.fsum(at * _NATS_STEP * count for at, count in draws.items()) / draws.total()
    rows = [(at * _NATS_STEP - middle, hits[at], count) for at, count in sorted(draws.items())]
    level, slope = middle, 1.0
    for _ in range(_STEPS_MAX):
        up = _TRUST_LEVEL * (middle - level)
        tilt = _TRUST_SLOPE * (1 - slope)
        flat, mixed, steep = _TRUST_LEVEL, 0.0, _TRUST_SLOPE
        for x, found, count in rows:
            p = probability(level + slope * x)
            miss, spread = found - count * p, count * p * (1 - p)
            up += miss
            tilt += miss * x
            flat += spread
            mixed += spread * x
            steep += spread * x * x
        det = flat * steep - mixed * mixed
        rise, turn = (steep * up - mixed * tilt) / det, (flat * tilt - mixed * up) / det
        level += max(-_STEP_MAX, min(rise, _STEP_MAX))
        slope = max(0.0, min(slope + max(-_STEP_MAX, min(turn, _STEP_MAX)), _SLOPE_MAX))
        if abs(rise) < _CLOSE and abs(turn) < _CLOSE:
            break
    return Belief(middle=middle, level=level, slope=slope)


def estimate(audits: Sequence[Audit], readers: Readers | None = None) -> Prevalence:
    """Return the share of views on violating content over the days that have audits.

    Each audit stands for a share of the views of those days; the sum over those found is the
    estimate. Only what machines did not say beforehand is left to chance, as chances were `spread`.
    The ends are those of a Poisson count as large as the estimate is certain (Byar's,
    in Breslow and Day, Statistical Methods in Cancer Research II, 1987). The upper one reckons
    with half of a breach that the draw has missed, as Fay and Feuer's does with a whole one
    (Confidence intervals for directly standardized rates, 1997). It is too wide, not too narrow,
    where much is violating.

    With `readers` their mistakes are taken off, and how uncertain those are is added.
    """
    count = sum(each.times for each in audits)
    if not count:
        return Prevalence(value=None, low=0.0, high=1.0, audits=0, found=0)
    stands_for = _shares(audits)
    views = [each.times * share for each, share in zip(audits, stands_for, strict=True)]
    value = math.fsum(of for each, of in zip(audits, views, strict=True) if each.found)
    belief = believe(audits)
    known = _mixed([belief.probability(each.nats) for each in audits], views)
    variance = math.fsum(
        of * share * (each.found - min(p, _SURE_MAX)) ** 2
        for each, of, share, p in zip(audits, views, stands_for, known, strict=True)
    )
    missed = _missed(views, stands_for, known)
    more = HALF if value else 1.0
    crude = Prevalence(
        value=min(1.0, value),
        low=min(1.0, _end(value, variance, HALF, variance / value, -Z)) if value else 0.0,
        high=min(1.0, _end(value, variance, more, missed, Z)),
        audits=count,
        found=sum(each.times for each in audits if each.found),
    )
    return crude if readers is None else _corrected(crude, readers)


def _shares(audits: Sequence[Audit]) -> list[float]:
    """What one draw of each audit stands for: a share of all views of the days with audits."""
    draws: Counter[date] = Counter()
    for each in audits:
        draws[each.day] += each.times
    all_views = sum({each.day: each.day_views for each in audits}.values())
    return [each.views / (all_views * each.probability * draws[each.day]) for each in audits]


def _missed(views: Sequence[float], stands_for: Sequence[float], known: Sequence[float]) -> float:
    """What a breach that was not drawn would stand for: one that machines know of, or any."""
    by_machine = _mean(stands_for, [of * p for of, p in zip(views, known, strict=True)])
    blindly = _mean(stands_for, views)
    return (1 - UNSEEN) * by_machine + UNSEEN * blindly


def _mean(values: Iterable[float], weights: Sequence[float]) -> float:
    total = math.fsum(of * value for of, value in zip(weights, values, strict=True))
    return total / math.fsum(weights)


def _end(value: float, variance: float, more: float, weight: float, z: float) -> float:
    """An end of the interval about a weighted sum of counts, with this `variance`.

    It reckons with `more` of one count that has this weight.
    """
    reckoned = value + more * weight
    count = reckoned * reckoned / (variance + more * weight * weight)
    return reckoned * max(0.0, 1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3


def _corrected(crude: Prevalence, readers: Readers) -> Prevalence:
    """Take off what people get wrong: what is found beyond false alarms, by how much they find.

    Source:
        Rogan and Gladen, Estimating prevalence from the results of a screening test (1978); the
        interval recovers variances from those of the parts (Donner and Zou, Closed-form confidence
        intervals for functions of the normal mean and standard deviation, 2012).
    """
    found, low, high = crude.value or 0.0, crude.low, crude.high
    sensitivity = _between(readers.sensitivity)
    cleared = _between(readers.specificity)
    alarms = 1 - cleared[0], 1 - cleared[2], 1 - cleared[1]
    over = _minus((found, low, high), alarms)
    power = _minus(sensitivity, alarms)
    if power[1] <= 0:  # people may be no better than chance: it may be anything
        return Prevalence(
            value=crude.value, low=0.0, high=1.0, audits=crude.audits, found=crude.found
        )
    least, most = _over(over, power)
    return Prevalence(
        value=min(1.0, max(0.0, over[0] / power[0])),
        low=min(1.0, max(0.0, least)),
        high=min(1.0, max(0.0, most)),
        audits=crude.audits,
        found=crude.found,
    )


def _between(share: Share) -> tuple[float, float, float]:
    """A share and its interval; one that nobody has measured is perfect, or anything below."""
    return 1.0 if share.value is None else share.value, *share.interval


def _minus(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float, float]:
    """The difference of two numbers with intervals, and its interval."""
    difference = one[0] - other[0]
    below = math.hypot(one[0] - one[1], other[2] - other[0])
    above = math.hypot(one[2] - one[0], other[0] - other[1])
    return difference, difference - below, difference + above


def _over(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float]:
    """The interval of the ratio of two numbers with intervals; `other` is positive."""
    (a, a_low, a_high), (b, b_low, b_high) = one, other
    product = a * b
    low_root = product**2 - a_low * b_high * (2 * a - a_low) * (2 * b - b_high)
    high_root = product**2 - a_high * b_low * (2 * a - a_high) * (2 * b - b_low)
    low = (product - math.sqrt(max(0.0, low_root))) / (b_high * (2 * b - b_high))
    high = (product + math.sqrt(max(0.0, high_root))) / (b_low * (2 * b - b_low))
    return low, high
