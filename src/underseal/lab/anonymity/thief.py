"""The thief: who has a dump of the database, and perhaps a log of who watched what and when.

The dump says on which date a report was filed, and its pseudonym means nothing without a key. With
the log, all who watched up to then are suspect, each by the probability that they filed it then.
"""

import numpy as np

from underseal.lab.anonymity.audience import draw_audience, draw_reports
from underseal.lab.anonymity.rules import Times, likeliest, reported_by

DAY_MIN = 24 * 60.0
WEEK_DAYS = 7


def suspect_by_date(filed_on: int, viewed_at: Times, dates_days: int) -> Times:
    """Return the posterior of each viewer; dates count periods of `dates_days` days."""
    period = dates_days * DAY_MIN
    weights: Times = reported_by((filed_on + 1) * period, viewed_at) - reported_by(
        filed_on * period, viewed_at
    )
    posterior: Times = weights / weights.sum()
    return posterior


def play_thief(viewers: int, dates_days: int, runs: int, seed: int) -> tuple[float, float]:
    """Return how often the thief with a log names the one reporter, and blind guessing."""
    rng = np.random.default_rng(seed)
    success, blind = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        audience = draw_audience(rng, viewers, 1, WEEK_DAYS * DAY_MIN)
        reports = draw_reports(rng, audience, 1)
        filed_on = int(reports.filed_at[0] // (dates_days * DAY_MIN))
        posterior = suspect_by_date(filed_on, audience.viewed_at, dates_days)
        likely = likeliest(posterior)
        success[run] = np.mean(likely == reports.reporters[0])
        blind[run] = 1 / len(audience.viewed_at)
    return float(success.mean()), float(blind.mean())
