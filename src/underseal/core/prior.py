"""What is believed of a topic's reports before anything is known of who filed them.

Reporters of a topic are right more or less often: their precisions are taken to come from one Beta
distribution, the prior. Its mean is what a newcomer is believed; its strength, in reports, is how
long it takes a record to outweigh it. Both follow from four sums over the records, by moments.

And what is reported at all is broken more often than base rates and bounded voices say. How much
more follows from what became of reported subjects, and is for the queue alone.

Invariants:
    One reporter weighs less than one, however many of their reports were judged, and the order in
    which records are counted makes no difference.
    With few records the default stands; with any number of any records, the bounds do.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from underseal.core.confusion import SIBLING_MIN, SIBLING_SHARE
from underseal.core.guideline import C_NEW, Guidelines, TopicId

Counts: TypeAlias = tuple[float, float]
"""Right and wrong reports of one reporter, weighted and decayed, neither below 0."""

Judged: TypeAlias = tuple[float, int, int]
"""Log-odds without what being reported says; how many reported subjects had them when a moderator
decided; and how many of these were found to break the guideline."""

HALF_KNOWN: Final = 4.0
"""So many judged reports make half a reporter: with the default's strength, it is how much of what
is known about one comes from the record. A setting."""

DEFAULT_REPORTERS: Final = 20.0
"""The default counts as so many reporters of whom everything is known. A setting."""

PRECISION_MIN: Final = 0.1
PRECISION_MAX: Final = 0.95
"""What can be learnt of a population, whoever floods it. Settings: at the least, a newcomer's
report still speaks against every base rate below one in ten."""

STRENGTH_MIN: Final = 2.0
STRENGTH_MAX: Final = 32.0
"""Reports after which a record counts as much as the prior. Settings: two, lest one report make a
reputation; 32, lest nothing does."""

REPORTED_MAX: Final = C_NEW
"""The most, in nats, that it can say that something was reported. A setting: what all unproven
voices can."""

REPORTED_SPREAD: Final = 1.0
TOPIC_SPREAD: Final = 0.25
"""How far from none this is taken to be before anything is known, and how far of a topic from that
of all topics, in nats. Settings."""

MISTAKEN: Final = 0.02
"""The share of decisions that are taken to be mistakes, so that few about what was held improbable
do not outweigh many. A setting: one in fifty."""

_STEPS: Final = 100
_DIGITS: Final = 3
"""A prior is rounded: the ledger holds it in thousandths, and single reporters do not show in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The precision of a topic's whole population, and how many reports that belief is worth.

    `reported` is what it says, in nats, that a guideline of the topic was reported at all; `sibling`
    what a report of another guideline of it counts, as a share (`core.confusion`).

    Raises:
        ValueError: `precision` is outside (0, 1), `strength` is not positive, `reported` is negative,
            or `sibling` is outside its bounds.
    """

    precision: float
    strength: float
    reported: float = 0.0
    sibling: float = SIBLING_SHARE

    def __post_init__(self) -> None:
        if not 0 < self.precision < 1 or not 0 < self.strength < math.inf:
            raise ValueError("a prior has a precision in (0, 1) and a positive strength")
        if not 0 <= self.reported < math.inf:
            raise ValueError("that something was reported never speaks for it")
        if not SIBLING_MIN <= self.sibling <= 1:
            raise ValueError("a report of a sibling counts something, and no more than a report")


DEFAULT_PRIOR: Final = Prior(precision=0.26, strength=4.0)
"""For a topic without decisions. 26 % of the notices that TikTok reports under the DSA led to
action; the strength is a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Sums over the reporters of a topic, each weighted by the share w in [0, 1) that is known.

    `reporters` is the sum of w, `right` of w times the share of right reports, `squares` of w
    times its square, and `chance` of what of w times its variance is chance: w / n, n at least 1.
    """

    reporters: float = 0.0
    right: float = 0.0
    squares: float = 0.0
    chance: float = 0.0


def count(
    population: Population, come: Iterable[Counts], gone: Iterable[Counts] = ()
) -> Population:
    """Return the population with the records that `come`, without those that are `gone`.

    A record that changes is gone as it was, and comes as it is.
    """
    reporters, right, squares, chance = (
        population.reporters,
        population.right,
        population.squares,
        population.chance,
    )
    for sign, counts in ((1.0, come), (-1.0, gone)):
        for of_right, of_wrong in counts:
            judged = of_right + of_wrong
            if judged <= 0:
                continue
            part = sign / (judged + HALF_KNOWN)
            reporters += part * judged
            right += part * of_right
            squares += part * of_right * of_right / judged
            chance += part * min(1.0, judged)
    return Population(reporters=reporters, right=right, squares=squares, chance=chance)


def learn(population: Population, default: Prior) -> Prior:
    """Return the prior of a population, shrunk to `default` while little is known of it.

    Source:
        Moments of the Beta-binomial, Kleinman (JASA 1973), who weights by n / (n + strength) too.
        That the weights stay as they are, and shrinkage and bounds, are ours. Credits that count
        less than a whole report seem a little more alike than they are: the strength errs upwards.
    """
    known = population.reporters + DEFAULT_REPORTERS
    mean = (population.right + DEFAULT_REPORTERS * default.precision) / known
    mean = max(PRECISION_MIN, min(mean, PRECISION_MAX))
    spread = population.squares - 2 * mean * population.right + mean**2 * population.reporters
    beyond_chance = spread / (mean * (1 - mean)) - population.chance
    alike = (beyond_chance + DEFAULT_REPORTERS / (1 + default.strength)) / (
        known - population.chance
    )
    # Reports of one reporter correlate by 1 / (1 + strength).
    alike = max(1 / (1 + STRENGTH_MAX), min(alike, 1 / (1 + STRENGTH_MIN)))
    return Prior(precision=round(mean, _DIGITS), strength=round(1 / alike - 1, _DIGITS))


def learn_reported(judged: Mapping[TopicId, Sequence[Judged]]) -> Mapping[TopicId, float]:
    """Return what it says, in nats, that a guideline of each topic was reported at all.

    It is what has to be added to the log-odds of reported subjects for them to be broken as often
    as they were: the most probable one, of each topic around that of all.
    """
    overall = _added([each for of_topic in judged.values() for each in of_topic])
    return {
        topic: _added(of_topic, around=overall, spread=TOPIC_SPREAD)
        for topic, of_topic in judged.items()
    }


def in_force(learnt: Mapping[TopicId, Prior], guidelines: Guidelines) -> Mapping[TopicId, Prior]:
    """Return what was learnt, but for topics of which a guideline is grave the default precision.

    Nobody who reports what is grave is believed less because others reported it in vain.
    """
    grave = {each.topic for each in guidelines.by_id.values() if each.grave}
    return {
        topic: replace(DEFAULT_PRIOR, reported=prior.reported) if topic in grave else prior
        for topic, prior in learnt.items()
    }


def shrink(right: float, wrong: float, prior: Prior) -> tuple[float, float]:
    """Return the parameters of the Beta posterior of a precision, both positive."""
    return (
        prior.precision * prior.strength + right,
        (1 - prior.precision) * prior.strength + wrong,
    )


def _added(judged: Sequence[Judged], around: float = 0.0, spread: float = REPORTED_SPREAD) -> float:
    """The most probable addition within its bounds, to the hundredth of a nat."""

    def fit(added: float) -> float:
        return (
            math.fsum(_told(each, added) for each in judged) - ((added - around) / spread) ** 2 / 2
        )

    return max((step / _STEPS for step in range(int(_STEPS * REPORTED_MAX) + 1)), key=fit)


def _told(judged: Judged, added: float) -> float:
    """The log-likelihood of what was found, some of it being a mistake."""
    nats, decided, broke = judged
    chance = (1 + math.tanh((nats + added) / 2)) / 2
    found = MISTAKEN + (1 - 2 * MISTAKEN) * chance
    return broke * math.log(found) + (decided - broke) * math.log1p(-found)
