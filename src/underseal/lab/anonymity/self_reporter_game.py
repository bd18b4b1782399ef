"""The game of the self-reporter: has anybody else reported, by the share of accounts they own?

The worst case for the defence: what is shown is so near the line that a second voice decides, and
nothing but reports ever leads to an effect. Before the first effect there is nothing to be learnt:
that is for the twin worlds to show (`twins`), and this game is about what comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from underseal.core.disclosure import CROWD_MIN
from underseal.core.effect import VOICES_MIN
from underseal.lab.anonymity.self_reporter import EVEN, suspect_blindly, suspect_somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport:
    """How often the self-reporter is right, and how often by what they knew before (`blind`).

    `success` is where the platform takes their accounts for viewers, `recognised` where it does
    not, and `immediate` at a system that acts on any second report.
    """

    success: float
    recognised: float
    immediate: float
    blind: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """How many others watched and how many of those reported, and whether an own account did."""

    others: int
    reporters: int
    own_voices: int
    readiness: float

    def is_right(self, suspicion: float) -> bool:
        return (suspicion > EVEN) == (self.reporters > 0)

    def blindly(self) -> float:
        return suspect_blindly(self.others, self.readiness)

    def seeing(self) -> float:
        voices = self.own_voices + self.reporters
        return suspect_somebody(
            self.others, self.readiness, self.own_voices, was_acted_on=voices >= VOICES_MIN
        )

    def before_crowd(self, qualifying: int) -> float:
        """What is seen where reports have no effect before so small a crowd."""
        return self.seeing() if qualifying >= CROWD_MIN else self.blindly()


def play_self_reporter(
    viewers: int, shares: Sequence[float], runs: int, seed: int
) -> dict[float, SelfReport]:
    """Play for each share of own accounts among all viewers; without any they only wait.

    Others report so readily that of an audience wholly theirs somebody does in half of all cases.
    """
    return {share: _play(viewers, share, runs, seed) for share in shares}


def _play(viewers: int, owned: float, runs: int, seed: int) -> SelfReport:
    rng = np.random.default_rng(seed)
    readiness = 1 - 0.5 ** (1 / viewers)
    right = np.zeros((runs, 4))
    for run in range(runs):
        size = max(1, int(rng.poisson(viewers)))
        others = size - int(owned * size)
        case = _Case(
            others=others,
            reporters=int(rng.binomial(others, readiness)),
            own_voices=int(owned > 0),
            readiness=readiness,
        )
        seen = (case.before_crowd(size), case.before_crowd(others), case.seeing(), case.blindly())
        right[run] = [case.is_right(each) for each in seen]
    success, recognised, immediate, blind = map(float, right.mean(axis=0))
    return SelfReport(success=success, recognised=recognised, immediate=immediate, blind=blind)
