"""Which looks are owed, and until when: to reports, by the clocks of the real `core`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

import numpy as np

from underseal.core.case import CaseKind
from underseal.core.effect import REGRET_RATE_MIN, Context, Look, needs_look, waiting_from
from underseal.core.evidence import Weighting
from underseal.core.guideline import Guidelines
from underseal.core.priority import Priority, Standing, prioritise
from underseal.core.visibility import Level
from underseal.lab.triage.arrivals import HOURS, NEVER, Arrivals, assessment_of
from underseal.lab.triage.cascades import Floats
from underseal.lab.triage.orders import regret_a_view

BEGINNING: Final = datetime(2026, 3, 9, tzinfo=UTC)
"""When hour 0 is."""

WAITED_DAYS_MAX: Final = 7
"""Somebody looks at every report within so many days: what a deployment starts with."""

_HOUR: Final = timedelta(hours=1)
_DAY_HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A look that is owed: it is queued in an hour, a duty from another on, and late after a third.

    As in the product, clocks begin with the day; `late_after` gives back what that takes away.
    """

    priority: Priority
    queued: int
    duty_from: int
    late_after: int


def at(hour: int) -> datetime:
    """Return the time of an hour."""
    return BEGINNING + hour * _HOUR


def owe(arrivals: Arrivals, guidelines: Guidelines, regret: Floats) -> Mapping[int, Owed]:
    """Return what is owed by video; `regret` has the regret rates, as of `orders.ours`."""
    owed = {}
    for video in np.flatnonzero(arrivals.reported < NEVER).tolist():
        queued = _queued(arrivals, guidelines, regret, video)
        if queued is not None:
            owed[video] = _owed(arrivals, guidelines, video, *queued)
    return owed


def _queued(
    arrivals: Arrivals, guidelines: Guidelines, regret: Floats, video: int
) -> tuple[int, Look] | None:
    """The first hour from its report on at which a look is called for, and why."""
    reported = int(arrivals.reported[video])
    waits_from = waiting_from(at(reported).date(), WAITED_DAYS_MAX)
    next_day = reported - reported % _DAY_HOURS + _DAY_HOURS
    hours = {reported, *range(next_day, HOURS, _DAY_HOURS)}
    hours |= set(
        (reported + np.flatnonzero(regret[video, reported:] >= REGRET_RATE_MIN)[:1]).tolist()
    )
    assessment = assessment_of(arrivals, video, is_reported=True)
    a_view = regret_a_view(arrivals, video)
    for hour in sorted(hours):
        context = Context(
            level=Level.PUBLIC,
            published=True,
            qualifying_viewers=0,
            weighting=Weighting.PRIORITY_ONLY,
            guess_consent=False,
            views_per_hour=float(regret[video, hour]) / a_view,
            waited_days=(at(hour).date() - waits_from).days,
            waited_days_max=WAITED_DAYS_MAX,
        )
        look = needs_look((assessment,), guidelines, context)
        if look is not None:
            return hour, look
    return None


def _owed(arrivals: Arrivals, guidelines: Guidelines, video: int, hour: int, look: Look) -> Owed:
    """What `flow.assess` would put in the queue."""
    waits_from = waiting_from(at(int(arrivals.reported[video])).date(), WAITED_DAYS_MAX)
    queued_at = datetime.combine(at(hour).date(), time(), UTC)
    last = datetime.combine(waits_from + timedelta(days=WAITED_DAYS_MAX), time(), UTC)
    priority = prioritise(
        [assessment_of(arrivals, video, is_reported=True)],
        guidelines,
        Standing(
            kind=CaseKind.REVIEW,
            level=Level.PUBLIC,
            look=look,
            views_per_hour=0.0,
            queued_at=queued_at,
            reports_due_at=last,
        ),
    )
    assert priority.duty_from is not None, "whatever is reported is owed a look"
    return Owed(
        priority=priority,
        queued=hour,
        duty_from=max(hour, math.ceil((priority.duty_from - BEGINNING) / _HOUR)),
        late_after=hour + (priority.due_at - queued_at) // _HOUR,
    )
