"""`underseal bench triage`: what looks prevent and how long reports wait, by the order of the queue.

Underseal's queue beside first come first served, probability alone, the cμ rule, and an oracle that
knows the views to come. All see the same, and looks are never wrong: only the order is measured.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from underseal.core.guideline import Severity
from underseal.core.staffing import DAYS, Workload, staff
from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.triage.arrivals import HOURS, VIDEOS, Arrivals, draw_arrivals
from underseal.lab.triage.cascades import Floats, draw_cascades, read_traces, replay_traces
from underseal.lab.triage.orders import Order, c_mu, first_come, most_probable, oracle, ours
from underseal.lab.triage.owed import Owed, owe
from underseal.lab.triage.shift import NOTHING, Hours, by_due, look_hours, prevented
from underseal.lab.triage.waiting import Waits, told, waits

Progress = Callable[[str], None]

CAPACITIES: Final = (0.5, 1.2, 2.5)
"""Looks an hour; of a hundred videos 14, 35 and 72 can be looked at."""

OVERLOADS: Final = (0.1, 0.2)
"""Looks an hour; fewer than are owed, but more than are owed to what is grave."""

ORDERS: Final[Mapping[str, Order]] = MappingProxyType(
    {"fifo": first_come, "p": most_probable, "cmu": c_mu, "ours": ours, "oracle": oracle}
)

BASELINES: Final = ("fifo", "p", "cmu")

WORLDS: Final = 80
SEED: Final = 52_000
"""Worlds are drawn from this seed on. The forecast's form and the order of duties were chosen on
others, and on draws of the same recorded cascades."""

DIGITS: Final = 4

ALONE: Final = "_alone"
"""What ends the name of an order in which nobody is owed a look."""

BY_DUE: Final = "by_due"
"""Ours, but for duties: those go by the time they are due alone."""

NOTES: Final = (
    "Every order looks first at what is owed, as ours does. Under alone it goes by its weight only.",
    "The gain is over cμ with the same duties; in overload, over ours with duties by due date only.",
    "Waiting is from the first report to the look, of reports whose time was over with the weeks.",
    "What nobody had looked at by the end has waited until then, or longer.",
    "A report is late if it has waited longer than the clocks of its guideline allow.",
    "Nothing is held, and nobody appeals: duties are reports, and notices among them.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one order at one capacity, in one world."""

    prevented: float
    waits: Mapping[Severity, Waits]


Results = dict[tuple[float, str], list[Played]]
"""By looks an hour and order, a world each."""


def run(progress: Progress, traces: Path | None = None) -> dict[str, object]:
    """Measure, and return the figures; `traces` is a folder of recorded cascades.

    Raises:
        NoTracesError: there are none in it.
    """
    draw = draw_cascades if traces is None else partial(replay_traces, read_traces(traces))
    guidelines = own_guidelines()
    results: Results = {}
    needed: list[float] = []
    grave: list[float] = []
    for world in range(WORLDS):
        arrivals = draw_arrivals(draw, guidelines, SEED + world)
        weights = {name: order(arrivals) for name, order in ORDERS.items()}
        owed = owe(arrivals, guidelines, weights["ours"])
        for capacity in (*CAPACITIES, *OVERLOADS):
            for name, looked in _looks(arrivals, weights, owed, capacity):
                found = Played(
                    prevented=prevented(arrivals, looked), waits=waits(arrivals, owed, looked)
                )
                results.setdefault((capacity, name), []).append(found)
        needed.append(_looks_needed(owed))
        grave.append(sum(arrivals.guideline[each].grave for each in owed) / HOURS)
        if (world + 1) % 4 == 0:
            progress(f"{world + 1} of {WORLDS} worlds: {_progress(results)}")
    return {
        "capacities": {str(each): _figures(results, each) for each in CAPACITIES},
        "overload": {str(each): _overload(results, each) for each in OVERLOADS},
        "looks_needed_an_hour": round(float(np.mean(needed)), DIGITS),
        "grave_an_hour": round(float(np.mean(grave)), DIGITS),
        "worlds": WORLDS,
        "videos": VIDEOS,
        "seed": SEED,
        "cascades": "the laboratory's" if traces is None else "recorded",
        "notes": list(NOTES),
    }


