"""A difference in response times is found where there is one, and none where there is not."""

import numpy as np
import pytest
from scipy import stats

from underseal.lab.anonymity.welch import T_MAX, largest_t, welch_t
from underseal.lab.bench.anonymity_timing import time_answers


def times(rng, count, slower=0.0):
    """Response times in µs: a busy machine makes some of them very long."""
    usual = 900 + rng.gamma(4, 40, count) + slower
    return np.where(rng.random(count) < 0.05, usual + rng.exponential(20_000, count), usual)


@pytest.mark.parametrize("seed", range(8))
def test_equal_times_are_no_difference(seed):
    rng = np.random.default_rng(seed)
    assert abs(largest_t(times(rng, 8_000), times(rng, 8_000))) < T_MAX


@pytest.mark.parametrize("seed", range(8))
def test_five_microseconds_more_are_found_behind_the_noise_of_a_busy_machine(seed):
    rng = np.random.default_rng(seed)
    slower, usual = times(rng, 50_000, slower=5.0), times(rng, 50_000)
    assert abs(welch_t(slower, usual)) < T_MAX
    assert largest_t(slower, usual) > T_MAX
    assert largest_t(usual, slower) < -T_MAX


def test_the_statistic_is_welchs():
    rng = np.random.default_rng(1)
    one, other = rng.normal(5, 2, 300), rng.normal(5.5, 4, 900)
    expected = stats.ttest_ind(one, other, equal_var=False).statistic
    assert welch_t(one, other) == pytest.approx(expected)


def test_times_that_never_vary_are_different_if_they_differ():
    assert welch_t(np.ones(10), np.ones(10)) == 0
    assert welch_t(np.full(10, 2.0), np.ones(10)) == np.inf


@pytest.mark.slow
def test_every_endpoint_of_creators_is_timed_on_a_real_server():
    timed = time_answers(lambda _: None, 1_200)
    assert timed.t.keys() == {
        "statements",
        "standing",
        "appeals",
        "visibility",
        "receipt",
        "page",
    }
    assert timed.largest < 10
    assert all(0 < each < 1e6 for each in timed.median_us.values())
