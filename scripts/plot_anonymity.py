"""Anonymity: what creators find out about their reporters, and what the rule lets through for it."""

from collections.abc import Callable, Mapping
from typing import Final

from matplotlib.figure import Figure
from plot_style import COLOURS, INK, say

from underseal.core.disclosure import K
from underseal.lab.anonymity.canary_game import play_canary
from underseal.lab.anonymity.floor import floor, least_let_through
from underseal.lab.anonymity.intersection_game import Regulars, play_intersection
from underseal.lab.anonymity.self_reporter_game import play_self_reporter
from underseal.lab.bench.anonymity import (
    EFFECTS,
    SEED,
    SELF_REPORT_VIEWERS,
    VIEWERS,
    crowds,
    trade_off,
)

RUNS: Final = 4_000
CROWD_RUNS: Final = 5_000
OWNED: Final = tuple(share / 20 for share in range(20))


def draw_trade_off(figure: Figure) -> None:
    """Views let through against the creator's success, over *k*, for each audience."""
    axes = figure.subplots()
    for colour, (viewers, curve) in zip(COLOURS, trade_off(say, RUNS).items(), strict=True):
        points = [(each["success"], each["harm_added"]) for each in curve.values()]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, ms=3, label=f"{viewers} viewers")
        axes.plot(curve[str(K)]["success"], curve[str(K)]["harm_added"], "D", color=colour, ms=8)
        axes.axvline(curve[str(K)]["blind"], color=colour, lw=0.8, ls=":")
    some = [0.005 * 1.08**step for step in range(1, 42)]
    axes.plot(
        some, [least_let_through(each, 200) / 200 for each in some], "--", color=COLOURS[2], lw=1
    )
    axes.set(
        xscale="log",
        xlabel="how often the creator names a reporter (dotted: by guessing)",
        ylabel="share of all views let through",
        title=f"Each point a k from 10 to 200; diamonds: k = {K}; dashed: what no rule betters at 200",
    )
    axes.legend(frameon=False)


def draw_canary(figure: Figure) -> None:
    """Success by the share of the audience that the creator owns."""
    axes = figure.subplots()
    for colour, viewers in zip(COLOURS, VIEWERS, strict=True):
        played = play_canary(viewers, OWNED, RUNS // 4, SEED)
        axes.plot(
            OWNED, [won for won, _ in played.values()], color=colour, label=f"{viewers} viewers"
        )
        axes.plot(OWNED, [blind for _, blind in played.values()], color=colour, lw=0.8, ls=":")
    axes.set(
        yscale="log",
        xlabel="share of the audience that is the creator's own",
        ylabel="how often the reporter is named (dotted: by guessing)",
        title="A padded canary",
    )
    axes.legend(frameon=False)


def draw_intersector(figure: Figure) -> None:
    """Success after ten effects by how many of them the same reporter is behind."""
    axes = figure.subplots()
    behind = (1, 2, 3, 4, 6, 8, 10)
    for colour, loyalty in zip(COLOURS, (1.0, 0.3), strict=False):
        regulars = Regulars(viewers=200, loyalty=loyalty)
        won = [
            play_intersection(regulars, EFFECTS, each, RUNS // 2, SEED).success for each in behind
        ]
        axes.plot(
            behind, won, "o-", color=colour, label=f"a regular watches {loyalty:.0%} of the videos"
        )
    axes.axhline(1 / 200, color=INK, lw=0.8, ls=":")
    axes.set(
        yscale="log",
        xlabel="of ten effects on one creator, those that the same reporter is behind",
        ylabel="how often the reporter is named (dotted: by guessing)",
        title="An intersector, 200 viewers a video",
    )
    axes.legend(frameon=False)


def draw_crowds(figure: Figure) -> None:
    """Times as often as by guessing against views let through, over *k*, with more to go by."""
    axes = figure.subplots()
    shares = [0.02 * 1.1**step for step in range(34)]
    for colour, (viewers, curve) in zip(COLOURS[2:], crowds(say, CROWD_RUNS).items(), strict=True):
        size = int(viewers)
        harm = [each["harm_added"] for each in curve.values()]
        for name, style, blind in (("ten effects", "o-", 1), ("two reporters", "s:", 2)):
            won = [each[name.replace(" ", "_")] * size / blind for each in curve.values()]
            axes.plot(harm, won, style, color=colour, ms=4, label=f"{name}, {viewers} viewers")
        least = [floor(size, size, EFFECTS, share * size) * size for share in shares]
        axes.plot(shares, least, "--", color=colour, lw=1)
    axes.axhline(2, color=INK, lw=0.8, ls=":")
    axes.set(
        yscale="log",
        xlabel="share of all views let through",
        ylabel="named so many times as often as by guessing (dotted: twice)",
        title=f"Each point a k from {K} to 500; dashed: what no rule betters for ten effects",
    )
    axes.legend(frameon=False)


def draw_self_reporter(figure: Figure) -> None:
    """How often a self-reporter is right, by the share of the audience that they own."""
    axes = figure.subplots()
    for colour, viewers in zip(COLOURS[1:], SELF_REPORT_VIEWERS, strict=False):
        played = play_self_reporter(viewers, OWNED, RUNS, SEED)
        recognised = [each.recognised for each in played.values()]
        axes.plot(OWNED, recognised, color=colour, label=f"{viewers} viewers")
        axes.plot(OWNED, [each.success for each in played.values()], color=colour, ls="--", lw=1)
        axes.plot(OWNED, [each.blind for each in played.values()], color=colour, lw=0.8, ls=":")
    axes.set(
        xlabel="share of the audience that is the creator's own (without any they only wait)",
        ylabel="how often they are right (dotted: by guessing)",
        title="Has anybody else reported? Dashed: own accounts count as viewers",
    )
    axes.legend(frameon=False)


PLOTS: Final[Mapping[str, Callable[[Figure], None]]] = {
    "anonymity-trade-off": draw_trade_off,
    "anonymity-canary": draw_canary,
    "anonymity-intersector": draw_intersector,
    "anonymity-crowds": draw_crowds,
    "anonymity-self-reporter": draw_self_reporter,
}
