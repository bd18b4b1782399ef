"""`underseal bench prevalence`: whether the interval holds the truth, and how few looks it takes.

Populations of subjects with lognormal views and a planted share of violating ones; machines that
are right, too sure, not sure enough, wrong by a factor, blind to a third, or know nothing. Each
sample is drawn, learnt from and weighed by `core.prevalence`, in two stages: a quarter of the audits
by machines at their word, the rest by what those have shown; and no more at a time than an
installation draws a day. The settings of the core were chosen on other populations and seeds.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from underseal.core.figures import Share, Z
from underseal.core.prevalence import (
    Audit,
    Belief,
    Prevalence,
    Readers,
    Viewed,
    believe,
    draw,
    estimate,
    spread,
)
from underseal.core.subject import SubjectId

Progress = Callable[[str], None]
Floats = NDArray[np.float64]

SEED: Final = 20_261_205
AUDITS: Final = 1_000
FIRST: Final = 250
A_DAY: Final = 25
"""Audits before machines are corrected, and audits of one day: chances are spread over no more."""

SUBJECTS: Final = 20_000
VIEWS_SIGMA: Final = 1.5
POPULATIONS: Final = 5
SAMPLES: Final = 30
"""Populations of each kind, and samples of each."""

TRUTHS: Final = (0.0042, 0.02)
SEPARATIONS: Final = {"auc_86": 1.53, "auc_93": 2.1, "auc_96": 2.5}
"""How far apart machines' scores of violating and harmless subjects are, in standard deviations, by
the area under the curve that this makes."""

SENSITIVITY: Final = 0.9
SPECIFICITY: Final = 0.998
TESTED: Final = (300, 3_000)
"""How well people of the worlds with mistakes judge, and on how many known cases of a breach, and
of none, that was tested."""

DAY: Final = date(2026, 1, 1)
DIGITS: Final = 4


class Machine(StrEnum):
    """What is wrong with what machines say, if anything."""

    RIGHT = "right"
    TOO_SURE = "too_sure"
    UNSURE = "unsure"
    EIGHTFOLD_TOO_LOW = "eightfold_too_low"
    BLIND_TO_A_THIRD = "blind_to_a_third"
    IGNORANT = "ignorant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One kind of world."""

    truth: float
    machine: Machine = Machine.RIGHT
    detector: str = "auc_93"
    errs: bool = False

    @property
    def name(self) -> str:
        """What it is called in the results."""
        mistakes = " people_err" if self.errs else ""
        return f"{self.truth:.2%} {self.machine} {self.detector}{mistakes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One world: its subjects as they are drawn from, and which of them break a guideline."""

    viewed: Sequence[Viewed]
    views: Floats
    nats: Floats
    violating: NDArray[np.bool_]
    probable: Floats
    """How probable that is, given what machines say: what nobody knows in life."""

    @property
    def oracle_share(self) -> float:
        """The least variance of a look chosen by what machines say, by that of one by views alone.

        It knows how probable everything is: views times √(p (1 - p)), and nothing else is left to chance.
        """
        share = self.views / self.views.sum()
        mean = float(share @ self.probable)
        left = float(share @ np.sqrt(self.probable * (1 - self.probable)))
        return left * left / (mean * (1 - mean))

    @property
    def truth(self) -> float:
        """The share of views on what is violating."""
        return float(self.views[self.violating].sum() / self.views.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one sample said, beside the truth, and what its baselines say."""

    truth: float
    oracle_share: float
    ours: Prevalence
    uncorrected: Prevalence
    labels: int
    baselines: Mapping[str, tuple[float, float]]


CELLS: Final = (
    *(Cell(truth=truth, detector=each) for truth in TRUTHS for each in SEPARATIONS),
    *(
        Cell(truth=truth, machine=each)
        for truth in TRUTHS
        for each in Machine
        if each is not Machine.RIGHT
    ),
)
ERRING: Final = tuple(Cell(truth=truth, errs=True) for truth in TRUTHS)


def run(progress: Progress) -> Mapping[str, object]:
    """Draw all samples of all kinds of world, and say how often the truth lay in the interval."""
    samples = {}
    for number, cell in enumerate((*CELLS, *ERRING)):
        samples[cell] = _samples(cell, SEED + number * POPULATIONS, progress)
    ours = [each for cell in CELLS for each in samples[cell]]
    by_cell = {cell.name: _figures(samples[cell]) for cell in CELLS}
    shares = [_label_share(samples[cell], _width) for cell in CELLS]
    return {
        "audits": AUDITS,
        "samples": len(ours),
        "coverage": _coverage([_holds(each.ours, each.truth) for each in ours]),
        "coverage_least": min(float(np.mean(_held(samples[cell]))) for cell in CELLS),
        "label_share": round(median(shares), DIGITS),
        "label_share_most": round(max(shares), DIGITS),
        "label_share_oracle": round(median(_oracle(samples[cell]) for cell in CELLS), DIGITS),
        "labels_a_sample": fmean(each.labels for each in ours),
        "baselines": {name: _baseline(samples, name) for name in ours[0].baselines},
        "populations": by_cell,
        "people_err": {cell.name: _erring(samples[cell]) for cell in ERRING},
        "notes": NOTES,
    }


NOTES: Final = (
    "label_share is ours by what views alone need for a Wilson interval of the same mean width.",
    "It is the median over all populations, those with ignorant machines included.",
    "label_share_oracle is a ratio of variances, of a draw that knows how probable each breach is.",
    "It ignores that populations are finite, and that a Wilson interval of few is wide: ours may be less.",
    "Normal intervals are narrower in part because they hold the truth more rarely.",
    "Truths differ between populations of a kind, as a few subjects have many of the views.",
)


def _samples(cell: Cell, seed: int, progress: Progress) -> Sequence[Sample]:
    samples: list[Sample] = []
    for number in range(POPULATIONS):
        progress(f"prevalence: {cell.name}, population {number + 1} of {POPULATIONS}")
        rng = np.random.default_rng(seed + number)
        population = _populate(cell, rng)
        samples += [_sample(cell, population, rng) for _ in range(SAMPLES)]
    return samples


def _populate(cell: Cell, rng: np.random.Generator) -> Population:
    views = np.ceil(10 * rng.lognormal(0.0, VIEWS_SIGMA, SUBJECTS))
    violating = rng.random(SUBJECTS) < cell.truth
    apart = SEPARATIONS[cell.detector]
    shows = violating.copy()
    if cell.machine is Machine.BLIND_TO_A_THIRD:
        shows &= rng.random(SUBJECTS) >= 1 / 3
    if cell.machine is Machine.IGNORANT:
        shows = rng.random(SUBJECTS) < cell.truth
    base = math.log(cell.truth) - math.log1p(-cell.truth)
    weight = apart * (rng.normal(0.0, 1.0, SUBJECTS) + apart * shows) - apart**2 / 2
    probable = _probable(cell, base, weight)
    match cell.machine:
        case Machine.TOO_SURE:
            weight = 1.7 * weight
        case Machine.UNSURE:
            weight = 0.5 * weight
        case Machine.EIGHTFOLD_TOO_LOW:
            weight = weight - math.log(8)
        case Machine.RIGHT | Machine.BLIND_TO_A_THIRD | Machine.IGNORANT:
            pass
    viewed = [
        Viewed(
            subject_id=SubjectId(UUID(int=at)), views=int(views[at]), nats=float(base + weight[at])
        )
        for at in np.argsort(base + weight).tolist()  # as `draw` would: it is quicker then
    ]
    return Population(
        viewed=viewed, views=views, nats=base + weight, violating=violating, probable=probable
    )


def _probable(cell: Cell, base: float, weight: Floats) -> Floats:
    """By Bayes: of what breaks a guideline, machines know all, two thirds or nothing."""
    match cell.machine:
        case Machine.IGNORANT:
            known = 0.0
        case Machine.BLIND_TO_A_THIRD:
            known = 2 / 3
        case Machine.RIGHT | Machine.TOO_SURE | Machine.UNSURE | Machine.EIGHTFOLD_TOO_LOW:
            known = 1.0
    odds = math.exp(base) * (known * np.exp(weight) + 1 - known)
    return np.asarray(odds / (1 + odds))


def _sample(cell: Cell, population: Population, rng: np.random.Generator) -> Sample:
    first = _audit(cell, population, Belief(), FIRST, rng)
    second = _audit(cell, population, believe(first), AUDITS - FIRST, rng)
    audits = [*first, *second]
    uncorrected = estimate(audits)
    return Sample(
        truth=population.truth,
        oracle_share=population.oracle_share,
        ours=estimate(audits, _tested(rng)) if cell.errs else uncorrected,
        uncorrected=uncorrected,
        labels=len(audits),
        baselines=_baselines(population, rng),
    )


def _audit(
    cell: Cell, population: Population, belief: Belief, audits: int, rng: np.random.Generator
) -> list[Audit]:
    """Draw so many, on days that are all alike and count as one."""
    days = audits // A_DAY
    chances = [each for _ in range(days) for each in spread(rng.random(A_DAY).tolist())]
    day_views = int(population.views.sum())
    return [
        Audit(
            day=DAY + timedelta(days=days),
            day_views=days * day_views,
            views=days * each.viewed.views,
            probability=each.probability,
            times=each.times,
            nats=each.viewed.nats,
            found=_found(cell, bool(population.violating[each.viewed.subject_id.int]), rng),
        )
        for each in draw(population.viewed, belief, chances)
    ]


def _found(cell: Cell, violating: bool, rng: np.random.Generator) -> bool:
    if not cell.errs:
        return violating
    return bool(rng.random() < (SENSITIVITY if violating else 1 - SPECIFICITY))


def _tested(rng: np.random.Generator) -> Readers:
    """How well people did in a test of their own."""
    breaches, others = TESTED
    return Readers(
        sensitivity=Share(hits=int(rng.binomial(breaches, SENSITIVITY)), cases=breaches),
        specificity=Share(hits=int(rng.binomial(others, SPECIFICITY)), cases=others),
    )


def _baselines(
    population: Population, rng: np.random.Generator
) -> Mapping[str, tuple[float, float]]:
    """By views alone, normal and Wilson's; and by views times the root of p, normal."""
    hits = int(rng.binomial(AUDITS, population.truth))
    share = hits / AUDITS
    half = Z * math.sqrt(share * (1 - share) / AUDITS)
    chance = population.views / np.sqrt(1 + np.exp(-population.nats))
    chance /= chance.sum()
    at = np.minimum(np.searchsorted(np.cumsum(chance), rng.random(AUDITS)), SUBJECTS - 1)
    stands = population.views[at] / population.views.sum() / chance[at] * population.violating[at]
    around = Z * float(stands.std(ddof=1)) / math.sqrt(AUDITS)
    return {
        "views_normal": (share - half, share + half),
        "views_wilson": Share(hits=hits, cases=AUDITS).interval,
        "root_p_normal": (float(stands.mean()) - around, float(stands.mean()) + around),
    }


def _holds(prevalence: Prevalence, truth: float) -> bool:
    return prevalence.low <= truth <= prevalence.high


def _held(samples: Sequence[Sample]) -> list[bool]:
    return [_holds(each.ours, each.truth) for each in samples]


def _width(sample: Sample) -> float:
    return sample.ours.high - sample.ours.low


def _oracle(samples: Sequence[Sample]) -> float:
    return fmean(each.oracle_share for each in samples)


def _coverage(held: Sequence[bool]) -> Mapping[str, float]:
    share = Share(hits=sum(held), cases=len(held))
    low, high = share.interval
    return {
        "value": round(share.value or 0.0, DIGITS),
        "low": round(low, DIGITS),
        "high": round(high, DIGITS),
    }


def _figures(samples: Sequence[Sample]) -> Mapping[str, object]:
    return {
        "coverage": _coverage(_held(samples)),
        "label_share": round(_label_share(samples, _width), DIGITS),
        "label_share_oracle": round(_oracle(samples), DIGITS),
        "relative_width": round(fmean(_width(each) / each.truth for each in samples), DIGITS),
        "relative_bias": round(
            fmean((each.ours.value or 0.0) / each.truth - 1 for each in samples), DIGITS
        ),
    }


def _baseline(samples: Mapping[Cell, Sequence[Sample]], name: str) -> Mapping[str, object]:
    def width(sample: Sample) -> float:
        low, high = sample.baselines[name]
        return high - max(0.0, low)

    held = {
        cell: [
            each.baselines[name][0] <= each.truth <= each.baselines[name][1]
            for each in samples[cell]
        ]
        for cell in CELLS
    }
    return {
        "coverage": _coverage([each for of in held.values() for each in of]),
        "coverage_least": min(float(np.mean(of)) for of in held.values()),
        "label_share": round(median(_label_share(samples[cell], width) for cell in CELLS), DIGITS),
    }


def _erring(samples: Sequence[Sample]) -> Mapping[str, object]:
    return {
        **_figures(samples),
        "coverage_uncorrected": _coverage(
            [_holds(each.uncorrected, each.truth) for each in samples]
        ),
    }


def _label_share(samples: Sequence[Sample], width: Callable[[Sample], float]) -> float:
    """The audits of a sample by those that views alone need to be as narrow, in the mean."""
    truth, wanted = fmean(each.truth for each in samples), fmean(width(each) for each in samples)
    few, many = 10, 1_000_000
    while many - few > few // 200 + 1:
        middle = (few + many) // 2
        few, many = (middle, many) if _wilson_width(truth, middle) > wanted else (few, middle)
    return AUDITS / many


def _wilson_width(truth: float, audits: int) -> float:
    """How wide Wilson's interval is in the mean: over the counts that are not all but impossible."""
    most = min(audits, math.ceil(audits * truth + 10 * math.sqrt(audits * truth) + 20))
    least = max(0, math.floor(audits * truth - 10 * math.sqrt(audits * truth)))
    hits = np.arange(least, most + 1, dtype=np.float64)
    logs = np.array(
        [math.lgamma(audits + 1) - math.lgamma(k + 1) - math.lgamma(audits - k + 1) for k in hits]
    )
    chance = np.exp(logs + hits * math.log(truth) + (audits - hits) * math.log1p(-truth))
    widths = [
        high - low for k in hits for low, high in (Share(hits=int(k), cases=audits).interval,)
    ]
    return float(chance @ np.array(widths))
