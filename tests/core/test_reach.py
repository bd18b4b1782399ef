"""Forecasts of views to come."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.reach import HALF_LIFE, UNTAUGHT, Forecast, Seen, forecast, learn

HOUR = timedelta(hours=1)
views = st.floats(0, 1e7, allow_nan=False)
some_seen = st.builds(Seen, rate=views, total=views)
observations = st.lists(st.tuples(some_seen, views), max_size=30)


def platform(slope: float, count: int, seed: int) -> list[tuple[Seen, float]]:
    """Subjects whose next day is a power of their last hour, and of nothing else."""
    draw = random.Random(seed)
    seen = [
        Seen(rate=draw.lognormvariate(3, 1.5), total=draw.lognormvariate(6, 1.5))
        for _ in range(count)
    ]
    return [(each, (each.rate + 0.3) ** slope * draw.lognormvariate(0, 0.3)) for each in seen]


def told(teacher: Forecast, rate: float, total: float = 400.0) -> float:
    return teacher.views_per_hour(Seen(rate=rate, total=total))


@given(some_seen)
def test_before_anything_is_learnt_views_go_on_as_in_the_last_hour(seen: Seen) -> None:
    foretold = forecast(UNTAUGHT).views_per_hour(seen)
    assert foretold == pytest.approx(seen.rate, rel=1e-6, abs=1e-6)


def test_it_learns_by_how_much_the_present_hour_misleads() -> None:
    outlook = learn(UNTAUGHT, platform(0.5, 5_000, seed=1), HOUR)
    now = forecast(learn(outlook, platform(0.5, 5_000, seed=2), HOUR))
    assert told(now, 10_000) / told(now, 100) == pytest.approx(10, rel=0.1)
    assert told(now, 100) == pytest.approx(10, rel=0.25)


def test_all_forecasts_together_come_to_the_views_that_came() -> None:
    outlook = UNTAUGHT
    for seed in range(60):
        outlook = learn(outlook, platform(0.7, 300, seed), timedelta(days=1))
    now, new = forecast(outlook), platform(0.7, 5_000, seed=99)
    foretold = sum(now.views_per_hour(seen) for seen, _ in new)
    assert foretold == pytest.approx(sum(came for _, came in new), rel=0.1)


def test_what_was_learnt_long_ago_counts_for_little() -> None:
    old = learn(UNTAUGHT, platform(0.2, 5_000, seed=1), HOUR)
    later = learn(old, platform(0.9, 5_000, seed=2), 12 * HALF_LIFE)
    fresh = learn(learn(UNTAUGHT, [], HOUR), platform(0.9, 5_000, seed=2), HOUR)
    assert told(forecast(later), 1e4) / told(forecast(later), 1e2) == pytest.approx(
        told(forecast(fresh), 1e4) / told(forecast(fresh), 1e2), rel=0.01
    )


@given(observations, some_seen, st.randoms())
def test_the_order_of_what_is_observed_makes_no_difference(
    observed: list[tuple[Seen, float]], seen: Seen, draw: random.Random
) -> None:
    mixed = list(observed)
    draw.shuffle(mixed)
    one, other = (forecast(learn(UNTAUGHT, each, HOUR)) for each in (observed, mixed))
    assert one.views_per_hour(seen) == pytest.approx(other.views_per_hour(seen), rel=1e-4, abs=1e-4)


@given(st.lists(observations, max_size=4), some_seen)
def test_whatever_it_has_seen_a_forecast_is_a_number_of_views(
    days: list[list[tuple[Seen, float]]], seen: Seen
) -> None:
    outlook = UNTAUGHT
    for observed in days:
        outlook = learn(outlook, observed, timedelta(days=1))
    foretold = forecast(outlook).views_per_hour(seen)
    assert math.isfinite(foretold)
    assert foretold >= 0


def test_a_clock_that_was_put_back_forgets_nothing_and_invents_nothing() -> None:
    observed = platform(0.5, 100, seed=1)
    assert learn(UNTAUGHT, observed, -HOUR) == learn(UNTAUGHT, observed, timedelta())


def test_a_day_on_which_nobody_watched_anything_teaches_that_nobody_will() -> None:
    quiet = [(Seen(rate=0.0, total=0.0), 0.0)] * 5_000
    assert 0 <= told(forecast(learn(UNTAUGHT, quiet, HOUR)), 0.0, 0.0) < 0.01
