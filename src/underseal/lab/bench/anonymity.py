"""`underseal bench anonymity`: how often the adversaries of `lab.anonymity` name a reporter.

Each is measured beside blind guessing, and those who go by time beside a system that acts at once.
The rule is that of `core.disclosure` with its settings; the adversaries know its public parameters.
That nothing shows before an effect is measured on the real system: twin plays, and response times.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
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
from underseal.lab.anonymity.floor import floor
from underseal.lab.anonymity.games import MANY, Game, Outcome, Suspect, play
from underseal.lab.anonymity.intersection_game import Regulars, play_intersection
from underseal.lab.anonymity.moderator_game import play_moderator
from underseal.lab.anonymity.prober_game import play_prober
from underseal.lab.anonymity.rules import Times
from underseal.lab.anonymity.self_reporter_game import play_self_reporter
from underseal.lab.anonymity.thief import play_looked, play_thief
from underseal.lab.anonymity.timed_creator import suspect_by_delay, suspect_by_window
from underseal.lab.bench.anonymity_timing import time_answers
from underseal.lab.bench.anonymity_twins import compare_twins

Progress = Callable[[str], None]

VIEWERS: Final = (5, 20, 200, 2000)
RUNS: Final = 10_000
SEED: Final = 20_261_122
DIGITS: Final = 5

LET_THROUGH_MAX: Final = {5: 0.4, 20: 0.5, 200: 0.15, 2000: 0.05}
"""The share of views that may be let through, by audience: the aim of `core.disclosure`. `floor`
is what no rule betters that keeps to it."""

OWNED: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Shares of an audience that the creator of a padded canary owns, and a self-reporter."""

NAMED: Final = 20
"""Answers that differ between twins are named up to this number."""

CANARY_VIEWERS: Final = 200
SELF_REPORT_VIEWERS: Final = (20, 200)
EFFECTS: Final = 10
LOYALTIES: Final = (1.0, 0.3)
"""How probably a regular watches one video of a creator, at best and at worst for the creator."""

THIEVES: Final = {"thief": 91, "thief_waiting": 4, "thief_case": 1}
"""To how many days a dump dates a report: to the quarter; while it waits for a look, to half of the
most that it waits; and a case, as long as its dates are kept, to the day (ADR 0014)."""

LOOKED_HOURS: Final = (1, 4, 12, 24)
"""How soon after a report a moderator decides: when that was, a dump always tells."""

TRADE_OFF_K: Final = (10, 20, 30, 40, 50, K, 80, 100, 150, 200)
"""Sizes of the crowd that a team can choose from."""

CROWDS: Final = (K, 80, 100, 150, 200, 300, 500)
"""Sizes of the crowd at which more than a single effect is looked at."""

CROWD_VIEWERS: Final = (200, 2000)


def run(progress: Progress) -> dict[str, object]:
    """Measure, and return the figures.

    Raises:
        CannotMeasureError: the real system did not answer as it should.
    """
    return {**play_games(progress), **_twins(progress), **_timing(progress)}


