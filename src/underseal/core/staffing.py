"""How much will wait, and how many people it takes that nothing waits too long.

Whoever looks at what is due first meets all dates if anybody could: so it is enough to count, for
each day to come, what is due by then (the demand bound of earliest deadline first: Baruah et al.,
RTSS 1990).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DAYS: Final = 14
"""How far ahead it looks: a duty roster's time. A setting."""

BUSY_Z: Final = 1.2815515655446004
"""The 90th percentile of the standard normal distribution: what opens varies by chance, and the
need is that of a spell that is busier than nine in ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What waits, and what is expected to come.

    `due` has the cases that wait by the days left until they are due, 0 for today and for what is
    late; `opened` the cases that a day brings, by the days that they may wait. `looks_a_day` is how
    many are decided a day, and `looks_a_person` how many one person decides on a busy day.

    Raises:
        ValueError: a number is negative, or `looks_a_person` is not positive.
    """

    due: Mapping[int, int]
    opened: Mapping[int, float]
    looks_a_day: float
    looks_a_person: float

    def __post_init__(self) -> None:
        counts = [*self.due, *self.due.values(), *self.opened, *self.opened.values()]
        if min([*counts, self.looks_a_day]) < 0 or self.looks_a_person <= 0:
            raise ValueError("a workload has no negative numbers, and people who look at something")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What follows from a workload.

    `backlog` is what waits at the end of each of the days to come, today first, and `late` how much
    of it is late by then, at the present pace. With `looks_needed` a day nothing is late, but for
    what was late before; `people_needed` work on each day then.
    """

    backlog: tuple[float, ...]
    late: tuple[float, ...]
    looks_needed: float
    people_needed: int


def staff(workload: Workload, days: int = DAYS) -> Staffing:
    """Return what will wait in the `days` to come, and who it takes."""
    waiting: dict[int, float] = {left: float(cases) for left, cases in workload.due.items()}
    backlog, late = [], []
    for day in range(days):
        for wait, cases in workload.opened.items():
            waiting[day + wait] = waiting.get(day + wait, 0.0) + cases
        looks = workload.looks_a_day
        for last in sorted(waiting):
            looked_at = min(looks, waiting[last])
            waiting[last] -= looked_at
            looks -= looked_at
        backlog.append(math.fsum(waiting.values()))
        late.append(math.fsum(cases for last, cases in waiting.items() if last <= day))
    needed = max(
        [_busy(days * math.fsum(workload.opened.values())) / days]
        + [_due_by(workload, day) / (day + 1) for day in range(days)]
    )
    return Staffing(
        backlog=tuple(backlog),
        late=tuple(late),
        looks_needed=needed,
        people_needed=math.ceil(needed / workload.looks_a_person),
    )


def _due_by(workload: Workload, day: int) -> float:
    """How much is due by the end of a day: of what waits now, and of what a busy spell brings."""
    waits = sum(cases for left, cases in workload.due.items() if left <= day)
    coming = ((day - wait + 1) * cases for wait, cases in workload.opened.items() if wait <= day)
    return waits + _busy(math.fsum(coming))


def _busy(expected: float) -> float:
    """What comes of so many expected (Poisson) in a busy spell."""
    return expected + BUSY_Z * math.sqrt(expected)
