"""Attacks by reports: what they get under each rule, what is let through, and what an attack costs."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from plot_style import AMBER, BLUE, GREEN, INK, RED, Look, fit_column, say

from underseal.core.figures import Share
from underseal.lab.bench.brigade import (
    CAMOUFLAGES,
    CURVE,
    CURVE_SEEDS,
    RULES,
    SEEDS,
    SIZES,
    T,
    cost_of_attack,
    score,
    wrongly_restricted,
)
from underseal.lab.platform.play import play_world
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.world import draw_world

LOOKS: Final[Mapping[str, Look]] = {
    "": Look(name="Underseal", colour=GREEN, marker="D"),
    "_count5": Look(name="five reports", colour=RED, marker="o"),
    "_discourse": Look(name="Discourse's score", colour=AMBER, marker="s"),
    "_naive_bayes": Look(name="naive Bayes", colour=BLUE, marker="^"),
}
"""How each rule is drawn, by the suffix of its figures."""

LONG_HOURS: Final = 8.0
"""How long attacks hold videos in the mean where the colour is full."""

STRONG: Final = 0.6
"""The part of the full colour from which on text is white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What came of all worlds under one rule: attacks and holds by size and camouflage, harm by world."""

    attacks: Counter[tuple[int, bool]] = field(default_factory=Counter)
    held: Counter[tuple[int, bool]] = field(default_factory=Counter)
    harm: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def share(self, size: int, *, camouflaged: bool) -> Share:
        """Return how many attacked videos were held."""
        kind = size, camouflaged
        return Share(hits=self.held[kind], cases=self.attacks[kind])


def play_worlds() -> Mapping[str, Outcomes]:
    """Play the worlds of the bench under every rule."""
    outcomes = {suffix: Outcomes() for suffix in RULES}
    for seed in SEEDS:
        world = draw_world(Settings(), seed)
        for suffix, rule in RULES.items():
            say(f"world {seed}: {LOOKS[suffix].name}")
            played, found = play_world(world, rule), outcomes[suffix]
            held = wrongly_restricted(played)
            for each in world.attacks:
                kind = each.size, each.camouflage > 0
                found.attacks[kind] += 1
                found.held[kind] += each.video in held
            for detected, harm in found.harm.items():
                harm.append(score(played, detected=detected).harm_left)
    return outcomes


def draw_brigades(figure: Figure) -> None:
    """Attacked videos that were held, by the size of the brigade; below, harm let through."""
    outcomes = play_worlds()
    fit_column(figure, 9.6)
    above, below = figure.subfigures(2, 1, height_ratios=(5, 2))
    bare, camouflaged = above.subplots(2, 1, sharex=True)
    _draw_held(bare, outcomes, camouflaged=False)
    _draw_held(camouflaged, outcomes, camouflaged=True)
    camouflaged.set_xlabel("accounts of the brigade")
    handles, names = bare.get_legend_handles_labels()
    above.legend(handles, names, frameon=False, ncols=4, loc="outside upper center")
    _draw_harm(below.subplots(), outcomes)


def _draw_held(axes: Axes, outcomes: Mapping[str, Outcomes], *, camouflaged: bool) -> None:
    sizes = Settings().attackers.sizes
    for place, (suffix, found) in enumerate(outcomes.items()):
        beside = [size * 1.035 ** (place - 1.5) for size in sizes]
        shares = [found.share(size, camouflaged=camouflaged) for size in sizes]
        look, held = LOOKS[suffix], [each.value or 0.0 for each in shares]
        axes.plot(beside, held, marker=look.marker, color=look.colour, ms=5, label=look.name)
        lows, highs = zip(*(each.interval for each in shares), strict=True)
        axes.vlines(beside, lows, highs, color=look.colour, lw=1, alpha=0.7)
    invested = sorted({each for each in Settings().attackers.camouflages if each})
    title = "No true reports invested"
    if camouflaged:
        title = f"Each account invested {invested[0]} to {invested[-1]} true reports"
    axes.set(xscale="log", ylim=(-0.03, 1.03), ylabel="attacked videos held", title=title)
    axes.set_xticks(sizes, [str(each) for each in sizes])
    axes.minorticks_off()


def _draw_harm(axes: Axes, outcomes: Mapping[str, Outcomes]) -> None:
    for row, suffix in enumerate(reversed(outcomes)):
        look = LOOKS[suffix]
        for detected, above, face in ((True, 0.14, look.colour), (False, -0.14, "white")):
            harm = outcomes[suffix].harm[detected]
            half = T * stdev(harm) / len(harm) ** 0.5
            axes.hlines(
                row + above, fmean(harm) - half, fmean(harm) + half, color=look.colour, lw=1.4
            )
            axes.plot(
                fmean(harm), row + above, look.marker, color=look.colour, mfc=face, ms=7, zorder=3
            )
    axes.set_yticks(range(len(LOOKS)), [LOOKS[each].name for each in reversed(outcomes)])
    axes.set(
        xlim=(0, None),
        ylim=(-0.5, len(LOOKS) - 0.5),
        xlabel="share of the harm let through (filled: where a detector looks)",
    )


def draw_cost(figure: Figure) -> None:
    """How long an attack holds a video, and what an hour of it costs, by size and camouflage."""
    fit_column(figure, 7.4)
    panels = figure.subplots(2, 1, sharex=True)
    for axes, suffix in zip(panels, ("", "_naive_bayes"), strict=True):
        costs = cost_of_attack(CURVE, CURVE_SEEDS, say, RULES[suffix])
        for each in costs:
            _draw_cost(axes, each)
        axes.set_yticks(range(len(SIZES)), [str(each) for each in SIZES])
        axes.set(title=LOOKS[suffix].name, ylabel="accounts of the brigade")
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
    panels[-1].set_xticks(range(len(CAMOUFLAGES)), [str(each) for each in CAMOUFLAGES])
    panels[-1].set_xlabel("true reports that each account invested before")
    figure.suptitle(
        "Hours that an attack holds a video; below, true reports invested per hour", fontsize=11
    )


def _draw_cost(axes: Axes, cost: Mapping[str, Any]) -> None:
    """One kind of brigade: the longer an attack holds a video in the mean, the redder."""
    column, row = CAMOUFLAGES.index(cost["camouflage"]), SIZES.index(cost["size"])
    hours = cost["hours_held"] / cost["attacks"]
    strength = min(hours / LONG_HOURS, 1.0)
    colour = to_rgba(RED, strength) if hours else to_rgba(GREEN, 0.12)
    axes.fill_between((column - 0.48, column + 0.48), row - 0.46, row + 0.46, color=colour, lw=0)
    text = {"ha": "center", "color": "white" if strength > STRONG else INK}
    if not hours:
        axes.text(column, row, "never", va="center", **text)
        return
    each = cost["reports_per_hour"]
    axes.text(column, row + 0.04, f"{hours:.1f} h", va="bottom", fontsize=12, **text)
    price = f"{each:,.1f}".removesuffix(".0") if each else "free"
    axes.text(column, row - 0.06, price, va="top", fontsize=10, **text)


PLOTS: Final[Mapping[str, Callable[[Figure], None]]] = {
    "judgement-brigades": draw_brigades,
    "judgement-cost": draw_cost,
}
