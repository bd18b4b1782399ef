"""The queue by itself, and the benchmark that measures it."""

import json

import numpy as np
import pytest

from underseal.core.visibility import Level
from underseal.lab.bench import triage
from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.triage.arrivals import HOURS, draw_arrivals
from underseal.lab.triage.cascades import NoTracesError, draw_cascades, read_traces, replay_traces
from underseal.lab.triage.orders import c_mu, first_come, most_probable, oracle, ours
from underseal.lab.triage.shift import harm_prevented


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
    at_once = harm_prevented(arrivals, first_come(arrivals), 10_000.0)
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
    cut = type(arrivals)(
        published=arrivals.published,
        seen=seen,
        violating=arrivals.violating,
        log_odds=arrivals.log_odds,
        guideline=arrivals.guideline,
    )
    assert np.array_equal(ours(arrivals)[:, :301], ours(cut)[:, :301])


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
