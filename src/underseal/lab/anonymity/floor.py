"""How rarely a reporter can be named at best, whatever the rule by which effects show.

A plain creator suspects the last *m* viewers before each effect, and names one of those whom they
suspect most often. Where a rule lets fewer than *m* views through, the reporter is among them. So
a rule against which that seldom succeeds, for any *m*, lets many views through: see
`docs/decisions/0013-size-of-the-crowd.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from underseal.lab.anonymity.rules import Times

HALVINGS: Final = 40
VANISHING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strategy:
    """Names somebody suspected often enough; each value by *m*, from 1 on.

    `suspects` are as many in the mean if the wanted reporter is one of them: with probability
    `outside`, if they are not among the last *m* viewers before their own effect, or `gain` more.
    """

    suspects: Times
    outside: Times
    gain: Times


def floor(people: int, viewers: int, effects: int, let_through: float) -> float:
    """Return what no rule betters that lets so many views of a video through in the mean.

    A creator wants whoever is behind one of so many effects, they do not know which, and each on a
    video with `viewers`; any of the `people` is as likely, and reports as they watch.
    """
    strategies = _strategies(people, viewers, effects)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _let_through(middle, strategies) > let_through:
            low = middle
        else:
            high = middle
    return high


def least_let_through(success: float, viewers: int) -> float:
    """Return how many views a rule lets through at least if a single effect names so rarely."""
    return _let_through(success, _strategies(viewers, viewers, 1))


def _let_through(success: float, strategies: Sequence[_Strategy]) -> float:
    """Return the sum over *m* of how probable it is at least that *m* views are let through."""
    caught = np.ones_like(strategies[0].gain)
    for each in strategies:
        matters = each.gain > VANISHING
        most = (success * each.suspects - each.outside)[matters] / each.gain[matters]
        caught[matters] = np.minimum(caught[matters], np.maximum(most, 0.0))
    return float((1 - caught).sum())


def _strategies(people: int, viewers: int, effects: int) -> list[_Strategy]:
    """Return a strategy for each number of effects that may be often enough."""
    last = np.arange(1, viewers + 1)
    others = max(people - 1, 1)
    found = []
    for often in range(1, effects + 1):
        by_chance = [last / people] * (effects - 1)
        outside = _at_least(often, [np.zeros(viewers), *by_chance])
        inside = _at_least(often, [np.ones(viewers), *by_chance])
        # Where the reporter takes a place among the last, it is not another's.
        beside = [(last - 1) / others] * often + [last / others] * (effects - often)
        suspects = 1 + others * _at_least(often, beside)
        found.append(_Strategy(suspects=suspects, outside=outside, gain=inside - outside))
    return found


def _at_least(count: int, chances: Sequence[Times]) -> Times:
    """Return how probable it is that `count` or more of independent events happen."""
    happened = [np.ones_like(chances[0])] + [np.zeros_like(chances[0])] * len(chances)
    for chance in (np.minimum(each, 1.0) for each in chances):
        happened = [happened[0] * (1 - chance)] + [
            happened[n] * (1 - chance) + happened[n - 1] * chance for n in range(1, len(happened))
        ]
    total: Times = np.sum(happened[count:], axis=0)
    return total
