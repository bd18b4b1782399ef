"""A breaker trips when machines suddenly touch too many uploads, and hardly ever otherwise."""

import math
import random
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.breaker import (
    FALSE_ALARM,
    SPOKEN_AGAINST,
    TIMES_MIN,
    TOUCHES_MIN,
    Target,
    TargetKind,
    Touches,
    chance,
    is_stopped,
    touched_by,
    trip,
)
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse
from underseal.core.signal import Modality, Signal

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
TERMS = Target(kind=TargetKind.DETECTOR, name="caption_terms")
SPAM = Target(kind=TargetKind.GUIDELINE, name="spam")


def of(touched: int, uploads: int) -> Touches:
    return Touches(touched=touched, uploads=uploads)


def said(weight: float | None, detector: str = "caption_terms", guideline: str = "spam") -> Signal:
    return Signal(
        detector=detector,
        detector_version="1",
        modality=Modality.TEXT,
        guideline=GuidelineId(guideline),
        score=0.9,
        weight=weight,
        moment=None,
    )


touches = st.integers(1, 3_000).flatmap(
    lambda uploads: st.builds(of, st.integers(0, uploads), st.just(uploads))
)
pasts = st.lists(touches, max_size=28)


@given(touches, pasts, st.integers(1, 500))
def test_more_touches_of_as_many_uploads_never_trip_less(today, past, more):
    assume(today.touched + more <= today.uploads)
    if trip(TERMS, today, past):
        assert trip(TERMS, of(today.touched + more, today.uploads), past)


@given(touches, pasts, st.integers(1, 500))
def test_more_uploads_with_as_many_touches_never_trip_more(today, past, more):
    if trip(TERMS, of(today.touched, today.uploads + more), past):
        assert trip(TERMS, today, past)


@given(touches, pasts)
def test_few_touches_and_less_than_twice_as_many_trip_nothing(today, past):
    found = trip(TERMS, today, past)
    if found:
        assert today.touched >= TOUCHES_MIN
        assert today.touched >= TIMES_MIN * found.expected * today.uploads


@given(st.integers(1, 60), st.floats(0.01, 0.9), st.floats(2, 500))
def test_the_chance_is_the_tail_of_a_distribution(uploads, expected, known):
    tails = [chance(of(k, uploads), expected, known) for k in range(uploads + 1)]
    assert tails[0] == 1.0
    assert all(0 <= tail <= 1 for tail in tails)
    mean = sum(tails[1:])
    assert mean == pytest.approx(uploads * expected, rel=1e-4)


def test_a_share_that_does_not_change_is_an_alarm_less_often_than_is_said():
    """The exact probability, of uploads that are touched independently of each other."""
    share, uploads = 0.02, 4_000
    past = [of(80, 4_000)] * 28
    least = next(k for k in range(uploads) if trip(TERMS, of(k, uploads), past))
    beyond = math.fsum(
        math.exp(
            math.lgamma(uploads + 1)
            - math.lgamma(k + 1)
            - math.lgamma(uploads - k + 1)
            + k * math.log(share)
            + (uploads - k) * math.log1p(-share)
        )
        for k in range(least, uploads + 1)
    )
    assert beyond < FALSE_ALARM


def test_days_that_differ_by_a_third_trip_nothing_in_fifty_years():
    rng = random.Random(1)
    past = [of(60, 3_000)] * 28
    tripped = 0
    for _ in range(18_000):
        share = rng.betavariate(10, 490)
        touched = round(rng.gauss(3_000 * share, math.sqrt(3_000 * share)))
        tripped += trip(TERMS, of(max(0, touched), 3_000), past) is not None
    assert tripped == 0


def test_ten_times_the_share_is_stopped_soon():
    past = [of(20, 1_000)] * 28
    assert trip(TERMS, of(20, 60), past)
    assert trip(TERMS, of(200, 1_000), past)
    assert trip(TERMS, of(40, 1_000), past) is None


def test_what_has_no_past_is_stopped_if_it_touches_nearly_everything():
    assert trip(TERMS, of(57, 100), [])
    assert trip(TERMS, of(56, 100), []) is None
    assert trip(TERMS, of(19, 19), []) is None


def test_who_trips_says_what_was_expected():
    found = trip(TERMS, of(900, 1_000), [of(0, 480)])
    assert (found.target, found.today) == (TERMS, of(900, 1_000))
    assert found.expected == pytest.approx(1 / 500)


@pytest.mark.parametrize("counts", [(-1, 5), (6, 5)])
def test_more_touches_than_uploads_are_refused(counts):
    with pytest.raises(ValueError, match="no more uploads"):
        of(*counts)


def test_a_detector_touches_what_it_speaks_against():
    assert touched_by([said(SPOKEN_AGAINST)], GUIDELINES) >= {TERMS}
    assert touched_by([said(SPOKEN_AGAINST - 0.01)], GUIDELINES) == frozenset()
    assert touched_by([said(None), said(-5.0)], GUIDELINES) == frozenset()


def test_a_guideline_touches_what_machines_alone_could_act_on():
    bound = GUIDELINES.by_id[GuidelineId("spam")].machine_bound
    half = bound / 2
    assert SPAM not in touched_by([said(half), said(half), said(half)], GUIDELINES)
    assert SPAM in touched_by([said(half), said(half, "screen_terms")], GUIDELINES)
    gone = touched_by([said(50.0, guideline="gone")], GUIDELINES)
    assert gone == {TERMS}


def test_what_is_stopped_is_all_of_a_detector_or_all_of_a_guideline():
    assert is_stopped(said(1.0), frozenset({TERMS}))
    assert is_stopped(said(1.0), frozenset({SPAM}))
    assert not is_stopped(said(1.0, "screen_terms", "bullying"), frozenset({TERMS, SPAM}))
