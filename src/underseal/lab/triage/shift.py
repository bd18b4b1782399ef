"""A shift that never ends: so many looks an hour, each at what the order puts first."""

import numpy as np

from underseal.core.visibility import Level
from underseal.lab.triage.arrivals import HOURS, Arrivals
from underseal.lab.triage.cascades import Floats


def harm_prevented(arrivals: Arrivals, weights: Floats, looks_an_hour: float) -> float:
    """Return the share of the harm that would be done without looks which looks prevent.

    Harm is views of what is violating, weighed by what its guideline says that one costs. A look
    takes effect at once and is never wrong: only the order is measured.
    """
    waits = np.ones(len(arrivals.published), dtype=bool)
    harm = arrivals.violating * np.array(
        [each.costs[Level.PUBLIC].harm for each in arrivals.guideline]
    )
    prevented, looks = 0.0, 0.0
    for hour in range(1, HOURS):
        looks += looks_an_hour
        waiting = np.flatnonzero(waits & (arrivals.published < hour))
        chosen = waiting[np.argsort(-weights[waiting, hour], kind="stable")[: int(looks)]]
        looks = min(looks - len(chosen), 1.0)
        waits[chosen] = False
        left = arrivals.seen[chosen, HOURS] - arrivals.seen[chosen, hour]
        prevented += float((harm[chosen] * left).sum())
    return prevented / float((harm * arrivals.seen[:, HOURS]).sum())
