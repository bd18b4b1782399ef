"""How probable the evidence holds a breach that was reported, beside how often it was one.

People choose what they report, so worlds of `lab.platform` are played, by the rule of `core`. A first
one is played as Underseal is when it is new; what was reported and decided in it teaches what
`flow.learn_priors` learns in a quarter. Another one is played with that, and measured.

Each guideline that was reported of a video counts once: as it was held when a moderator decided, or
at the end if none has. Nothing that was assessed is left out, so what was looked at first makes no
difference, and the truth is the laboratory's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.decision import Decision
from underseal.core.evidence import probability
from underseal.core.guideline import GuidelineId, Guidelines, TopicId, log_odds
from underseal.core.prior import DEFAULT_PRIOR, Prior, learn_reported
from underseal.core.report import quarter_of
from underseal.lab.platform.ours import Ours
from underseal.lab.platform.play import play_world
from underseal.lab.platform.records import Records
from underseal.lab.platform.rules import Case, Judged, at
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.videos import HARMLESS
from underseal.lab.platform.world import World, draw_world

TEACHING: Final = (20_261_201, 20_261_202, 20_261_203)
MEASURING: Final = (20_261_211, 20_261_212, 20_261_213)
"""The seeds of the worlds: each of the first teaches what is used in one of the others."""

DAYS: Final = 50
"""How long a world lasts; brigades begin after half of it."""

BINS: Final = 15
"""Bins of the calibration error, with as many claims in each."""

RESAMPLES: Final = 1_000
SEED: Final = 20_261_123

Progress = Callable[[str], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a video breaks a guideline, as somebody reported.

    `nats` are the log-odds that were held, `reported` what of them the prior said; `found` is what
    a moderator found, if one has decided.
    """

    topic: TopicId
    nats: float
    reported: float
    is_broken: bool
    found: bool | None


class Taught(Records):
    """Track records beside priors that were learnt before."""

    def __init__(self, guidelines: Guidelines, priors: Mapping[TopicId, Prior]) -> None:
        super().__init__(guidelines)
        self._given = priors

    def priors(self, on: date) -> Mapping[TopicId, Prior]:  # noqa: ARG002 - the same on all days
        """Return what was given."""
        return self._given

    def learn(self, on: date) -> Mapping[TopicId, Prior]:
        """Return what these records teach."""
        return super().priors(on)


class Listener(Ours):
    """Ours, taking down what was held of what was reported."""

    def __init__(self, world: World, priors: Mapping[TopicId, Prior]) -> None:
        super().__init__(world)
        self.taught = Taught(world.guidelines, priors)
        self._records = self.taught
        self._priors = priors
        self._heard: dict[int, tuple[Judged, frozenset[GuidelineId]]] = {}
        self._found: dict[int, GuidelineId | None] = {}

    def judge(self, case: Case, hour: int) -> Judged:
        """Judge as ours does."""
        judged = super().judge(case, hour)
        if case.round == 1 and case.reports:
            named = frozenset(each.guideline for each in case.reports)
            self._heard[case.video] = judged, named
        return judged

    def learn(self, case: Case, decision: Decision, hour: int) -> None:
        """Learn as ours does."""
        super().learn(case, decision, hour)
        if case.round == 1:
            self._found[case.video] = decision.verdict.guideline

    def claims(self) -> list[Claim]:
        """Return what was held of everything that was reported."""
        by_id, breaks = self._world.guidelines.by_id, self._world.videos.breaks
        return [
            Claim(
                topic=(topic := by_id[each.guideline].topic),
                nats=log_odds(each.probability),
                reported=self._priors.get(topic, DEFAULT_PRIOR).reported,
                is_broken=breaks[video] != HARMLESS
                and self._world.guideline(int(breaks[video])) == each.guideline,
                found=self._found[video] == each.guideline if video in self._found else None,
            )
            for video, (judged, named) in self._heard.items()
            for each in judged.opinions
            if each.guideline in named and 0 < each.probability < 1
        ]


