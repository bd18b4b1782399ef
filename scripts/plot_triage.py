"""The queue: harm that looks prevent by the order of the cases, and how long reports wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from plot_style import AMBER, BLUE, FAINT, GREEN, INK, RED, Look, fit_column, say

from underseal.core.figures import Z
from underseal.core.guideline import Severity
from underseal.lab.bench.triage import CAPACITIES, ORDERS, OVERLOADS, SEED, WORLDS
from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.triage.arrivals import HOURS, draw_arrivals
from underseal.lab.triage.cascades import Floats, draw_cascades
from underseal.lab.triage.owed import owe
from underseal.lab.triage.shift import look_hours, prevented
from underseal.lab.triage.waiting import Waits, told, waits

LOOKS: Final[Mapping[str, Look]] = {
    "oracle": Look(name="an oracle of the views to come", colour=INK, marker="x"),
    "ours": Look(name="Underseal", colour=GREEN, marker="D"),
    "cmu": Look(name="cμ: views of the last hour", colour=BLUE, marker="^"),
    "p": Look(name="probability alone", colour=AMBER, marker="s"),
    "fifo": Look(name="first come", colour=RED, marker="o"),
}

SEVERITY_LOOKS: Final[Mapping[Severity, Look]] = {
    Severity.GRAVE: Look(name="grave", colour=RED, marker="D"),
    Severity.HIGH: Look(name="high", colour=AMBER, marker="s"),
    Severity.MEDIUM: Look(name="medium", colour=BLUE, marker="^"),
    Severity.LOW: Look(name="low", colour=FAINT, marker="o"),
}

STAFFED: Final = tuple(sorted({*OVERLOADS, *CAPACITIES, 0.05, 0.3, 0.4, 0.8}))
"""Looks an hour: those of the bench, and some besides."""

TIMES: Final = {
    "the hour": 0,
    "1 hour": 1,
    "6 hours": 6,
    "1 day": 24,
    "1 week": 168,
    "3 weeks": 504,
}
"""Times of waiting that are named, in hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Harm prevented by order, a row a world and a column a capacity; and who waited under ours.

    `owed` are the looks an hour that are owed to reports, world by world.
    """

    harm: dict[str, list[list[float]]] = field(default_factory=lambda: {name: [] for name in LOOKS})
    waits: list[list[dict[Severity, Waits]]] = field(default_factory=list)
    owed: list[float] = field(default_factory=list)


def play_worlds() -> Results:
    """Play the worlds of the bench on the laboratory's cascades; what is owed comes first."""
    guidelines, results = own_guidelines(), Results()
    for world in range(WORLDS):
        arrivals = draw_arrivals(draw_cascades, guidelines, SEED + world)
        weights = {name: ORDERS[name](arrivals) for name in LOOKS}
        owed = owe(arrivals, guidelines, weights["ours"])
        results.owed.append(len(owed) / HOURS)
        for name, each in weights.items():
            looked = [look_hours(arrivals, each, capacity, owed) for capacity in STAFFED]
            results.harm[name].append([prevented(arrivals, hours) for hours in looked])
            if name == "ours":
                results.waits.append([waits(arrivals, owed, hours) for hours in looked])
        if (world + 1) % 5 == 0:
            say(f"the queue: {world + 1} of {WORLDS} worlds")
    return results


def draw_triage(figure: Figure) -> None:
    """Harm that looks prevent; what the forecast adds to it; and how long reports wait."""
    results = play_worlds()
    fit_column(figure, 10.2)
    harm, gain, waiting = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 3))
    prevented_by = {name: np.array(rows) for name, rows in results.harm.items()}
    for name, look in LOOKS.items():
        harm.plot(
            STAFFED,
            prevented_by[name].mean(0),
            marker=look.marker,
            color=look.colour,
            ms=5,
            label=look.name,
        )
    harm.set(xscale="log", ylim=(None, 1), ylabel="share of the harm prevented")
    harm.legend(frameon=False, loc="upper left")
    for name in ("oracle", "ours"):
        paired = prevented_by[name] - prevented_by["cmu"]
        _draw_gain(gain, paired.mean(0), Z * paired.std(0, ddof=1) / WORLDS**0.5, LOOKS[name])
    gain.axhline(0, color=LOOKS["cmu"].colour, lw=1.2)
    gain.set(ylabel="more than by cμ")
    _draw_waiting(waiting, results)
    for axes in (harm, gain, waiting):
        axes.axvline(fmean(results.owed), color=INK, lw=0.8, ls=":")
    waiting.set_xticks(STAFFED, [f"{each:g}" for each in STAFFED])
    waiting.minorticks_off()
    waiting.set_xlabel("looks an hour")


def _draw_gain(axes: Axes, mean: Floats, half: Floats, look: Look) -> None:
    axes.fill_between(STAFFED, mean - half, mean + half, color=look.colour, alpha=0.18, lw=0)
    axes.plot(STAFFED, mean, marker=look.marker, color=look.colour, ms=5)


def _draw_waiting(axes: Axes, results: Results) -> None:
    for severity, look in SEVERITY_LOOKS.items():
        hours = [
            told([world[place][severity] for world in results.waits])["p99_h"]
            for place in range(len(STAFFED))
        ]
        axes.plot(STAFFED, hours, marker=look.marker, color=look.colour, ms=5, label=look.name)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_yticks(list(TIMES.values()), TIMES)
    axes.set_ylabel("99 of 100 reports are looked at within")
    axes.minorticks_off()
    axes.grid(axis="y", color=FAINT, alpha=0.25)
    axes.legend(frameon=False)


PLOTS: Final[Mapping[str, Callable[[Figure], None]]] = {"judgement-triage": draw_triage}
