"""`underseal bench anonymity`: how often the adversaries of `lab.anonymity` name a reporter.

Each is measured beside blind guessing, and the timed creator beside a system that acts at once. The
rule is that of `core.disclosure` with its settings; the adversaries know its public parameters.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from underseal.core.disclosure import K
from underseal.flow.assess import BUDGET_EFFECTS
from underseal.lab.anonymity.canary_game import play_canary
from underseal.lab.anonymity.defences import (
    TICK_MIN,
    Defence,
    after,
    at_once,
    by_window,
    published_rules,
)
from underseal.lab.anonymity.games import MANY, Game, Outcome, Suspect, play
from underseal.lab.anonymity.intersection_game import Regulars, play_intersection
from underseal.lab.anonymity.rules import Times
from underseal.lab.anonymity.thief import play_thief
from underseal.lab.anonymity.timed_creator import suspect_by_delay, suspect_by_window

Progress = Callable[[str], None]

VIEWERS: Final = (5, 20, 200, 2000)
RUNS: Final = 10_000
SEED: Final = 20_261_122
DIGITS: Final = 5

OWNED: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Shares of an audience that the creator of a padded canary owns."""

CANARY_VIEWERS: Final = 200
EFFECTS: Final = 10
LOYALTIES: Final = (1.0, 0.3)
"""How probably a regular watches one video of a creator, at best and at worst for the creator."""

DATES_DAYS: Final = 1
"""Reports are dated to the day."""

TRADE_OFF_K: Final = (10, 20, 30, 40, 50, K, 80, 100, 150, 200)
"""Sizes of the crowd that a team can choose from."""


def run(progress: Progress, runs: int = RUNS) -> dict[str, object]:
    """Play every game and return what came of it; the intersector's and canary's less often."""
    return {
        "audiences": {str(n): _audience(n, runs, progress) for n in VIEWERS},
        "intersector": _intersectors(runs // 25, progress),
        "canary": _canary(runs // 5, progress),
        "thief": _thief(runs // 5),
        "runs": runs,
        "seed": SEED,
        "k": K,
        "budget_effects": BUDGET_EFFECTS,
    }


def trade_off(progress: Progress, runs: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return success and harm by audience and by *k*, for one reporter."""
    curves: dict[str, dict[str, dict[str, float]]] = {}
    for viewers in VIEWERS:
        curves[str(viewers)] = {}
        for k in TRADE_OFF_K:
            outcome = _window(viewers, 1, runs, k)
            curves[str(viewers)][str(k)] = _figures(outcome)
            progress(f"{viewers} viewers, k = {k}: {_told(outcome)}")
    return curves


def _audience(viewers: int, runs: int, progress: Progress) -> dict[str, object]:
    one = _window(viewers, 1, runs)
    progress(f"{viewers} viewers, one reporter: {_told(one)}")
    two, many = _window(viewers, 2, runs), _window(viewers, MANY, runs)
    progress(f"{viewers} viewers, two reporters: {_told(two)}")
    immediate = _delayed(viewers, at_once, 0.0, runs)
    fixed = _delayed(viewers, after(TICK_MIN), TICK_MIN, runs)
    progress(f"{viewers} viewers, at once: {_told(immediate)}")
    return {
        **_figures(one),
        "immediate": round(immediate.success, DIGITS),
        "fixed_hour": round(fixed.success, DIGITS),
        "two": _figures(two),
        "many": _figures(many),
    }


def _window(viewers: int, reporters: int, runs: int, k: int = K) -> Outcome:
    rules = published_rules(k)

    def suspect(shown_at: float, viewed_at: Times, count: int) -> Times:
        return suspect_by_window(shown_at, viewed_at, rules, count)

    return _play(viewers, reporters, by_window(k), suspect, runs)


def _delayed(viewers: int, defence: Defence, delay_min: float, runs: int) -> Outcome:
    def suspect(shown_at: float, viewed_at: Times, count: int) -> Times:
        return suspect_by_delay(shown_at, viewed_at, delay_min, count)

    return _play(viewers, 1, defence, suspect, runs)


def _play(viewers: int, reporters: int, defence: Defence, suspect: Suspect, runs: int) -> Outcome:
    game = Game(viewers=viewers, reporters=reporters, tick_min=TICK_MIN)
    return play(game, defence, suspect, runs, SEED)


def _intersectors(runs: int, progress: Progress) -> dict[str, object]:
    """Ten effects, as many of them by the same reporter as their budget lets, and all by them."""
    found: dict[str, object] = {}
    for viewers in VIEWERS:
        for loyalty in LOYALTIES:
            regulars = Regulars(viewers=viewers, loyalty=loyalty)
            budgeted = play_intersection(regulars, EFFECTS, BUDGET_EFFECTS, runs, SEED)
            unbounded = play_intersection(regulars, EFFECTS, EFFECTS, runs // 5, SEED)
            found[f"{viewers} at {loyalty}"] = {
                "success": round(budgeted.success, DIGITS),
                "blind": round(budgeted.blind, DIGITS),
                "without_budget": round(unbounded.success, DIGITS),
            }
            progress(
                f"{viewers} viewers, {EFFECTS} effects, loyalty {loyalty}: named "
                f"{budgeted.success:.4f}, blindly {budgeted.blind:.4f}"
            )
    return found


def _canary(runs: int, progress: Progress) -> dict[str, object]:
    played = play_canary(CANARY_VIEWERS, OWNED, runs, SEED)
    progress("padded canary: " + ", ".join(f"{s:.0%} {w:.3f}" for s, (w, _) in played.items()))
    return {
        str(share): {"success": round(success, DIGITS), "blind": round(blind, DIGITS)}
        for share, (success, blind) in played.items()
    }


def _thief(runs: int) -> dict[str, object]:
    """A dump, by whose dates of reports a log of views is narrowed."""
    return {
        str(viewers): dict(
            zip(("success", "blind"), play_thief(viewers, DATES_DAYS, runs, SEED), strict=True)
        )
        for viewers in VIEWERS
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    named = asdict(outcome)
    named["set_p5"] = named.pop("crowd_p5")
    return {name: round(value, DIGITS) for name, value in named.items()}


def _told(outcome: Outcome) -> str:
    return (
        f"named {outcome.success:.4f}, blindly {outcome.blind:.4f}, "
        f"views let through {outcome.harm_added:.3f}"
    )
