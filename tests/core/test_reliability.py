"""What was told is set beside what was found, in bins of equal mass."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.figures import Share
from underseal.core.reliability import BINS, Told, reliability

labels = st.lists(
    st.builds(Told, told=st.floats(0, 1), found=st.booleans(), mass=st.floats(0.01, 100)),
    min_size=1,
    max_size=80,
)


@given(labels)
def test_bins_hold_every_label_once_and_contain_what_was_found(told):
    found = reliability(told)
    assert 1 <= len(found.bins) <= BINS
    assert sum(each.labels for each in found.bins) == len(told)
    assert sum(each.mass for each in found.bins) == pytest.approx(sum(e.mass for e in told))
    for each in found.bins:
        assert 0 <= each.low <= each.found <= each.high <= 1
    assert [each.told for each in found.bins] == sorted(each.told for each in found.bins)
    assert 0 <= found.error <= 1
    assert 0 <= found.brier <= 1


@given(labels, st.floats(0.1, 10))
def test_only_the_proportions_of_mass_matter(told, times):
    scaled = [Told(told=e.told, found=e.found, mass=e.mass * times) for e in told]
    assert reliability(scaled).brier == pytest.approx(reliability(told).brier)


def test_bins_have_equal_mass_where_nothing_was_told_alike():
    told = [Told(told=number / 300, found=False) for number in range(300)]
    assert [each.labels for each in reliability(told).bins] == [20] * BINS


def test_who_tells_the_truth_has_little_error_and_who_exaggerates_has_much():
    rng = random.Random(1)
    truth = [rng.random() for _ in range(5_000)]
    outcomes = [rng.random() < each for each in truth]
    honest = reliability(Told(told=t, found=f) for t, f in zip(truth, outcomes, strict=True))
    loud = reliability(Told(told=t**0.3, found=f) for t, f in zip(truth, outcomes, strict=True))
    assert honest.error < 0.03
    assert loud.error > 0.15
    assert honest.brier < loud.brier


def test_the_interval_of_labels_that_count_alike_is_that_of_the_figures():
    told = [Told(told=0.5, found=number < 3, mass=7.0) for number in range(10)]
    (only,) = reliability(told).bins
    assert (only.low, only.high) == pytest.approx(Share(hits=3, cases=10).interval)


def test_without_labels_nothing_is_known():
    assert reliability([]) is None
