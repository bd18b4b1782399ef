"""The draw and the estimate of prevalence: probabilities that are what they say, and intervals."""

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.figures import Share
from underseal.core.guideline import log_odds
from underseal.core.guideline_file import parse
from underseal.core.prevalence import (
    BLIND,
    Audit,
    Belief,
    Readers,
    Viewed,
    any_breach,
    believe,
    draw,
    estimate,
    spread,
)
from underseal.core.subject import SubjectId, SubjectKind

DAY = date(2026, 11, 1)
GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")


def video(number: int, views: int, nats: float) -> Viewed:
    return Viewed(subject_id=SubjectId(UUID(int=number)), views=views, nats=nats)


def audit(**given: object) -> Audit:
    return Audit(
        **{
            "day": DAY,
            "day_views": 1_000,
            "views": 10,
            "probability": 0.01,
            "times": 1,
            "nats": -3.0,
            "found": False,
            **given,
        }
    )


def evenly(count: int) -> list[float]:
    return [(number + 0.5) / count for number in range(count)]


videos = st.lists(st.tuples(st.integers(0, 10**6), st.floats(-12, 6)), min_size=1, max_size=40).map(
    lambda rows: [video(number, *row) for number, row in enumerate(rows)]
)


@given(videos, st.integers(1, 200))
def test_every_chance_draws_one_that_was_seen_and_none_stands_for_too_much(viewed, count):
    views = sum(each.views for each in viewed)
    drawn = draw(viewed, Belief(), evenly(count))
    assert sum(each.times for each in drawn) == (count if views else 0)
    for each in drawn:
        assert each.viewed.views > 0
        assert 0 < each.probability <= 1 + 1e-9
        assert each.viewed.views / views / each.probability <= 1 / math.sqrt(BLIND) + 1e-9


@given(videos)
def test_the_order_in_which_subjects_come_out_says_nothing_of_the_draw(viewed):
    drawn = draw(viewed, Belief(), evenly(50))
    assert all(a.viewed.subject_id < b.viewed.subject_id for a, b in pairwise(drawn))


def test_each_is_drawn_as_often_as_its_probability_says():
    viewed = [video(number, 10 * number, number / 3 - 4) for number in range(1, 12)]
    drawn = draw(viewed, Belief(), evenly(100_000))
    assert len(drawn) == len(viewed)
    assert math.fsum(each.probability for each in drawn) == pytest.approx(1)
    for each in drawn:
        assert each.times / 100_000 == pytest.approx(each.probability, abs=2e-5)


def test_of_two_that_are_seen_as_often_the_likelier_one_is_drawn_more_often():
    calm, hot = draw([video(1, 100, -6.0), video(2, 100, 0.0)], Belief(), evenly(1_000))
    seldom, often = 1 / (1 + math.exp(6)), 0.5
    anyway = BLIND * (seldom + often) / 2
    low, high = (math.sqrt((1 - BLIND) * p + anyway) for p in (seldom, often))
    share = low / (low + high)
    assert calm.probability == pytest.approx(share)
    assert hot.probability == pytest.approx(1 - share)


def test_what_machines_take_to_be_impossible_is_drawn_by_its_views():
    drawn = draw([video(1, 30, -900.0), video(2, 70, -900.0)], Belief(), evenly(100))
    assert [each.probability for each in drawn] == pytest.approx([0.3, 0.7])
    assert estimate([audit(nats=-900.0)]).high > 0


def test_machines_that_are_not_believed_leave_views_alone():
    unheard = Belief(middle=0.0, level=-3.0, slope=0.0)
    drawn = draw([video(1, 30, -6.0), video(2, 70, 5.0)], unheard, evenly(10))
    assert [each.probability for each in drawn] == pytest.approx([0.3, 0.7])


def test_the_mean_of_the_estimate_over_all_draws_is_the_truth():
    """Exactly, by adding up over every outcome of one draw: whatever machines say."""
    viewed = [video(number, 7 * number + 3, (number * 37 % 11) - 8.0) for number in range(1, 25)]
    views = sum(each.views for each in viewed)
    violating = {each.subject_id for each in viewed if each.subject_id.int % 5 == 0}
    truth = sum(each.views for each in viewed if each.subject_id in violating) / views
    drawn = draw(viewed, Belief(), evenly(50_000))
    mean = 0.0
    for each in drawn:
        one = audit(
            day_views=views,
            views=each.viewed.views,
            probability=each.probability,
            found=each.viewed.subject_id in violating,
        )
        stands_for = each.viewed.views / views / each.probability if one.found else 0.0
        assert (estimate([one]).value or 0.0) == pytest.approx(min(1.0, stands_for))
        mean += each.probability * stands_for
    assert mean == pytest.approx(truth)


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=300))
def test_of_chances_that_are_spread_each_has_a_part_of_its_own(chances):
    for at, chance in enumerate(spread(chances)):
        assert at / len(chances) <= chance <= (at + 1) / len(chances)


