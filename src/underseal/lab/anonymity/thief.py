"""The thief: who has a dump of the database, and perhaps a log of who watched what and when.

The dump dates what it tells of a report to a period, and its pseudonym means nothing without a key.
With the log, all who watched up to the end of the period are suspect, each by the probability that
they filed it in it. Without the log there are no names to suspect.
"""

import numpy as np

from underseal.lab.anonymity.audience import draw_audience, draw_reports
from underseal.lab.anonymity.rules import Times, likeliest, reported_by

DAY_MIN = 24 * 60.0


def suspect_by_period(period: int, period_min: float, viewed_at: Times) -> Times:
    """Return the posterior of each viewer, if a report was filed in the period of this number."""
    ended: Times = reported_by((period + 1) * period_min, viewed_at)
    weights: Times = ended - reported_by(period * period_min, viewed_at)
    posterior: Times = weights / weights.sum()
    return posterior


def play_thief(viewers: int, period_days: int, runs: int, seed: int) -> tuple[float, float]:
    """Return how often the thief with a log names the one reporter, and blind guessing.

    What is watched is published at a random phase of the period in which it is reported.
    """
    rng = np.random.default_rng(seed)
    period_min = period_days * DAY_MIN
    success, blind = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        audience = draw_audience(rng, viewers, 1, period_min)
        reports = draw_reports(rng, audience, 1)
        period = int(reports.filed_at[0] // period_min)
        likely = likeliest(suspect_by_period(period, period_min, audience.viewed_at))
        success[run] = np.mean(likely == reports.reporters[0])
        blind[run] = 1 / len(audience.viewed_at)
    return float(success.mean()), float(blind.mean())


def play_looked(viewers: int, hours: float, runs: int, seed: int) -> tuple[float, float]:
    """Return how often the thief names the one reporter by when a moderator decided, and blind guessing.

    That was so many hours after the report: who watched later did not file it.
    """
    rng = np.random.default_rng(seed)
    success, blind = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        audience = draw_audience(rng, viewers, 1, DAY_MIN)
        reports = draw_reports(rng, audience, 1)
        decided_min = float(reports.filed_at[0]) + hours * 60.0
        likely = likeliest(suspect_by_period(0, decided_min, audience.viewed_at))
        success[run] = np.mean(likely == reports.reporters[0])
        blind[run] = 1 / len(audience.viewed_at)
    return float(success.mean()), float(blind.mean())
