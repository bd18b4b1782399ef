"""The adversaries know what is public, and no more; what they gain is what they should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.lab.anonymity.audience import Audience, draw_audience, draw_reports
from underseal.lab.anonymity.canary_game import play_canary
from underseal.lab.anonymity.defences import TICK_MIN, after, at_once, by_window, published_rules
from underseal.lab.anonymity.floor import floor, least_let_through
from underseal.lab.anonymity.games import MANY, Game, interval, play
from underseal.lab.anonymity.intersection_game import Regulars, play_intersection
from underseal.lab.anonymity.intersector import suspect_by_many
from underseal.lab.anonymity.rules import windows
from underseal.lab.anonymity.thief import play_looked, play_thief, suspect_by_period
from underseal.lab.anonymity.timed_creator import suspect_by_delay, suspect_by_window

seeds = st.integers(0, 2**32 - 1)
RULES = published_rules()


def by_window_suspect(shown_at, viewed_at, count):
    return suspect_by_window(shown_at, viewed_at, RULES, count)


@given(seed=seeds, viewers=st.integers(1, 400), reporters=st.integers(1, 4))
def test_the_creator_foresees_exactly_when_effects_may_show(seed, viewers, reporters):
    rng = np.random.default_rng(seed)
    audience = draw_audience(rng, viewers, reporters, TICK_MIN)
    reports = draw_reports(rng, audience, reporters)
    _, closed = windows(audience.viewed_at, RULES)
    for filed_at in reports.filed_at:
        assert by_window()(audience, filed_at) == closed[np.searchsorted(closed, filed_at)]


@given(seed=seeds, viewers=st.integers(2, 400), reporters=st.integers(1, 3))
def test_whoever_brought_it_about_is_always_under_suspicion(seed, viewers, reporters):
    rng = np.random.default_rng(seed)
    audience = draw_audience(rng, viewers, reporters, TICK_MIN)
    reports = draw_reports(rng, audience, reporters)
    cause = min(reporters, 2) - 1
    shown_at = by_window()(audience, reports.filed_at[cause])
    posterior = by_window_suspect(shown_at, audience.viewed_at, reporters)
    assert posterior.sum() == pytest.approx(1)
    assert posterior[reports.reporters[cause]] > 0


def test_a_window_hides_all_who_watched_in_it_alike():
    viewed_at = np.array([*range(100, 1_000, 15), 2_000.0])
    opened, closed = windows(viewed_at, RULES)
    posterior = by_window_suspect(closed[0], viewed_at, 1)
    inside = (viewed_at > opened[0]) & (viewed_at <= closed[0] - 30)
    assert np.allclose(posterior[inside], posterior[0], rtol=1e-6)
    assert posterior[-1] == 0


def test_acting_at_once_or_after_a_fixed_time_names_the_reporter():
    game = Game(viewers=20, reporters=1, tick_min=TICK_MIN)
    for defence, delay in ((at_once, 0.0), (after(60.0), 60.0)):
        outcome = play(game, defence, lambda t, v, n, d=delay: suspect_by_delay(t, v, d, n), 300, 1)
        assert outcome.success > 0.94


@pytest.mark.parametrize(("viewers", "success_max", "harm_max"), [(5, 0.35, 0.4), (20, 0.08, 0.5)])
def test_small_audiences_hide_their_reporter(viewers, success_max, harm_max):
    game = Game(viewers=viewers, reporters=1, tick_min=TICK_MIN)
    outcome = play(game, by_window(), by_window_suspect, 1_000, 1)
    assert outcome.success <= success_max
    assert outcome.harm_added <= harm_max


def test_where_many_report_naming_one_is_no_better_than_guessing():
    game = Game(viewers=200, reporters=MANY, tick_min=TICK_MIN)
    outcome = play(game, by_window(), by_window_suspect, 500, 1)
    assert outcome.success <= 1.5 * outcome.blind


@pytest.mark.parametrize("k", [20, 60, 100])
def test_no_rule_lets_less_through_for_the_same_success_than_a_window_nearly_does(k):
    """Success times harm times viewers is about a half at best, whatever the rule (ADR 0013)."""
    rules = published_rules(k)
    outcome = play(
        Game(viewers=400, reporters=1, tick_min=TICK_MIN),
        by_window(k),
        lambda t, v, n: suspect_by_window(t, v, rules, n),
        600,
        1,
    )
    assert 0.42 <= outcome.success * outcome.harm_added * 400 <= 0.7


@given(size=st.integers(1, 40), count=st.integers(1, 10))
def test_no_rule_is_better_for_a_single_effect_than_windows_that_come_out_even(size, count):
    viewers = size * count
    assert floor(viewers, viewers, 1, (size - 1) / 2) == pytest.approx(1 / size)
    assert least_let_through(1 / size, viewers) == pytest.approx((size - 1) / 2)


@pytest.mark.parametrize(("viewers", "size", "effects"), [(60, 10, 6), (200, 20, 10)])
def test_no_rule_gets_below_the_floor_not_even_one_without_ticks_or_delays(viewers, size, effects):
    """Windows of viewers against whoever counts in how many of them each one was."""
    rng = np.random.default_rng(1)
    named = []
    for _ in range(4_000):
        windows_of = rng.permuted(np.tile(np.arange(viewers) // size, (effects, 1)), axis=1)
        # Person 0 is behind the first effect, and a random viewer behind each of the others.
        shown = np.array([windows_of[0, 0], *(rng.integers(viewers // size, size=effects - 1))])
        counted = (windows_of == shown[:, None]).sum(axis=0)
        named.append((counted[0] == counted.max()) / (counted == counted.max()).sum())
    _, high = interval(np.array(named))
    assert 1 / viewers < floor(viewers, viewers, effects, (size - 1) / 2) <= high


def test_what_is_let_through_at_2000_viewers_is_too_little_to_hide_from_ten_effects():
    """The figures of ADR 0013."""
    assert 2000 * floor(2000, 2000, 10, 0.05 * 2000) == pytest.approx(3.6, abs=0.05)
    assert 2000 * floor(2000, 2000, 10, 0.15 * 2000) > 2
    assert 200 * floor(200, 200, 10, 0.15 * 200) == pytest.approx(1.7, abs=0.05)


@given(
    viewers=st.integers(2, 300),
    effects=st.integers(1, 12),
    share=st.floats(0, 0.5),
    more=st.floats(0, 0.5),
)
def test_the_floor_falls_with_what_is_let_through_down_to_guessing(viewers, effects, share, more):
    least = floor(viewers, viewers, effects, share * viewers)
    assert floor(viewers, viewers, effects, (share + more) * viewers) <= least + 1e-9
    assert floor(viewers, viewers, 1, viewers / 2) <= least + 1e-9


def test_the_interval_holds_the_share_and_narrows_with_more_runs():
    few, many = (interval(np.tile([0.0, 1.0, 0.0, 0.0], runs)) for runs in (10, 1_000))
    assert few[0] < many[0] < 0.25 < many[1] < few[1]
    assert interval(np.zeros(5)) == (0.0, 0.0)


def test_a_canary_names_its_reporter_the_better_the_more_of_it_is_owned():
    played = play_canary(200, (0.0, 0.5, 0.9), 300, 1)
    assert played[0.0][0] < played[0.5][0] < played[0.9][0]


def test_ten_effects_name_nobody_who_brought_about_just_one_of_them():
    regulars = Regulars(viewers=20, loyalty=1.0)
    found = play_intersection(regulars, effects=10, attributable=1, runs=300, seed=1)
    assert found.success <= 2 * found.blind


def test_ten_effects_name_whoever_brought_about_them_all():
    regulars = Regulars(viewers=200, loyalty=1.0)
    assert play_intersection(regulars, effects=10, attributable=10, runs=30, seed=1).success > 0.9


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=2, max_size=5))
def test_who_caused_two_of_several_effects_is_weighed_over_all_pairs(weights):
    arrays = [np.array(each) for each in weights]
    pairs = sum(a * b for i, a in enumerate(arrays) for b in arrays[i + 1 :])
    assert np.allclose(suspect_by_many(arrays, 2), pairs)


def test_dates_of_days_help_a_thief_with_a_log_of_views_and_those_of_quarters_do_not():
    by_day, blind = play_thief(20, 1, runs=400, seed=1)
    by_quarter, _ = play_thief(20, 91, runs=400, seed=1)
    assert by_day > 1.5 * blind
    assert by_quarter <= 1.1 * blind


def test_a_decision_within_the_hour_narrows_a_small_audience_and_one_days_later_does_not():
    soon, blind = play_looked(20, 1, runs=400, seed=1)
    late, _ = play_looked(20, 96, runs=400, seed=1)
    assert soon > 2 * blind
    assert late <= 1.1 * blind
    assert play_looked(2_000, 1, runs=400, seed=1)[0] < 0.005


def test_a_period_that_ends_in_the_middle_of_an_audience_divides_it():
    viewed_at = np.array([10.0, 50.0, 90.0])
    first, second = (suspect_by_period(number, 60.0, viewed_at) for number in (0, 1))
    assert first[2] == 0
    assert second[2] > 0.99
    assert np.allclose(first[:2], 0.5, atol=0.01)


def test_a_time_at_which_nobody_can_have_reported_teaches_nothing():
    audience = Audience(published_at=0.0, viewed_at=np.array([500.0, 600.0]))
    assert np.allclose(suspect_by_delay(100.0, audience.viewed_at, 0.0, 1), 0.5)
