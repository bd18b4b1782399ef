"""The padded canary: a share of the audience is the creator's own, and is struck off the list.

The accounts watch as anybody does, so they fill windows with people who cannot have reported.
"""

import numpy as np

from underseal.lab.anonymity.rules import PublicRules, Times
from underseal.lab.anonymity.timed_creator import suspect_by_window


def suspect_others(shown_at: float, viewed_at: Times, own: np.ndarray, rules: PublicRules) -> Times:
    """Return the posterior of each viewer for one reporter; `own` says who is the creator's."""
    posterior = np.where(own, 0.0, suspect_by_window(shown_at, viewed_at, rules, 1))
    total = float(posterior.sum())
    return posterior / total if total > 0 else ~own / np.count_nonzero(~own)
