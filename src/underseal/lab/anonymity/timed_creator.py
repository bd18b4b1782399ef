"""The timed creator: who knows every viewer, each time, and the rule, and guesses as Bayes would.

The creator sees when an effect shows, works out between which times its cause must lie, and weighs
each viewer by how probable it is that they reported and the cause lies there.
"""

from typing import Final

import numpy as np

from underseal.lab.anonymity.rules import PublicRules, Times, reported_by, windows

VOICES: Final = 2
"""A report alone has no effect, two have (a public parameter), if there are two."""

INSTANT_MIN: Final = 1e-3
"""The precision with which an effect is seen whose delay is known."""


def suspect_by_window(
    shown_at: float, viewed_at: Times, rules: PublicRules, reporters: int
) -> Times:
    """Return the posterior of each viewer where effects show at the end of a window."""
    opened, closed = windows(viewed_at, rules)
    found = int(np.searchsorted(closed, shown_at))
    return suspect_between(float(opened[found]), float(closed[found]), viewed_at, reporters)


def suspect_by_delay(shown_at: float, viewed_at: Times, delay_min: float, reporters: int) -> Times:
    """Return the posterior of each viewer where effects show a known time after their cause."""
    caused_at = shown_at - delay_min
    return suspect_between(caused_at - INSTANT_MIN, caused_at + INSTANT_MIN, viewed_at, reporters)


def suspect_between(after: float, until: float, viewed_at: Times, reporters: int) -> Times:
    """Return the posterior of each viewer where the cause lies between two times."""
    weights = _caused_by(until, viewed_at, reporters) - _caused_by(after, viewed_at, reporters)
    weights = np.maximum(weights, 0.0)
    total = float(weights.sum())
    # Where everything vanishes to rounding nothing has been learnt.
    return weights / total if total > 0 else np.full(len(weights), 1 / len(weights))


def _caused_by(at: float, viewed_at: Times, reporters: int) -> Times:
    """Return how probable the cause is by `at`, given each viewer in turn as one of the reporters.

    The others are anybody else, drawn one by one: exact for up to two reporters.
    """
    own = reported_by(at, viewed_at)
    if reporters < VOICES:
        return own
    another = (own.sum() - own) / (len(own) - 1)
    others = reporters - 1
    nobody = (1 - another) ** others
    just_one = others * another * (1 - another) ** (others - 1)
    by_then: Times = own * (1 - nobody) + (1 - own) * (1 - nobody - just_one)
    return by_then
