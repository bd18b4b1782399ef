"""A shift that never ends: so many looks an hour, each at what the order puts first."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.priority import WAITED_RANK, Priority, order_key
from underseal.core.visibility import Level
from underseal.lab.triage.arrivals import HOURS, NEVER, Arrivals
from underseal.lab.triage.cascades import Floats
from underseal.lab.triage.owed import Owed, at

Hours = NDArray[np.int64]
Key = Callable[[Priority, datetime], tuple[int, float, float]]
"""What sorts duties: `core.priority.order_key`, or what it is compared with."""

NOTHING: Final[Mapping[int, Owed]] = MappingProxyType({})
"""Nobody is owed a look."""

_SECOND: Final = timedelta(seconds=1)


def look_hours(
    arrivals: Arrivals,
    weights: Floats,
    looks_an_hour: float,
    owed: Mapping[int, Owed] = NOTHING,
    key: Key = order_key,
) -> Hours:
    """Return the hour of the look at each video, or `NEVER`.

    What is owed comes by `key`; what this does not count as a duty comes by its weight, as all else.
    """
    looked = np.full(len(arrivals.published), NEVER)
    coming = sorted(owed, key=lambda video: -owed[video].duty_from)
    duties: set[int] = set()
    looks, count = 0.0, 0
    for hour in range(1, HOURS):
        looks += looks_an_hour
        while coming and owed[coming[-1]].duty_from <= hour:
            duties.add(coming.pop())
        now = weights[:, hour].copy()
        now[(looked < NEVER) | (arrivals.published >= hour)] = -np.inf
        while looks >= 1 and (video := int(now.argmax())) >= 0 and now[video] > -np.inf:
            moment = at(hour) + count % 60 * _SECOND
            waiting = [each for each in duties if looked[each] == NEVER]
            first = min(waiting, key=lambda each: key(owed[each].priority, moment), default=None)
            if first is not None and key(owed[first].priority, moment)[0] <= WAITED_RANK:
                video = first
            looked[video], now[video] = hour, -np.inf
            duties.discard(video)
            looks, count = looks - 1, count + 1
        looks = min(looks, 1.0)
    return looked


def by_due(priority: Priority, _now: datetime) -> tuple[int, float, float]:
    """What due dates alone would have: all duties by the time they are due."""
    return 0, priority.due_at.timestamp(), -priority.rate


def prevented(arrivals: Arrivals, looked: Hours) -> float:
    """Return the share of the harm that would be done without looks which looks prevent.

    Harm is views of what is violating, weighed by what its guideline says that one costs. A look
    takes effect at once and is never wrong: only the order is measured.
    """
    harm = arrivals.violating * np.array(
        [each.costs[Level.PUBLIC].harm for each in arrivals.guideline]
    )
    all_ = arrivals.seen[:, HOURS]
    at_look = arrivals.seen[np.arange(len(looked)), np.minimum(looked, HOURS)]
    return float((harm * (all_ - at_look)).sum() / (harm * all_).sum())


def harm_prevented(arrivals: Arrivals, weights: Floats, looks_an_hour: float) -> float:
    """Return what `prevented` says where nobody is owed a look."""
    return prevented(arrivals, look_hours(arrivals, weights, looks_an_hour))
