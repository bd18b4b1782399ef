"""The game of the intersector: one regular reports all they see of a creator, again and again."""

from dataclasses import dataclass

import numpy as np

from underseal.core.disclosure import K
from underseal.lab.anonymity.audience import Audience
from underseal.lab.anonymity.defences import by_window, published_rules
from underseal.lab.anonymity.games import interval
from underseal.lab.anonymity.intersector import suspect_by_many
from underseal.lab.anonymity.rules import DECAY_MIN, REPORT_DELAY_MIN, Times, likeliest
from underseal.lab.anonymity.timed_creator import suspect_by_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulars:
    """Who watches a creator: `viewers` a video in the mean, each video seen with `loyalty`."""

    viewers: int
    loyalty: float

    @property
    def people(self) -> int:
        """How many regulars there are."""
        return max(1, round(self.viewers / self.loyalty))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intersection:
    """How often the reporter is named: by intersecting, and blindly among a video's viewers."""

    success: float
    success_low: float
    success_high: float
    blind: float


def play_intersection(
    regulars: Regulars, effects: int, attributable: int, runs: int, seed: int, *, k: int = K
) -> Intersection:
    """Let so many effects befall a creator, `attributable` of them by the same reporter."""
    rng = np.random.default_rng(seed)
    success, blind = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        target = int(rng.integers(regulars.people))
        seen = [
            _effect(rng, regulars, target, k, by_target=n < attributable) for n in range(effects)
        ]
        suspicion = suspect_by_many([weights for weights, _ in seen], attributable)
        likely = likeliest(suspicion)
        success[run] = np.mean(likely == target)
        blind[run] = 1 / np.mean([size for _, size in seen])
    low, high = interval(success)
    return Intersection(
        success=float(success.mean()),
        success_low=low,
        success_high=high,
        blind=float(blind.mean()),
    )


def _effect(
    rng: np.random.Generator, regulars: Regulars, target: int, k: int, *, by_target: bool
) -> tuple[Times, int]:
    """Show an effect on a new video; return how it weighs on each regular, and who watched."""
    rules = published_rules(k)
    watched = rng.random(regulars.people) < regulars.loyalty
    watched[target if by_target else rng.integers(regulars.people)] = True
    people = np.flatnonzero(watched)
    published_at = float(rng.uniform(0, rules.tick_min))
    viewed_at = published_at + rng.exponential(DECAY_MIN, len(people))
    order = np.argsort(viewed_at)
    people, viewed_at = people[order], viewed_at[order]
    cause = int(np.flatnonzero(people == target)[0]) if by_target else rng.integers(len(people))
    caused_at = float(viewed_at[cause] + rng.exponential(REPORT_DELAY_MIN))
    shown_at = by_window(k)(Audience(published_at=published_at, viewed_at=viewed_at), caused_at)
    weights = np.zeros(regulars.people)
    weights[people] = suspect_by_window(shown_at, viewed_at, rules, 1)
    return weights, len(people)
