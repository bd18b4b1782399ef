"""The prober: whose own accounts look every second whether a video is still there as it was.

They see an effect at the first look after it, so they know to the second when it took place.
"""

from typing import Final

import numpy as np

from underseal.lab.anonymity.rules import PublicRules, Times
from underseal.lab.anonymity.timed_creator import suspect_between, suspect_by_window

LOOK_MIN: Final = 1 / 60
"""The time from one look to the next, in minutes: a second."""


def suspect_by_tick_seen(
    seen_at: float, viewed_at: Times, rules: PublicRules, reporters: int
) -> Times:
    """Return the posterior of each viewer where effects show at a tick: the last one before."""
    tick = float(np.floor(seen_at / rules.tick_min)) * rules.tick_min
    return suspect_by_window(tick, viewed_at, rules, reporters)


def suspect_by_second_seen(seen_at: float, viewed_at: Times, reporters: int) -> Times:
    """Return the posterior of each viewer where an effect shows at once: within the last second."""
    return suspect_between(seen_at - LOOK_MIN, seen_at, viewed_at, reporters)
