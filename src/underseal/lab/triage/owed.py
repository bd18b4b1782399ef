"""Which looks are owed, and until when: to reports, by the clocks of the real `core`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np

from underseal.core.case import CaseKind
from underseal.core.effect import (
    REGRET_RATE_MIN,
    REPORTED_RATE_MIN,
    REPORTED_VIEWERS_MIN,
    Context,
    Look,
    needs_look,
    owed_from,
    waiting_from,
)
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
        calls = list(_calls(arrivals, guidelines, regret, video))
        if calls:
            owed[video] = _soonest([_owed(arrivals, guidelines, video, *call) for call in calls])
    return owed


def _calls(
    arrivals: Arrivals, guidelines: Guidelines, regret: Floats, video: int
) -> Iterator[tuple[int, Look]]:
    """The hours from its report on at which a look is called for anew, and why; clocks run ahead."""
    reported = int(arrivals.reported[video])
    next_day = reported - reported % _DAY_HOURS + _DAY_HOURS
    hours = {reported, *range(next_day, HOURS, _DAY_HOURS)}
    rates, seen = regret[video, reported:], arrivals.seen[video, reported:]
    is_worth_it = (rates >= REPORTED_RATE_MIN) & (seen >= REPORTED_VIEWERS_MIN)
    for holds in (is_worth_it, rates >= REGRET_RATE_MIN):
        hours |= set((reported + np.flatnonzero(holds)[:1]).tolist())
    assessment = assessment_of(arrivals, video, is_reported=True)
    a_view = regret_a_view(arrivals, video)
    last = None
    for hour in sorted(hours):
        waited = at(hour).date() - _waits_from(arrivals, video)
        context = Context(
            level=Level.PUBLIC,
            published=True,
            qualifying_viewers=int(arrivals.seen[video, hour]),
            weighting=Weighting.PRIORITY_ONLY,
            guess_consent=False,
            views_per_hour=float(regret[video, hour]) / a_view,
            waited_days=0 if last else waited.days,
            waited_days_max=WAITED_DAYS_MAX,
            is_queued=last is not None,
        )
        look = needs_look((assessment,), guidelines, context)
        if look is not None and look is not last:
            yield hour, look
            last = look
        if last not in {None, Look.REPORTED}:
            return


def _owed(arrivals: Arrivals, guidelines: Guidelines, video: int, called: int, look: Look) -> Owed:
    """What `flow.assess` would put in the queue."""
    waits_from, hour = _waits_from(arrivals, video), called
    if look is Look.REPORTED:
        hour = max(hour, _hour_of(owed_from(waits_from, WAITED_DAYS_MAX)))
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
        queued=called,
        duty_from=max(hour, math.ceil((priority.duty_from - BEGINNING) / _HOUR)),
        late_after=min(
            hour + (priority.due_at - queued_at) // _HOUR,
            int(arrivals.reported[video]) + _DAY_HOURS * WAITED_DAYS_MAX,
        ),
    )


def _soonest(calls: Sequence[Owed]) -> Owed:
    """What several calls for a look come to: queued by the first, and due by whichever is soonest."""
    first, soonest = calls[0], min(calls, key=lambda each: each.priority.due_at)
    return replace(
        soonest,
        queued=first.queued,
        duty_from=min(each.duty_from for each in calls),
        late_after=min(each.late_after for each in calls),
    )


def _hour_of(day: date) -> int:
    """The hour in which a day begins."""
    return (day - BEGINNING.date()).days * _DAY_HOURS


def _waits_from(arrivals: Arrivals, video: int) -> date:
    return waiting_from(at(int(arrivals.reported[video])).date(), WAITED_DAYS_MAX)
