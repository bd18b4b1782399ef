"""What `underseal bench brigade` says, in worlds that are smaller than those it measures."""

import json
from dataclasses import replace

import pytest

from underseal.lab.bench import brigade
from underseal.lab.bench.brigade import (
    RULES,
    compare,
    cost_of_attack,
    hours_restricted,
    wrongly_restricted,
)
from underseal.lab.platform.baselines import CountFive
from underseal.lab.platform.play import play_world
from underseal.lab.platform.settings import Attackers, Crowd, Feed, Settings
from underseal.lab.platform.world import draw_world

SMALL = Settings(
    days=30,
    warm_up_days=14,
    crowd=Crowd(accounts=3_000, communities=8),
    feed=Feed(videos=1_500, creators=300),
    attackers=Attackers(brigades=4, attacks=3, sizes=(20, 40), camouflages=(0, 5), rest_days=3),
)


def quietly(_: str) -> None:
    """Say nothing."""


@pytest.mark.slow
def test_attacks_that_succeed_elsewhere_fail_here():
    found = json.loads(json.dumps(compare(SMALL, (41, 42), quietly)))
    for figures in (found, found["no_detector"]):
        assert figures["held_attacked"] <= 0.1
        assert figures["held_later"] <= 0.1
        for suffix in ("_count5", "_discourse", "_naive_bayes"):
            assert figures[f"held_attacked{suffix}"] >= figures["held_attacked"] + 0.3, suffix
        for suffix in RULES:
            for key in (f"held_attacked{suffix}", f"harm_left{suffix}"):
                assert figures[f"{key}_low"] <= figures[key] <= figures[f"{key}_high"], key
            assert 0 < figures[f"harm_left{suffix}"] < 1
    assert found["merged_honest"] <= 0.01
    assert found["worlds"] == 2


@pytest.mark.slow
def test_an_attack_has_its_price(monkeypatch):
    monkeypatch.setattr(brigade, "SIZES", (5, 20))
    monkeypatch.setattr(brigade, "CAMOUFLAGES", (0, 5))
    curve = cost_of_attack(SMALL, (43,), quietly)
    assert [(each["size"], each["camouflage"]) for each in curve] == [
        (5, 0),
        (5, 5),
        (20, 0),
        (20, 5),
    ]
    for each in curve:
        assert each["true_reports"] == each["size"] * each["camouflage"]
        assert (each["reports_per_hour"] is None) == (each["hours_held"] == 0)
        if each["camouflage"] == 0:
            assert each["hours_held"] == 0, "who invests nothing gets nothing"


@pytest.mark.slow
def test_hours_are_counted_of_what_was_held_because_of_an_attack():
    attackers = replace(SMALL.attackers, sizes=(40,), camouflages=(0,))
    played = play_world(draw_world(replace(SMALL, attackers=attackers), 44), lambda _: CountFive())
    hours = hours_restricted(played)
    assert hours.keys() == wrongly_restricted(played)
    attacked = {each.video for each in played.world.attacks}
    assert hours.keys() <= attacked
    assert len(hours) > 0.7 * len(attacked)
    assert all(0 < each < 24 * 3 for each in hours.values())