def test_spread_chances_draw_what_machines_find_likely_as_often_as_they_should():
    """Of a hundred looks, those at the likelier half are as many as expected, to the one."""
    chance = random.Random(3)
    viewed = [video(number, chance.randrange(1, 50), chance.gauss(-4, 2)) for number in range(400)]
    middle = sorted(each.nats for each in viewed)[200]
    expected = 100 * math.fsum(
        each.probability
        for each in draw(viewed, Belief(), evenly(100_000))
        if each.viewed.nats >= middle
    )
    for _ in range(20):
        drawn = draw(viewed, Belief(), spread([chance.random() for _ in range(100)]))
        hot = sum(each.times for each in drawn if each.viewed.nats >= middle)
        assert abs(hot - expected) <= 1.01


audits = st.lists(
    st.builds(
        audit,
        day=st.sampled_from([DAY, DAY + timedelta(days=1)]),
        views=st.integers(1, 500),
        probability=st.floats(1e-6, 0.5),
        times=st.integers(1, 3),
        nats=st.floats(-15, 8),
        found=st.booleans(),
    ),
    max_size=60,
)


@given(audits)
def test_an_estimate_lies_in_its_interval_and_that_in_zero_to_one(given_audits):
    found = estimate(given_audits)
    assert 0 <= found.low <= found.high <= 1
    assert (found.value is None) == (not given_audits)
    if found.value is not None:
        assert found.low <= found.value <= found.high
    assert found.audits == sum(each.times for each in given_audits)


@given(audits, st.randoms(use_true_random=False))
def test_the_order_of_audits_makes_no_difference(given_audits, chance):
    shuffled = chance.sample(given_audits, len(given_audits))
    one, other = estimate(given_audits), estimate(shuffled)
    assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-6)


def test_a_subject_drawn_twice_counts_as_two_draws_of_it():
    others = [audit(views=each, probability=each / 1_000) for each in range(1, 50)]
    twice = estimate([*others, audit(times=2, found=True)])
    apart = estimate([*others, audit(found=True), audit(found=True)])
    assert (twice.value, twice.low, twice.audits) == pytest.approx(
        (apart.value, apart.low, apart.audits)
    )
    assert twice.high == pytest.approx(apart.high, rel=1e-6)


def test_nothing_found_is_not_nothing_there():
    none = [audit(views=10, probability=0.01) for _ in range(300)]
    found = estimate(none)
    assert (found.value, found.low, found.found) == (0.0, 0.0, 0)
    # Three in n is the rule where each look stands for 1 in n (Hanley and Lippman-Hand, 1983);
    # an interval with both ends reckons with 3.7.
    assert 1.5 / 300 < found.high < 4 / 300


def test_with_looks_by_views_alone_it_is_about_wilsons_interval():
    by_views = [audit(found=number < 12) for number in range(1_000)]
    found, wilson = estimate(by_views), Share(hits=12, cases=1_000).interval
    assert found.value == pytest.approx(0.012)
    assert (found.low, found.high) == pytest.approx(wilson, rel=0.15)


def test_the_more_machines_knew_beforehand_the_narrower_it_is():
    """Nine in ten of forty breaches and 1 % of the others stood out, or machines saw no difference."""

    def width(loud: float) -> float:
        looks = [
            audit(found=number < 40, nats=loud if number < 36 or number % 100 == 99 else -6.0)
            for number in range(1_000)
        ]
        found = estimate(looks)
        assert found.value == pytest.approx(0.04)
        return found.high - found.low

    assert width(1.0) < 0.85 * width(-6.0)


@pytest.mark.parametrize("looks", [1, 3, 10, 40])
def test_a_handful_of_looks_that_all_found_a_breach_are_no_certainty(looks):
    found = estimate([audit(found=True, nats=2.0) for _ in range(looks)])
    assert found.low <= 1.1 * Share(hits=looks, cases=looks).interval[0]


def test_each_day_counts_by_its_views_however_many_audits_it_has():
    quiet = [audit(day_views=1_000, views=10, probability=0.01, found=True)]
    busy = [
        audit(day=DAY + timedelta(days=1), day_views=9_000, views=90, probability=0.01)
        for _ in range(5)
    ]
    assert estimate([*quiet, *busy]).value == pytest.approx(0.1)


def test_more_audits_narrow_it():
    def width(count: int) -> float:
        found = estimate([audit(found=number % 20 == 0) for number in range(count)])
        return found.high - found.low

    assert width(2_000) < width(500) < width(100)


