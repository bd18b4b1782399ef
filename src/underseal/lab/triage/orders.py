"""In which order cases are looked at: Underseal's, the usual ones, and one that knows the future.

An order weighs every video at every full hour: a row a video, a column an hour. What weighs most of
all that waits is looked at next.
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from underseal.core.effect import regret_rate
from underseal.core.reach import HORIZON, UNTAUGHT, Outlook, Seen, forecast, learn
from underseal.core.visibility import Level
from underseal.lab.triage.arrivals import HOURS, Arrivals, assessment_of
from underseal.lab.triage.cascades import Floats

Order = Callable[[Arrivals], Floats]

_HOUR = timedelta(hours=1)
_DAY_HOURS = HORIZON // _HOUR


def first_come(arrivals: Arrivals) -> Floats:
    """The oldest first."""
    return _always(-arrivals.published.astype(np.float64))


def most_probable(arrivals: Arrivals) -> Floats:
    """By the probability of a breach alone."""
    return _always(arrivals.log_odds)


def c_mu(arrivals: Arrivals) -> Floats:
    """By probability, severity and present views: the cμ rule, and the optimum of CURB."""
    return _harm_a_view(arrivals)[:, None] * _rates(arrivals)


def oracle(arrivals: Arrivals) -> Floats:
    """By probability, severity and the views that will really come."""
    to_come = arrivals.seen[:, HOURS:] - arrivals.seen
    return _harm_a_view(arrivals)[:, None] * to_come


def ours(arrivals: Arrivals) -> Floats:
    """By the regret rate of `core.effect` under the forecast of `core.reach`, learnt on the way."""
    rates = _rates(arrivals)
    regret = [regret_a_view(arrivals, video) for video in range(len(arrivals.published))]
    weights = np.zeros_like(rates)
    outlook = UNTAUGHT
    for hour in range(1, HOURS):
        if hour > _DAY_HOURS:
            outlook = _learn_hour(outlook, arrivals, rates, hour - _DAY_HOURS)
        told = forecast(outlook)
        for video in np.flatnonzero(arrivals.published < hour).tolist():
            seen = Seen(rate=float(rates[video, hour]), total=float(arrivals.seen[video, hour]))
            weights[video, hour] = regret[video] * told.views_per_hour(seen)
    return weights


def regret_a_view(arrivals: Arrivals, video: int) -> float:
    """Return the regret of one view an hour, as the queue reckons it."""
    assessment = assessment_of(arrivals, video, is_reported=False)
    return regret_rate(assessment, arrivals.guideline[video], Level.PUBLIC, 1.0)


def _learn_hour(outlook: Outlook, arrivals: Arrivals, rates: Floats, hour: int) -> Outlook:
    """Learn from what was watched in an hour that is a day old."""
    after = (arrivals.seen[:, hour + _DAY_HOURS] - arrivals.seen[:, hour]) / _DAY_HOURS
    observed = [
        (
            Seen(rate=float(rates[video, hour]), total=float(arrivals.seen[video, hour])),
            float(after[video]),
        )
        for video in np.flatnonzero(rates[:, hour])
    ]
    return learn(outlook, observed, _HOUR)


def _always(weights: Floats) -> Floats:
    return np.repeat(weights[:, None], HOURS + 1, axis=1)


def _rates(arrivals: Arrivals) -> Floats:
    return np.diff(arrivals.seen, axis=1, prepend=0.0)


def _harm_a_view(arrivals: Arrivals) -> Floats:
    harm = np.array([each.costs[Level.PUBLIC].harm for each in arrivals.guideline])
    return np.asarray(harm / (1 + np.exp(-arrivals.log_odds)))
