"""The game of a timed creator, played often: how well reporters hide, and what that lets through."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from underseal.lab.anonymity.audience import draw_audience, draw_reports
from underseal.lab.anonymity.defences import Defence
from underseal.lab.anonymity.rules import Times, likeliest
from underseal.lab.anonymity.timed_creator import VOICES

EARLY: Final = 0.05
"""The share of earliest reports that is looked at by itself."""

NORMAL_95: Final = 1.96
"""So many standard errors to either side hold 95 % of a normal distribution."""

MANY: Final = 0
"""Says that many report: this share of the audience, and more than two."""

MANY_SHARE: Final = 0.1

Suspect = Callable[[float, Times, int], Times]
"""Returns an adversary's posterior, of when the effect showed, the views, and the reporters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Audiences of `viewers` in the mean; `reporters` of them report, or `MANY`."""

    viewers: int
    reporters: int
    tick_min: float

    def count(self, size: int) -> int:
        """Return how many of an audience report."""
        return self.reporters or max(VOICES + 1, round(MANY_SHARE * size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of one run; shares are of all views, or of those after the cause (`_later`)."""

    success: float
    blind: float
    crowd: float
    let_through: float
    let_through_later: float
    waited_min: float
    caused_after_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of all runs. `crowd_p5` is the 5th percentile of the effective anonymity set."""

    success: float
    success_low: float
    success_high: float
    blind: float
    earliest: float
    earliest_blind: float
    crowd_p5: float
    harm_added: float
    harm_added_later: float
    waited_hours: float


def play(game: Game, defence: Defence, suspect: Suspect, runs: int, seed: int) -> Outcome:
    """Play a game so many times, from a fixed seed, and return what came of it."""
    rng = np.random.default_rng(seed)
    return summarise([_run(game, defence, suspect, rng) for _ in range(runs)])


def _run(game: Game, defence: Defence, suspect: Suspect, rng: np.random.Generator) -> Score:
    least = game.reporters or VOICES + 1
    audience = draw_audience(rng, game.viewers, least, game.tick_min)
    size = len(audience.viewed_at)
    reporters = game.count(size)
    reports = draw_reports(rng, audience, reporters)
    caused_at = reports.filed_at[min(reporters, VOICES) - 1]
    shown_at = defence(audience, caused_at)
    posterior = suspect(shown_at, audience.viewed_at, reporters)
    likely = likeliest(posterior)
    seen = posterior[posterior > 0]
    later = int((audience.viewed_at > caused_at).sum())
    through = int(((audience.viewed_at > caused_at) & (audience.viewed_at <= shown_at)).sum())
    return Score(
        success=float(np.isin(likely, reports.reporters).mean()),
        blind=reporters / size,
        crowd=float(np.exp(-(seen * np.log(seen)).sum())),
        let_through=through / size,
        let_through_later=through / later if later else 0.0,
        waited_min=shown_at - caused_at,
        caused_after_min=caused_at - audience.published_at,
    )


def summarise(scores: Sequence[Score]) -> Outcome:
    """Return means, with an interval of 95 % for the success, and the earliest reports' own."""
    success = np.array([each.success for each in scores])
    low, high = interval(success)
    first = sorted(scores, key=lambda each: each.caused_after_min)
    early = first[: max(1, round(EARLY * len(scores)))]
    return Outcome(
        success=float(success.mean()),
        success_low=low,
        success_high=high,
        blind=_mean([each.blind for each in scores]),
        earliest=_mean([each.success for each in early]),
        earliest_blind=_mean([each.blind for each in early]),
        crowd_p5=float(np.percentile([each.crowd for each in scores], 5)),
        harm_added=_mean([each.let_through for each in scores]),
        harm_added_later=_mean([each.let_through_later for each in scores]),
        waited_hours=_mean([each.waited_min for each in scores]) / 60,
    )


def interval(success: Times) -> tuple[float, float]:
    """Return the interval of 95 % for the mean, by the normal distribution."""
    mean, error = float(success.mean()), float(success.std()) / math.sqrt(len(success))
    return max(mean - NORMAL_95 * error, 0.0), min(mean + NORMAL_95 * error, 1.0)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