def play_games(progress: Progress, runs: int = RUNS) -> dict[str, object]:
    """Play every game and return what came of it; those that take long half or a fifth as often."""
    return {
        "audiences": {str(n): _audience(n, runs, progress) for n in VIEWERS},
        "intersector": _intersectors(runs, progress),
        "canary": _canary(runs // 5, progress),
        "prober": _probers(runs // 5, progress),
        "self_reporter": _self_reporters(runs, progress),
        "moderator": _rounded(asdict(play_moderator(runs, SEED))),
        **{
            name: _thief(partial(play_thief, period_days=days, runs=runs, seed=SEED))
            for name, days in THIEVES.items()
        },
        "thief_looked": {
            str(hours): _thief(partial(play_looked, hours=hours, runs=runs, seed=SEED))
            for hours in LOOKED_HOURS
        },
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


def crowds(progress: Progress, runs: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return success and harm by audience and by *k*, for one and two reporters and ten effects."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for viewers in CROWD_VIEWERS:
        found[str(viewers)] = {}
        regulars = Regulars(viewers=viewers, loyalty=1.0)
        for k in CROWDS:
            one, two = _window(viewers, 1, runs, k), _window(viewers, 2, runs, k)
            ten = play_intersection(regulars, EFFECTS, BUDGET_EFFECTS, runs, SEED, k=k)
            figures = {
                "harm_added": one.harm_added,
                "one_reporter": one.success,
                "two_reporters": two.success,
                "ten_effects": ten.success,
            }
            found[str(viewers)][str(k)] = _rounded(figures)
            told = ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
            progress(f"{viewers} viewers, k = {k}: {told}")
    return found


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
        "floor": round(floor(viewers, viewers, 1, LET_THROUGH_MAX[viewers] * viewers), DIGITS),
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
            budgeted = play_intersection(regulars, EFFECTS, BUDGET_EFFECTS, runs // 2, SEED)
            least = floor(regulars.people, viewers, EFFECTS, LET_THROUGH_MAX[viewers] * viewers)
            progress(
                f"{viewers} viewers, {EFFECTS} effects, loyalty {loyalty}: named "
                f"{budgeted.success:.4f}, blindly {budgeted.blind:.4f}, at best {least:.4f}"
            )
            unbounded = play_intersection(regulars, EFFECTS, EFFECTS, runs // 5, SEED)
            found[f"{viewers} at {loyalty}"] = _rounded(
                {**asdict(budgeted), "floor": least, "without_budget": unbounded.success}
            )
    return found


def _canary(runs: int, progress: Progress) -> dict[str, object]:
    played = play_canary(CANARY_VIEWERS, OWNED, runs, SEED)
    progress("padded canary: " + ", ".join(f"{s:.0%} {w:.3f}" for s, (w, _) in played.items()))
    return {
        str(share): {"success": round(success, DIGITS), "blind": round(blind, DIGITS)}
        for share, (success, blind) in played.items()
    }


def _thief(play: Callable[[int], tuple[float, float]]) -> dict[str, object]:
    """A dump, by whose dates a log of views is narrowed."""
    return {
        str(viewers): dict(zip(("success", "blind"), play(viewers), strict=True))
        for viewers in VIEWERS
    }


def _probers(runs: int, progress: Progress) -> dict[str, object]:
    """Looks every second, beside the timed creator in the same runs."""
    found: dict[str, object] = {}
    for viewers in VIEWERS:
        probing, immediate = play_prober(viewers, runs, SEED)
        found[str(viewers)] = _rounded(
            {
                "success": probing.success,
                "timed_creator": _window(viewers, 1, runs).success,
                "immediate": immediate.success,
                "blind": probing.blind,
            }
        )
        progress(f"{viewers} viewers, a look each second: named {probing.success:.4f}")
    return found


def _self_reporters(runs: int, progress: Progress) -> dict[str, object]:
    found: dict[str, object] = {}
    for viewers in SELF_REPORT_VIEWERS:
        played = play_self_reporter(viewers, OWNED, runs, SEED)
        found[str(viewers)] = {str(share): _rounded(asdict(it)) for share, it in played.items()}
        told = ", ".join(f"{share:.0%} {it.recognised:.3f}" for share, it in played.items())
        progress(f"self-reporter, {viewers} viewers: {told}")
    return found


def _twins(progress: Progress) -> dict[str, object]:
    twins = compare_twins(progress)
    return {
        "twin_worlds": twins.worlds,
        "differing_bytes": twins.differing_bytes,
        "differing": twins.differing[:NAMED],
        "twin_answers": twins.answers,
        "twin_reports": twins.reports,
        "twin_disclosed": twins.disclosed,
    }


def _timing(progress: Progress) -> dict[str, object]:
    timed = time_answers(progress)
    return {
        "timing_t": round(timed.largest, 2),
        "timing_t_by_answer": {name: round(t, 2) for name, t in timed.t.items()},
        "timing_median_us": {name: round(us) for name, us in timed.median_us.items()},
        "timing_requests": timed.requests,
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    named = asdict(outcome)
    named["set_p5"] = named.pop("crowd_p5")
    return _rounded(named)


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in values.items()}


def _told(outcome: Outcome) -> str:
    return (
        f"named {outcome.success:.4f}, blindly {outcome.blind:.4f}, "
        f"views let through {outcome.harm_added:.3f}"
    )
