"""The game of the prober: what it helps to see an effect to the second.

All effects of a tick take place in one transaction, so that its second is the same for all.
"""

import math

from underseal.lab.anonymity.audience import Audience
from underseal.lab.anonymity.defences import TICK_MIN, Defence, at_once, by_window, published_rules
from underseal.lab.anonymity.games import Game, Outcome, play
from underseal.lab.anonymity.prober import LOOK_MIN, suspect_by_second_seen, suspect_by_tick_seen
from underseal.lab.anonymity.rules import Times


def play_prober(viewers: int, runs: int, seed: int) -> tuple[Outcome, Outcome]:
    """Return what comes of probing, and of probing a system that acts at once; one reports."""
    rules = published_rules()

    def suspect_by_tick(seen_at: float, viewed_at: Times, count: int) -> Times:
        return suspect_by_tick_seen(seen_at, viewed_at, rules, count)

    game = Game(viewers=viewers, reporters=1, tick_min=TICK_MIN)
    return (
        play(game, probed(by_window()), suspect_by_tick, runs, seed),
        play(game, probed(at_once), suspect_by_second_seen, runs, seed),
    )


def probed(defence: Defence) -> Defence:
    """Return when an effect is seen: at the first look after it, from publication on."""

    def seen_at(audience: Audience, intended_at: float) -> float:
        published_at = audience.published_at
        looks = math.ceil((defence(audience, intended_at) - published_at) / LOOK_MIN)
        return published_at + looks * LOOK_MIN

    return seen_at
