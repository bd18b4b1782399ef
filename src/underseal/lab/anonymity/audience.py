"""A video's audience, and those in it who report: the world in which the games are played."""

from dataclasses import dataclass

import numpy as np

from underseal.lab.anonymity.rules import DECAY_MIN, REPORT_DELAY_MIN, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who watched a video, and when: sorted, in minutes since the tick before its publication."""

    published_at: float
    viewed_at: Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Who of an audience reported, by place in it, and when, in the order of the reports."""

    reporters: tuple[int, ...]
    filed_at: tuple[float, ...]


def draw_audience(rng: np.random.Generator, mean: float, least: int, tick_min: float) -> Audience:
    """Draw an audience of `mean` viewers, at `least` so many, published at a random phase.

    Its size is Poisson, its views decay.
    """
    size = 0
    while size < least:
        size = int(rng.poisson(mean))
    published_at = float(rng.uniform(0, tick_min))
    viewed_at = np.sort(published_at + rng.exponential(DECAY_MIN, size))
    return Audience(published_at=published_at, viewed_at=viewed_at)


def draw_reports(rng: np.random.Generator, audience: Audience, count: int) -> Reports:
    """Let `count` viewers, any of them alike, report soon after they watched."""
    reporters = rng.choice(len(audience.viewed_at), count, replace=False)
    filed_at = audience.viewed_at[reporters] + rng.exponential(REPORT_DELAY_MIN, count)
    order = np.argsort(filed_at)
    return Reports(
        reporters=tuple(int(each) for each in reporters[order]),
        filed_at=tuple(float(each) for each in filed_at[order]),
    )
