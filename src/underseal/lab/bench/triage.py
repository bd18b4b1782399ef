"""`underseal bench triage`: how much harm a look prevents, by the order in which cases are looked at.

Underseal's queue beside first come first served, probability alone, the cμ rule, and an oracle that
knows the views to come. All see the same, and looks are never wrong: only the order is measured.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.triage.arrivals import VIDEOS, draw_arrivals
from underseal.lab.triage.cascades import Floats, draw_cascades, read_traces, replay_traces
from underseal.lab.triage.orders import c_mu, first_come, most_probable, oracle, ours
from underseal.lab.triage.shift import harm_prevented

Progress = Callable[[str], None]

CAPACITIES: Final = (0.5, 1.2, 2.5)
"""Looks an hour; of a hundred videos 14, 35 and 72 can be looked at."""

ORDERS: Final = {
    "fifo": first_come,
    "p": most_probable,
    "cmu": c_mu,
    "ours": ours,
    "oracle": oracle,
}

WORLDS: Final = 150
SEED: Final = 52_000
"""Worlds are drawn from this seed on. The forecast's form was chosen on others, and on draws of the
same recorded cascades."""

DIGITS: Final = 4


def run(progress: Progress, traces: Path | None = None) -> dict[str, object]:
    """Measure, and return the figures; `traces` is a folder of recorded cascades.

    Raises:
        NoTracesError: there are none in it.
    """
    draw = draw_cascades if traces is None else partial(replay_traces, read_traces(traces))
    guidelines = own_guidelines()
    prevented = {name: np.zeros((WORLDS, len(CAPACITIES))) for name in ORDERS}
    for world in range(WORLDS):
        arrivals = draw_arrivals(draw, guidelines, SEED + world)
        for name, order in ORDERS.items():
            weights = order(arrivals)
            prevented[name][world] = [
                harm_prevented(arrivals, weights, capacity) for capacity in CAPACITIES
            ]
        if (world + 1) % 10 == 0:
            progress(f"{world + 1} of {WORLDS} worlds: {_told(prevented, world + 1)}")
    return {
        "capacities": {
            str(capacity): _figures({name: all_[:, place] for name, all_ in prevented.items()})
            for place, capacity in enumerate(CAPACITIES)
        },
        "worlds": WORLDS,
        "videos": VIDEOS,
        "seed": SEED,
        "cascades": "the laboratory's" if traces is None else "recorded",
    }


def _figures(prevented: dict[str, Floats]) -> dict[str, float]:
    """Means over worlds; the gain over cμ is paired, as both see the same worlds."""
    figures = {name: float(shares.mean()) for name, shares in prevented.items()}
    gain = prevented["ours"] - prevented["cmu"]
    error = 1.96 * float(gain.std(ddof=1)) / np.sqrt(len(gain))
    figures["gain"] = float(gain.mean())
    figures["gain_low"] = figures["gain"] - float(error)
    figures["gain_high"] = figures["gain"] + float(error)
    figures["gap_closed"] = figures["gain"] / (figures["oracle"] - figures["cmu"])
    return {name: round(figure, DIGITS) for name, figure in figures.items()}


def _told(prevented: dict[str, Floats], worlds: int) -> str:
    means = {name: shares[:worlds, 0].mean() for name, shares in prevented.items()}
    return ", ".join(f"{name} {mean:.3f}" for name, mean in means.items())