def measure(progress: Progress) -> dict[str, object]:
    """Play all worlds, and return the figures."""
    claims: list[Claim] = []
    learnt: list[float] = []
    for teaching, measuring in zip(TEACHING, MEASURING, strict=True):
        priors = _teach(teaching)
        said = sorted({each.reported for each in priors.values()})
        progress(f"world {teaching}: to be reported says {said[0]:.2f} to {said[-1]:.2f} nats")
        found = _play(measuring, priors).claims()
        learnt += said
        claims += found
        progress(f"world {measuring}: {len(found)} reported, {_rate(found):.1%} of them broken")
    return figures(claims) | {"volunteered_reported_nats": [min(learnt), max(learnt)]}


def figures(claims: Sequence[Claim]) -> dict[str, object]:
    """Return how good what was held is, beside the same without what was learnt."""
    rng = np.random.default_rng(SEED)
    broken = np.array([each.is_broken for each in claims], float)
    held = np.array([probability(each.nats) for each in claims])
    untaught = np.array([probability(each.nats - each.reported) for each in claims])
    drawn = [rng.integers(0, len(claims), len(claims)) for _ in range(RESAMPLES)]
    perfect = [calibration_error(held, rng.random(len(held)) < held) for _ in range(RESAMPLES)]
    return {
        "volunteered_auc": auc(held, broken),
        "volunteered_auc_ci": _interval([auc(held[each], broken[each]) for each in drawn]),
        "volunteered_calibration_error": calibration_error(held, broken),
        "volunteered_calibration_error_if_calibrated": float(np.mean(perfect)),
        "volunteered_calibration_error_untaught": calibration_error(untaught, broken),
        "volunteered_claims": len(claims),
        "volunteered_broken": float(broken.mean()),
        "volunteered_held": float(held.mean()),
        "volunteered_reliability": reliability(held, broken),
    }


def calibration_error(held: Floats, broken: NDArray[np.generic]) -> float:
    """Return how far probabilities are from frequencies, on average over bins of equal mass."""
    order = np.argsort(held, kind="stable")
    return float(
        sum(
            len(each) * abs(float(held[each].mean()) - float(broken[each].mean()))
            for each in np.array_split(order, BINS)
        )
        / len(held)
    )


def reliability(held: Floats, broken: Floats) -> list[list[float]]:
    """Return what was held and how often it was so, bin by bin."""
    order = np.argsort(held, kind="stable")
    return [
        [float(held[each].mean()), float(broken[each].mean())]
        for each in np.array_split(order, BINS)
    ]


def auc(held: Floats, broken: Floats) -> float:
    """Return how often something broken is held more probable than something that is not."""
    harmless, breaking = np.sort(held[broken == 0]), held[broken == 1]
    below = np.searchsorted(harmless, breaking, "left")
    not_above = np.searchsorted(harmless, breaking, "right")
    return float((below + not_above).mean() / 2 / len(harmless))


def _teach(seed: int) -> Mapping[TopicId, Prior]:
    """Play a world without priors, and return what it teaches."""
    rule = _play(seed, {})
    judged: dict[TopicId, list[tuple[float, int, int]]] = {}
    for each in rule.claims():
        if each.found is not None:
            judged.setdefault(each.topic, []).append((each.nats, 1, int(each.found)))
    reported = learn_reported(judged)
    learnt = rule.taught.learn(quarter_of(at(24 * DAYS).date()))
    return {
        topic: replace(learnt.get(topic, DEFAULT_PRIOR), reported=nats)
        for topic, nats in reported.items()
    }


def _play(seed: int, priors: Mapping[TopicId, Prior]) -> Listener:
    world = draw_world(Settings(days=DAYS), seed)
    rule = Listener(world, priors)
    play_world(world, lambda _: rule)
    return rule


def _rate(claims: Sequence[Claim]) -> float:
    return sum(each.is_broken for each in claims) / len(claims)


def _interval(values: Sequence[float]) -> list[float]:
    """The 95 % interval of resampled values."""
    return [float(each) for each in np.quantile(values, (0.025, 0.975))]
