"""Adversaries who use accounts: they probe, they report themselves, they moderate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.effect import VOICES_MIN
from underseal.core.evidence import Weighting
from underseal.lab.anonymity.audience import draw_audience, draw_reports
from underseal.lab.anonymity.curious_moderator import practise
from underseal.lab.anonymity.defences import TICK_MIN, by_window, published_rules
from underseal.lab.anonymity.games import Game, play
from underseal.lab.anonymity.moderated_case import RECORDS, Regard, regard, told
from underseal.lab.anonymity.moderator_game import play_moderator
from underseal.lab.anonymity.prober import LOOK_MIN, suspect_by_tick_seen
from underseal.lab.anonymity.prober_game import play_prober, probed
from underseal.lab.anonymity.self_reporter import suspect_blindly, suspect_somebody
from underseal.lab.anonymity.self_reporter_game import play_self_reporter
from underseal.lab.anonymity.timed_creator import VOICES, suspect_by_window

RULES = published_rules()
shares = st.floats(0.001, 0.3)
numbers = st.integers(0, len(RECORDS) - 1)


@given(seed=st.integers(0, 2**32 - 1), viewers=st.integers(1, 300))
def test_a_prober_sees_an_effect_within_a_second_and_learns_its_tick(seed, viewers):
    rng = np.random.default_rng(seed)
    audience = draw_audience(rng, viewers, 1, TICK_MIN)
    filed_at = draw_reports(rng, audience, 1).filed_at[0]
    shown_at, seen_at = by_window()(audience, filed_at), probed(by_window())(audience, filed_at)
    assert 0 <= seen_at - shown_at < LOOK_MIN * 1.000001
    by_looks = suspect_by_tick_seen(seen_at, audience.viewed_at, RULES, 1)
    assert np.array_equal(by_looks, suspect_by_window(shown_at, audience.viewed_at, RULES, 1))


def test_looking_every_second_names_nobody_whom_a_timed_list_of_viewers_does_not():
    probing, immediate = play_prober(20, 400, 1)
    game = Game(viewers=20, reporters=1, tick_min=TICK_MIN)
    timed = play(game, by_window(), lambda at, v, n: suspect_by_window(at, v, RULES, n), 400, 1)
    assert probing.success == timed.success < 0.1
    assert immediate.success > 0.9


def test_the_adversary_counts_voices_as_the_system_does():
    assert VOICES == VOICES_MIN


@given(others=st.integers(0, 500), readiness=shares)
def test_a_self_reporter_reckons_as_bayes_would(others, readiness):
    nobody = (1 - readiness) ** others
    one = others * readiness * (1 - readiness) ** max(0, others - 1)
    assert suspect_blindly(others, readiness) == pytest.approx(1 - nobody)
    waiting = suspect_somebody(others, readiness, 0, was_acted_on=False)
    assert waiting == pytest.approx(one / (one + nobody))
    assert suspect_somebody(others, readiness, 1, was_acted_on=False) == 0


def test_a_self_reporter_learns_from_an_effect_that_somebody_else_reported():
    played = play_self_reporter(200, (0.0, 0.5), 2_000, 1)
    assert played[0.5].success > 0.99
    assert played[0.5].blind < 0.75
    assert played[0.5].immediate == played[0.5].success
    assert played[0.0].blind < played[0.0].success < 0.75


def test_a_self_reporter_whose_accounts_are_recognised_learns_nothing_from_a_small_crowd():
    played = play_self_reporter(20, (0.5, 0.9, 0.95), 2_000, 1)
    assert played[0.9].recognised == pytest.approx(played[0.9].blind, abs=0.002)
    assert played[0.95].recognised == pytest.approx(played[0.95].blind, abs=0.002)
    assert played[0.5].recognised > played[0.5].blind + 0.1


@pytest.mark.slow
def test_aliases_of_two_cases_say_nothing_and_what_is_shown_of_records_little():
    linking = play_moderator(1_500, 1)
    assert linking.low < linking.success < linking.high
    for says_nothing in (linking.aliases, linking.unweighed):
        assert abs(says_nothing - linking.blind) < 0.025
    assert abs(linking.success - linking.blind) < 0.035
    assert linking.blind + 0.01 < linking.lone < 0.57
    assert linking.success + 0.04 < linking.with_bands < 0.65
    assert linking.one_alias > 0.99


@given(records=st.lists(numbers, min_size=1, max_size=8), views=st.integers(0, 10_000))
def test_a_case_tells_nothing_of_those_who_reported_it_where_no_records_are_weighed(records, views):
    shown = told(tuple(records), views, Weighting.OFF)
    assert (shown.is_other_band, shown.ahead) == (False, 0)


@given(records=st.lists(numbers, min_size=1, max_size=8), views=st.integers(0, 10_000))
def test_what_a_place_in_the_queue_tells_is_no_less_than_what_bands_tell(records, views):
    shown = told(tuple(records), views, Weighting.PRIORITY_ONLY)
    assert shown.ahead != 0 or not shown.is_other_band


def test_a_case_tells_whether_its_lone_reporter_is_proven_until_many_have_seen_it():
    proven, known = (
        next(number for number in range(len(RECORDS)) if regard(number) is wanted)
        for wanted in (Regard.PROVEN, Regard.KNOWN)
    )
    few, many = (told((proven,), views, Weighting.PRIORITY_ONLY) for views in (20, 2000))
    assert few.is_other_band
    assert few.ahead > 0
    assert (many.is_other_band, many.ahead) == (False, 0)
    assert told((known,), 20, Weighting.PRIORITY_ONLY).ahead == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_whoever_practises_says_what_was_true_of_most(pairs):
    guess = practise([mark for mark, _ in pairs], [truth for _, truth in pairs])
    for mark in range(4):
        truths = [truth for each, truth in pairs if each == mark]
        assert guess(mark) == (2 * sum(truths) > len(truths))
