"""Shares with their intervals, ages in bands, and how long things take."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.figures import Age, Share, age_of, spread


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_is_wilsons(hits, cases, low, high):
    """Source of the last: Newcombe, Two-sided confidence intervals (Stat. Med. 17, 1998), table I."""
    assert Share(hits=hits, cases=cases).interval == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_share_lies_in_its_interval_and_the_interval_in_zero_to_one(some, others):
    share = Share(hits=some, cases=some + others)
    low, high = share.interval
    assert 0 <= low <= high <= 1
    assert share.value is None or low <= share.value <= high


@given(st.integers(0, 50), st.integers(1, 50))
def test_more_of_the_same_makes_the_interval_narrower(hits, misses):
    low, high = Share(hits=hits, cases=hits + misses).interval
    less, more = Share(hits=4 * hits, cases=4 * (hits + misses)).interval
    assert more - less < high - low


def test_a_share_of_more_than_there_are_is_refused():
    with pytest.raises(ValueError, match="no more than there are"):
        Share(hits=2, cases=1)


@given(st.lists(st.integers(0, 100), min_size=1))
def test_half_take_no_longer_than_the_first_number_and_nine_in_ten_than_the_second(lengths):
    told = spread(lengths)
    for share, most in ((0.5, told.p50), (0.9, told.p90)):
        assert sum(each <= most for each in lengths) >= math.ceil(share * len(lengths))
        assert sum(each < most for each in lengths) < share * len(lengths)
    assert told.cases == len(lengths)


def test_nothing_takes_no_time_at_all():
    assert spread([]).p50 is None


@given(st.integers(-3, 400), st.integers(0, 400))
def test_whoever_waits_longer_is_in_no_younger_band(days, more):
    order = list(Age)
    assert order.index(age_of(days)) <= order.index(age_of(days + more))


def test_the_bands_begin_where_they_say():
    assert [age_of(days) for days in (0, 1, 2, 3, 4, 7, 8, 14, 15)] == [
        Age.TODAY,
        Age.ONE,
        Age.FEW_DAYS,
        Age.FEW_DAYS,
        Age.WEEK,
        Age.WEEK,
        Age.FORTNIGHT,
        Age.FORTNIGHT,
        Age.LONGER,
    ]