def test_machines_are_taken_at_their_word_until_audits_say_otherwise():
    assert believe([]).probability(-2.0) == pytest.approx(1 / (1 + math.exp(2)))
    chance = random.Random(5)
    said = [chance.gauss(-3, 2) for _ in range(4_000)]
    truly = [
        audit(nats=nats, found=chance.random() < 1 / (1 + math.exp(-(0.5 * nats - 1))))
        for nats in said
    ]
    learnt = believe(truly)
    assert learnt.slope == pytest.approx(0.5, abs=0.12)
    for nats in (-6.0, -3.0, 0.0):
        assert learnt.probability(nats) == pytest.approx(
            1 / (1 + math.exp(1 - 0.5 * nats)), rel=0.35
        )


@given(audits)
def test_a_belief_never_turns_machines_round(given_audits):
    learnt = believe(given_audits)
    assert learnt.slope >= 0
    assert 0 <= learnt.probability(-4.0) <= learnt.probability(4.0) <= 1


def readers(sensitivity: tuple[int, int], specificity: tuple[int, int]) -> Readers:
    (found, breaches), (cleared, others) = sensitivity, specificity
    return Readers(
        sensitivity=Share(hits=found, cases=breaches),
        specificity=Share(hits=cleared, cases=others),
    )


def test_what_people_get_wrong_is_taken_off():
    """Rogan and Gladen: (found - false alarms) / (sensitivity - false alarms)."""
    by_views = [audit(found=number < 50) for number in range(1_000)]
    found = estimate(by_views, readers((800, 1_000), (990, 1_000)))
    assert found.value == pytest.approx((0.05 - 0.01) / (0.8 - 0.01))
    assert found.low < found.value < found.high


def test_who_was_tested_less_is_known_less_about():
    by_views = [audit(found=number < 50) for number in range(1_000)]
    often = estimate(by_views, readers((900, 1_000), (995, 1_000)))
    seldom = estimate(by_views, readers((18, 20), (199, 200)))
    never_wrong = estimate(by_views)
    assert often.high - often.low < seldom.high - seldom.low
    assert never_wrong.high - never_wrong.low < often.high - often.low


def test_people_who_may_be_no_better_than_chance_say_nothing():
    by_views = [audit(found=number < 50) for number in range(1_000)]
    found = estimate(by_views, readers((5, 10), (5, 10)))
    assert (found.low, found.high) == (0.0, 1.0)


def test_any_breach_adds_up_guidelines_as_if_each_were_for_itself():
    videos_only = {
        each.id: each.base_rate
        for each in GUIDELINES.by_id.values()
        if SubjectKind.VIDEO in each.subjects
    }
    silent = any_breach({}, GUIDELINES, SubjectKind.VIDEO)
    none = math.prod(1 - rate for rate in videos_only.values())
    assert silent == pytest.approx(log_odds(1 - none))
    name = next(iter(videos_only))
    louder = any_breach({name: 3.0}, GUIDELINES, SubjectKind.VIDEO)
    without = none / (1 - videos_only[name]) / (1 + math.exp(3.0))
    assert louder == pytest.approx(log_odds(1 - without))


def test_it_covers_the_truth_where_machines_are_wrong():
    """A small world with a third that machines do not see: far below 93 in 100 would be a fault."""
    chance = random.Random(11)
    viewed, violating = [], set()
    for number in range(4_000):
        bad, seen = chance.random() < 0.03, chance.random() > 0.33
        nats = chance.gauss(1.0 if bad and seen else -5.0, 1.5)
        viewed.append(video(number, int(chance.lognormvariate(3, 1)) + 1, nats))
        if bad:
            violating.add(number)
    views = sum(each.views for each in viewed)
    truth = sum(each.views for each in viewed if each.subject_id.int in violating) / views
    held = 0
    for _ in range(60):
        drawn = draw(viewed, Belief(), spread([chance.random() for _ in range(400)]))
        looks = [
            audit(
                day_views=views,
                views=each.viewed.views,
                probability=each.probability,
                times=each.times,
                nats=each.viewed.nats,
                found=each.viewed.subject_id.int in violating,
            )
            for each in drawn
        ]
        found = estimate(looks)
        held += found.low <= truth <= found.high
    assert held >= 51  # 93 in 100 leave 60 samples with fewer in 1 of 100 cases


def test_a_guideline_that_was_never_found_has_an_upper_end_still():
    looks = [audit(found=number < 5) for number in range(500)]
    other = estimate([replace(each, found=False) for each in looks])
    assert (other.value, other.low) == (0.0, 0.0)
    assert 0 < other.high < estimate(looks).high
