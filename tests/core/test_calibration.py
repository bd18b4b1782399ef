"""Scores become evidence: monotone, bounded, corrected for who was looked at, and never on trust."""

import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.calibration import (
    DRIFT_ALARM,
    DRIFT_LABELS_MIN,
    HALF_LIFE_DAYS,
    LABELS_MIN,
    PROPENSITY_MIN,
    SCORE_EDGE,
    WEIGHT_MAX,
    Observation,
    WeightMap,
    drift,
    is_score,
    learn,
    propensity,
    share_stood_for,
)

TODAY = date(2026, 11, 23)

scores = st.floats(0, 1)
nonsense = st.one_of(
    st.just(math.nan), st.floats(max_value=-1e-9), st.floats(min_value=1 + 1e-9)
).filter(lambda score: not is_score(score))


def seen(score, violating, looked_at=1.0, day=TODAY) -> Observation:
    return Observation(score=score, violating=violating, propensity=looked_at, day=day)


def breach(score, looked_at=1.0, day=TODAY) -> Observation:
    return seen(score, violating=True, looked_at=looked_at, day=day)


def harmless(score) -> Observation:
    return seen(score, violating=False)


@st.composite
def labels(draw, scores=scores):
    """Enough labels of both kinds, of any scores whatever."""
    each = st.tuples(scores, st.booleans(), st.floats(0.001, 1), st.integers(0, 400))
    some = draw(st.lists(each, max_size=30))
    both = draw(st.lists(scores, min_size=2 * LABELS_MIN, max_size=2 * LABELS_MIN))
    return [
        *(seen(s, v, p, TODAY - timedelta(days=days)) for s, v, p, days in some),
        *(seen(score, number % 2 == 0) for number, score in enumerate(both)),
    ]


def honest(rng, count, *, base=-2.0, shift=0.0) -> list[Observation]:
    """A detector whose score is the log-likelihood ratio itself, moved by `shift`."""
    found = []
    for _ in range(count):
        violating = rng.random() < 1 / (1 + math.exp(-base))
        nats = rng.gauss(1.0 if violating else -1.0, math.sqrt(2))
        found.append(seen(1 / (1 + math.exp(-nats - shift)), violating))
    return found


@given(labels(), scores, scores)
def test_a_higher_score_is_never_worth_less(observed, one, other):
    found = learn(observed, TODAY).map
    low, high = sorted((one, other))
    assert found.weight(low) <= found.weight(high)


@given(labels(), scores)
def test_no_score_is_worth_more_than_its_labels_bear(observed, score):
    found = learn(observed, TODAY).map
    assert abs(found.weight(score)) <= min(WEIGHT_MAX, math.log1p(len(observed))) + 1e-9


@given(labels(), st.randoms())
def test_the_order_of_labels_makes_no_difference(observed, rng):
    shuffled = rng.sample(observed, len(observed))
    assert learn(shuffled, TODAY) == learn(observed, TODAY)


@given(labels(), nonsense)
def test_what_is_no_score_has_no_weight_and_teaches_as_silence_does(observed, score):
    found = learn([*observed, breach(score)], TODAY)
    assert found == learn([*observed, breach(None)], TODAY)
    assert found.map.weight(score) is None


@given(st.lists(st.tuples(scores, st.booleans()), max_size=100))
def test_without_labels_of_both_kinds_a_detector_is_in_shadow(given_labels):
    learnt = learn([seen(score, violating) for score, violating in given_labels], TODAY)
    few = min(learnt.violating, learnt.harmless, learnt.spoken) < LABELS_MIN
    assert (learnt.map is None) == few
    assert learnt.violating + learnt.harmless == len(given_labels)


def test_a_detector_that_said_nothing_is_in_shadow_however_many_labels_there_are():
    observed = [seen(None, number % 2 == 0) for number in range(500)]
    assert learn(observed, TODAY).map is None
    assert learn([*observed, *[breach(math.nan)] * 500], TODAY).map is None


@given(st.integers(LABELS_MIN, 300), st.integers(LABELS_MIN, 300), scores)
def test_what_always_says_the_same_is_worth_about_nothing(breaches, others, score):
    observed = [breach(score)] * breaches + [harmless(score)] * others
    assert abs(learn(observed, TODAY).map.weight(score)) < 0.05


def test_a_detector_that_speaks_of_breaches_alone_is_believed_as_far_as_it_was_seen_to():
    observed = [breach(1.0)] * 40 + [harmless(None)] * 400
    found = learn(observed, TODAY).map
    assert 3.0 < found.weight(1.0) <= math.log(41)


def test_scores_that_fall_where_breaches_rise_are_not_turned_round():
    rng = random.Random(1)
    observed = [seen(1 - each.score, each.violating) for each in honest(rng, 500)]
    found = learn(observed, TODAY).map
    assert found.slope == 0
    assert found.weight(0.01) == found.weight(0.99) == pytest.approx(0, abs=0.05)


def test_an_honest_score_is_worth_its_log_odds():
    found = learn(honest(random.Random(2), 4_000), TODAY).map
    for nats in (-2.0, 0.0, 1.5):
        assert found.weight(1 / (1 + math.exp(-nats))) == pytest.approx(nats, abs=0.35)


