"""The queue by itself, and the benchmark that measures it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from underseal.core.guideline import Severity
from underseal.core.visibility import Level
from underseal.lab.bench import triage
from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.triage.arrivals import HOURS, NEVER, draw_arrivals
from underseal.lab.triage.cascades import NoTracesError, draw_cascades, read_traces, replay_traces
from underseal.lab.triage.orders import c_mu, first_come, most_probable, oracle, ours
from underseal.lab.triage.owed import WAITED_DAYS_MAX, owe
from underseal.lab.triage.shift import by_due, harm_prevented, look_hours, prevented
from underseal.lab.triage.waiting import told, waits

PLENTY = 10_000.0
"""Looks an hour: more than there are videos."""


@pytest.fixture(scope="module")
def arrivals():
    return draw_arrivals(draw_cascades, own_guidelines(), 7)


def test_the_same_seed_draws_the_same_weeks(arrivals):
    again = draw_arrivals(draw_cascades, own_guidelines(), 7)
    assert np.array_equal(arrivals.seen, again.seen)
    assert np.array_equal(arrivals.log_odds, again.log_odds)


def test_probabilities_are_what_they_say(arrivals):
    chance = 1 / (1 + np.exp(-arrivals.log_odds))
    assert chance.mean() == pytest.approx(arrivals.violating.mean(), abs=0.02)
    likely = chance > 0.3
    assert arrivals.violating[likely].mean() == pytest.approx(chance[likely].mean(), abs=0.08)


def test_whoever_can_look_at_everything_at_once_prevents_all_but_the_first_hour(arrivals):
    first = arrivals.seen[np.arange(len(arrivals.published)), arrivals.published + 1]
    harm = [each.costs[Level.PUBLIC].harm for each in arrivals.guideline] * arrivals.violating
    lost = (harm * first).sum() / (harm * arrivals.seen[:, HOURS]).sum()
    at_once = harm_prevented(arrivals, first_come(arrivals), PLENTY)
    assert at_once == pytest.approx(1 - lost)
    assert harm_prevented(arrivals, first_come(arrivals), 0.0) == 0


def test_knowing_more_prevents_more(arrivals):
    orders = (first_come, most_probable, c_mu, oracle)
    shares = [harm_prevented(arrivals, order(arrivals), 0.5) for order in orders]
    assert shares == sorted(shares)


@pytest.mark.slow
def test_the_forecast_prevents_nearly_as_much_as_any_order_that_knows_no_future(arrivals):
    share = harm_prevented(arrivals, ours(arrivals), 0.5)
    assert share > harm_prevented(arrivals, most_probable(arrivals), 0.5)
    assert share > harm_prevented(arrivals, c_mu(arrivals), 0.5) - 0.03


def test_the_forecast_knows_nothing_of_the_hours_to_come(arrivals):
    seen = arrivals.seen.copy()
    seen[:, 301:] = seen[:, 300:301]
    cut = replace(arrivals, seen=seen)
    assert np.array_equal(ours(arrivals)[:, :301], ours(cut)[:, :301])


@pytest.fixture(scope="module")
def regret(arrivals):
    return ours(arrivals)


@pytest.fixture(scope="module")
def owed(arrivals, regret):
    return owe(arrivals, own_guidelines(), regret)


def longest(arrivals, owed, looked, severity):
    return told([waits(arrivals, owed, looked)[severity]])["max_h"]


def test_a_video_is_reported_once_it_has_been_seen_and_the_worse_ones_more_often(arrivals):
    reported = arrivals.reported < NEVER
    assert (arrivals.reported[reported] > arrivals.published[reported]).all()
    by_views = reported / np.maximum(arrivals.seen[:, HOURS], 1)
    likely = arrivals.log_odds > 0
    assert by_views[likely].mean() > by_views[~likely].mean()
    assert not (
        arrivals.has_notice & ~np.array([g.illegal_notice for g in arrivals.guideline])
    ).any()


def test_reports_leave_the_probabilities_as_true_as_they_were(arrivals):
    several = [draw_arrivals(draw_cascades, own_guidelines(), seed) for seed in range(20, 32)]
    chance = np.concatenate([1 / (1 + np.exp(-e.log_odds[e.reported < NEVER])) for e in several])
    breach = np.concatenate([e.violating[e.reported < NEVER] for e in several])
    assert breach.mean() == pytest.approx(chance.mean(), abs=0.03)


def test_every_report_is_owed_a_look_within_a_week_and_a_grave_one_within_its_hour(arrivals, owed):
    in_time = arrivals.reported <= HOURS - 24 * (WAITED_DAYS_MAX + 1)
    assert set(np.flatnonzero(in_time)) <= owed.keys()
    for video, each in owed.items():
        waited = each.late_after - int(arrivals.reported[video])
        assert each.queued <= each.duty_from
        assert waited <= 24 * WAITED_DAYS_MAX
        if arrivals.guideline[video].grave:
            assert (waited, each.duty_from) == (1, arrivals.reported[video])


def test_nobody_waits_who_could_be_looked_at_at_once(arrivals, regret, owed):
    looked = look_hours(arrivals, regret, PLENTY, owed)
    assert all(
        not len(each.hours) or each.hours.max() <= 0
        for each in waits(arrivals, owed, looked).values()
    )


def test_with_few_looks_a_report_waits_for_days_where_duties_come_first_and_else_for_ever(
    arrivals, regret, owed
):
    bounded = look_hours(arrivals, regret, 1.2, owed)
    alone = look_hours(arrivals, regret, 1.2)
    for severity in (Severity.LOW, Severity.MEDIUM, Severity.HIGH):
        assert longest(arrivals, owed, bounded, severity) <= 24 * WAITED_DAYS_MAX
    assert longest(arrivals, owed, alone, Severity.LOW) > 24 * WAITED_DAYS_MAX * 1.5
    late = [each.late for each in waits(arrivals, owed, bounded).values()]
    assert not any(map(any, late))


def test_a_shift_that_can_meet_no_date_looks_at_what_is_grave_first(arrivals, regret, owed):
    graves = [v for v in owed if arrivals.guideline[v].grave]
    assert 0 < len(graves) / HOURS < 0.1
    overloaded = look_hours(arrivals, regret, 0.1, owed)
    dated = look_hours(arrivals, regret, 0.1, owed, by_due)
    assert longest(arrivals, owed, overloaded, Severity.GRAVE) <= 24
    assert longest(arrivals, owed, dated, Severity.GRAVE) > 48


def test_a_shift_that_can_meet_no_date_still_prevents_harm(arrivals, regret, owed):
    overloaded = prevented(arrivals, look_hours(arrivals, regret, 0.1, owed))
    dated = prevented(arrivals, look_hours(arrivals, regret, 0.1, owed, by_due))
    assert overloaded > 1.5 * dated


def test_no_video_is_looked_at_before_it_is_there_nor_more_often_than_there_are_looks(
    arrivals, regret, owed
):
    looked = look_hours(arrivals, regret, 0.5, owed)
    assert (looked > arrivals.published).all()
    for hour in range(1, HOURS):
        assert (looked <= hour).sum() <= 0.5 * hour


def test_recorded_cascades_are_read_and_what_is_none_is_refused(tmp_path):
    (tmp_path / "more").mkdir()
    lines = [f"u{number}\t{1_000 + 1_800 * number}" for number in range(30)]
    (tmp_path / "more" / "one.txt").write_text("\n".join(lines))
    (tmp_path / "short.txt").write_text("u1\t5\nu2\t6\n")
    (tmp_path / "words.txt").write_text("not\ta number\n" * 40)
    (shares,) = read_traces(tmp_path)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(14.5)
    views = replay_traces([shares], np.random.default_rng(1), 4)
    assert (views[:, :15] > 0).all()
    assert (views[:, 15:] == 0).all()
    with pytest.raises(NoTracesError, match="tab"):
        read_traces(tmp_path / "none")


@pytest.mark.slow
def test_the_benchmark_tells_of_every_order_at_every_capacity(monkeypatch):
    monkeypatch.setattr(triage, "WORLDS", 3)
    found = json.loads(json.dumps(triage.run(lambda _: None)))
    assert found["capacities"].keys() == {str(each) for each in triage.CAPACITIES}
    for figures in found["capacities"].values():
        assert {"fifo", "p", "cmu", "ours", "oracle", "gain_low"} <= figures.keys()
        assert figures["gain_low"] <= figures["gain"] <= figures["gain_high"]
        assert figures["ours"] <= figures["alone"]["ours"]
        assert figures["waiting"].keys() == {each.value for each in Severity}
        low = figures["waiting"]["low"]
        assert 0 <= low["p50_h"] <= low["p99_h"] <= low["max_h"] <= HOURS
        assert 0 <= low["late"] <= 1
        assert low["p99_h"] < figures["alone"]["waiting"]["cmu"]["low"]["p99_h"]
    assert found["overload"].keys() == {str(each) for each in triage.OVERLOADS}
    for figures in found["overload"].values():
        assert figures["by_due"] < figures["ours"] < figures["cmu_alone"]
    assert 0 < found["grave_an_hour"] < found["looks_needed_an_hour"] < triage.CAPACITIES[0]