def _looks(
    arrivals: Arrivals, weights: Mapping[str, Floats], owed: Mapping[int, Owed], capacity: float
) -> Iterable[tuple[str, Hours]]:
    """The hours of the looks under every order that is told of at a capacity."""
    for name, each in weights.items():
        yield name + ALONE, look_hours(arrivals, each, capacity, NOTHING)
        if capacity in CAPACITIES:
            yield name, look_hours(arrivals, each, capacity, owed)
    if capacity in OVERLOADS:
        yield "ours", look_hours(arrivals, weights["ours"], capacity, owed)
        yield BY_DUE, look_hours(arrivals, weights["ours"], capacity, owed, by_due)


def _looks_needed(owed: Mapping[int, Owed]) -> float:
    """How many looks an hour `core.staffing` says that it takes for nothing to be late."""
    opened: dict[int, float] = {}
    for each in owed.values():
        days = (each.late_after - each.queued) // 24
        opened[days] = opened.get(days, 0.0) + 24 / HOURS
    return (
        staff(
            Workload(due={}, opened=opened, looks_a_day=0.0, looks_a_person=1.0), DAYS
        ).looks_needed
        / 24
    )


def _figures(results: Results, capacity: float) -> dict[str, object]:
    """Means over worlds; the gain over cμ is paired, as both see the same worlds."""
    shares = {name: _shares(results[capacity, name]) for name in ORDERS}
    means = {name: float(each.mean()) for name, each in shares.items()}
    gain, error = _paired(shares["ours"] - shares["cmu"])
    return {
        **_rounded(means),
        **_rounded(
            {
                "gain": gain,
                "gain_low": gain - error,
                "gain_high": gain + error,
                "gap_closed": gain / (means["oracle"] - means["cmu"]),
            }
        ),
        "waiting": _waiting(results[capacity, "ours"]),
        "alone": _alone(results, capacity),
    }


def _alone(results: Results, capacity: float) -> dict[str, object]:
    """The same orders where nobody is owed a look."""
    shares = {name: _shares(results[capacity, name + ALONE]) for name in ORDERS}
    gain, error = _paired(shares["ours"] - shares["cmu"])
    return {
        **_rounded({name: float(each.mean()) for name, each in shares.items()}),
        **_rounded({"gain": gain, "gain_low": gain - error, "gain_high": gain + error}),
        "waiting": {name: _waiting(results[capacity, name + ALONE]) for name in BASELINES},
    }


def _overload(results: Results, capacity: float) -> dict[str, object]:
    """What is left of all that where nobody could meet the dates."""
    names = ("ours", BY_DUE, *(each + ALONE for each in BASELINES))
    shares = {name: _shares(results[capacity, name]) for name in names}
    gain, error = _paired(shares["ours"] - shares[BY_DUE])
    return {
        **_rounded({name: float(each.mean()) for name, each in shares.items()}),
        **_rounded({"gain": gain, "gain_low": gain - error, "gain_high": gain + error}),
        "waiting": {name: _waiting(results[capacity, name]) for name in names},
    }


def _waiting(played: Sequence[Played]) -> dict[str, dict[str, float]]:
    return {each.value: told([world.waits[each] for world in played]) for each in Severity}


def _shares(played: Sequence[Played]) -> Floats:
    return np.array([each.prevented for each in played])


def _paired(gains: Floats) -> tuple[float, float]:
    """The mean over worlds, and how far its interval of 95 % reaches on each side."""
    return float(gains.mean()), float(1.96 * gains.std(ddof=1) / np.sqrt(len(gains)))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(figure, DIGITS) for name, figure in figures.items()}


def _progress(results: Results) -> str:
    shares = ((name, _shares(results[CAPACITIES[0], name])) for name in ORDERS)
    return ", ".join(f"{name} {each.mean():.3f}" for name, each in shares)
