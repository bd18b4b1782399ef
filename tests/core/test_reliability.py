"""What was told is set beside what was found, in bins of equal mass."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.figures import Share
from underseal.core.reliability import BINS, LABELS_A_BIN, Told, ranking, reliability

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


@pytest.mark.parametrize(("labels", "bins"), [(1, 1), (39, 1), (40, 2), (299, 14), (3_000, BINS)])
def test_few_labels_make_few_bins(labels, bins):
    told = [Told(told=number / labels, found=False) for number in range(labels)]
    found = reliability(told).bins
    assert len(found) == bins
    assert min(each.labels for each in found) >= min(labels, LABELS_A_BIN)


def test_labels_that_stand_for_many_make_fewer_bins_than_as_many_that_count_alike():
    told = [
        Told(told=number / 300, found=False, mass=100.0 if number % 10 == 0 else 1.0)
        for number in range(300)
    ]
    assert len(reliability(told).bins) == 1


def test_what_comes_after_many_that_were_told_alike_is_not_split_into_single_labels():
    alike = [Told(told=0.1, found=False)] * 800
    others = [Told(told=0.2 + each / 1_000, found=each % 2 == 0) for each in range(200)]
    found = reliability([*alike, *others])
    assert [each.labels for each in found.bins] == [800, 67, 67, 66]


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


def area_of(labels) -> float:
    """The share of pairs, each by its masses, of which what was so was told more."""
    so, not_so = ([each for each in labels if each.found is found] for found in (True, False))
    pairs = [
        (one.mass * other.mass, (one.told > other.told) + (one.told == other.told) / 2)
        for one in so
        for other in not_so
    ]
    return sum(mass * won for mass, won in pairs) / sum(mass for mass, _ in pairs)


coarse = st.lists(
    st.builds(
        Told,
        told=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
        found=st.booleans(),
        mass=st.floats(0.01, 100),
    ),
    min_size=2,
    max_size=40,
).filter(lambda labels: len({each.found for each in labels}) == 2)


@given(coarse)
def test_the_area_is_the_share_of_pairs_that_are_told_apart_and_within_its_interval(labels):
    found = ranking(labels)
    assert found.area == pytest.approx(area_of(labels))
    assert 0 <= found.low <= found.area <= found.high <= 1


@given(coarse)
def test_who_is_turned_round_tells_apart_as_well_the_wrong_way(labels):
    turned = [Told(told=1 - e.told, found=e.found, mass=e.mass) for e in labels]
    one, other = ranking(labels), ranking(turned)
    assert one.area == pytest.approx(1 - other.area)
    assert one.low == pytest.approx(1 - other.high, abs=1e-6)


def test_the_true_area_is_in_the_interval_nineteen_times_in_twenty():
    rng = random.Random(5)
    inside = 0
    for _ in range(300):
        # P(normal(1) > normal(0)) = .7602
        labels = [
            Told(told=0.5 + math.atan(rng.gauss(found)) / math.pi, found=found)
            for found in (True,) * 30 + (False,) * 120
        ]
        found = ranking(labels)
        inside += found.low <= 0.7602 <= found.high
    assert 0.92 <= inside / 300 <= 0.99


def test_of_one_kind_alone_nothing_is_told_apart():
    assert ranking([]) is None
    assert ranking([Told(told=0.5, found=True)]) is None