def test_scores_at_the_edge_are_worth_what_the_edge_is():
    found = learn(honest(random.Random(3), 500), TODAY).map
    assert found.weight(1.0) == found.weight(1 - SCORE_EDGE / 2)
    assert found.weight(0.0) == found.weight(SCORE_EDGE / 2)


def test_who_is_looked_at_because_of_the_outcome_is_corrected_for():
    """Of what is reported all is looked at, of the rest a tenth; reports fall on breaches."""
    rng = random.Random(4)
    looked_at = []
    for each in honest(rng, 20_000):
        is_reported = rng.random() < (0.6 if each.violating else 0.05)
        chance = 1.0 if is_reported else 0.1
        if rng.random() < chance:
            looked_at.append(seen(each.score, each.violating, chance))
    corrected = learn(looked_at, TODAY).map
    taken_as_they_came = learn([seen(e.score, e.violating) for e in looked_at], TODAY).map
    assert corrected.base == pytest.approx(-2.0, abs=0.2)
    assert taken_as_they_came.base > -1.0
    assert corrected.weight(0.5) == pytest.approx(0.0, abs=0.2)


def test_an_old_label_counts_half_after_a_half_life_and_one_from_tomorrow_as_today():
    old = breach(0.5, 0.5, TODAY - timedelta(days=HALF_LIFE_DAYS))
    assert share_stood_for(old, TODAY) == 1.0
    assert share_stood_for(breach(0.5, 0.5, TODAY + timedelta(days=9)), TODAY) == 2.0


def test_one_label_stands_for_a_hundred_subjects_at_most():
    assert share_stood_for(breach(0.5, 1e-9), TODAY) == 1 / PROPENSITY_MIN


def test_a_look_is_as_probable_as_it_was_frequent():
    assert propensity(3, 12) == 0.25
    for judged, scanned in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="no more than there are"):
            propensity(judged, scanned)


@pytest.mark.parametrize("looked_at", [0.0, -1.0, 1.1, math.nan])
def test_a_probability_that_is_none_is_refused(looked_at):
    with pytest.raises(ValueError, match="had a chance"):
        breach(0.5, looked_at)


@pytest.mark.parametrize(
    "numbers",
    [
        {"base": math.nan, "intercept": 0, "slope": 1, "most": 1},
        {"base": 0, "intercept": math.inf, "slope": 1, "most": 1},
        {"base": 0, "intercept": 0, "slope": -0.1, "most": 1},
        {"base": 0, "intercept": 0, "slope": 1, "most": 0},
    ],
)
def test_a_map_that_is_none_is_refused(numbers):
    with pytest.raises(ValueError, match="never falls"):
        WeightMap(**numbers)


def test_what_is_believed_by_a_score_alone_starts_from_all_that_was_scanned():
    found = WeightMap(base=-2.0, intercept=0.5, slope=1.0, most=5.0)
    assert found.belief(0.5) == pytest.approx(1 / (1 + math.exp(1.5)))
    assert found.belief(math.nan) is None


def test_a_detector_that_has_changed_is_noticed():
    rng = random.Random(5)
    before = learn(honest(rng, 1_000), TODAY).map
    assert drift(before, honest(rng, 600, shift=2.0), TODAY) < DRIFT_ALARM
    reversed_ = [seen(1 - each.score, each.violating) for each in honest(rng, 600)]
    assert drift(before, reversed_, TODAY) < DRIFT_ALARM


def test_drift_is_not_asked_of_too_few_labels():
    before = learn(honest(random.Random(6), 1_000), TODAY).map
    few = [breach(0.9)] * (DRIFT_LABELS_MIN - 1) + [harmless(0.9)] * 500
    assert drift(before, few, TODAY) is None
    assert drift(before, [breach(None)] * 50 + [harmless(None)] * 50, TODAY) is None


def test_a_detector_of_one_score_drifts_by_how_often_it_is_right():
    observed = [breach(1.0)] * 200 + [harmless(1.0)] * 200
    before = learn(observed, TODAY).map
    alike = [breach(1.0)] * 48 + [harmless(1.0)] * 52
    other = [breach(1.0)] * 10 + [harmless(1.0)] * 90
    assert drift(before, alike, TODAY) > 0.1
    assert drift(before, other, TODAY) < DRIFT_ALARM


@pytest.mark.slow
def test_alarms_over_maps_that_hold_are_about_as_rare_as_they_are_said_to_be():
    """At 1 in 20 and 1 in 100, where so few worlds can tell; half of the labels stand for four."""
    rng = random.Random(7)
    chances = []
    while len(chances) < 300:
        worlds = [
            [
                seen(each.score, each.violating, 0.25 if rng.random() < 0.5 else 1.0)
                for each in honest(rng, count)
            ]
            for count in (400, 200)
        ]
        before = learn(worlds[0], TODAY).map
        chance = drift(before, worlds[1], TODAY)
        if chance is not None:
            chances.append(chance)
    assert sum(chance < 0.05 for chance in chances) <= 30
    assert sum(chance < 0.01 for chance in chances) <= 10
    assert not [chance for chance in chances if chance < DRIFT_ALARM]
