"""The breaker: stops a detector or guideline by which machines suddenly touch too many uploads.

A detector touches an upload if it speaks against it; a guideline does if machines alone could act
on it. The share of uploads touched today is set beside that of the days before. Shares are not the
same every day, so what is expected is a beta-binomial: a share that is itself known from no more
than so many uploads.

Invariants:
    Fewer touches never trip a breaker that more would not; more uploads with as many touches never
    do either.
    What has no past is measured by what a detector may be expected to touch at most.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from underseal.core.guideline import GuidelineId, Guidelines
from underseal.core.signal import Modality, Signal

FALSE_ALARM: Final = 1e-6
"""How probable as many touches are by chance where a breaker trips, a look. A setting. Looks of one
day are hardly independent, as each sees the day so far: were there a hundred of them a day, at a
hundred detectors and guidelines, it would be a false alarm in a hundred days at most, each for
people to end."""

TOUCHES_MIN: Final = 20
"""Fewer touches a day trip nothing: people look at so many. A setting."""

TIMES_MIN: Final = 2.0
"""Nor does less than twice the share of before. A setting: it is to stop what goes wrong, and not what
grows."""

SPOKEN_AGAINST: Final = math.log(2)
"""The weight from which a detector speaks against an upload, in nats: it doubles the odds. A
setting."""

DAYS: Final = 28
"""So many days before today are what is usual: four of each day of the week. A setting."""

USUAL_TOUCHES: Final = 1.0
USUAL_UPLOADS: Final = 20.0
"""What is not known yet is taken to touch one upload in twenty, a belief worth twenty uploads.
Settings: on its first day a detector that touches 57 of 100 uploads is stopped."""

UPLOADS_KNOWN_MAX: Final = 500.0
"""However many uploads there were, the share is known as if from so many. A setting: days differ. At a
share of .02 it lets it vary by a third from day to day."""


class TargetKind(StrEnum):
    """What a breaker can stop: all that a detector says, or all that machines say of a guideline."""

    DETECTOR = "detector"
    GUIDELINE = "guideline"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Target:
    """What one breaker watches, by name."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """So many of so many `uploads` were `touched`.

    Raises:
        ValueError: more were touched than there were, or fewer than none.
    """

    touched: int
    uploads: int

    def __post_init__(self) -> None:
        if not 0 <= self.touched <= self.uploads:
            raise ValueError("no more uploads are touched than there are")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """Why a breaker stops a target: what it touched today, and the share that was expected."""

    target: Target
    today: Touches
    expected: float


def touched_by(signals: Iterable[Signal], guidelines: Guidelines) -> frozenset[Target]:
    """Return what touches an upload of which machines say this."""
    strongest: dict[tuple[GuidelineId, Modality, str], float] = {}
    for signal in signals:
        if signal.weight is not None:
            key = signal.guideline, signal.modality, signal.detector
            strongest[key] = max(signal.weight, strongest.get(key, -math.inf))
    touching = {
        Target(kind=TargetKind.DETECTOR, name=detector)
        for (_, _, detector), weight in strongest.items()
        if weight >= SPOKEN_AGAINST
    }
    evidence: dict[GuidelineId, list[float]] = defaultdict(list)
    for (guideline, _, _), weight in strongest.items():
        evidence[guideline].append(weight)
    for guideline, weights in evidence.items():
        named = guidelines.by_id.get(guideline)
        if named is not None and math.fsum(weights) >= named.machine_bound:
            touching.add(Target(kind=TargetKind.GUIDELINE, name=guideline))
    return frozenset(touching)


def is_stopped(signal: Signal, stopped: frozenset[Target]) -> bool:
    """Return whether a breaker keeps a signal from counting."""
    return (
        Target(kind=TargetKind.DETECTOR, name=signal.detector) in stopped
        or Target(kind=TargetKind.GUIDELINE, name=signal.guideline) in stopped
    )


def trip(target: Target, today: Touches, past: Sequence[Touches]) -> Tripped | None:
    """Return why the breaker of a target trips today, or None; `past` are the days before it."""
    touched = USUAL_TOUCHES + sum(each.touched for each in past)
    spared = USUAL_UPLOADS - USUAL_TOUCHES + sum(each.uploads - each.touched for each in past)
    expected = touched / (touched + spared)
    if today.touched < max(TOUCHES_MIN, TIMES_MIN * expected * today.uploads):
        return None
    known = min(touched + spared, UPLOADS_KNOWN_MAX)
    if chance(today, expected, known) >= FALSE_ALARM:
        return None
    return Tripped(target=target, today=today, expected=expected)


def chance(today: Touches, expected: float, known: float) -> float:
    """Return how probable so many touches or more are, where a share is expected.

    It is the upper tail of the beta-binomial whose mean is `expected`, in (0, 1), and which is as
    sure of it as after `known` uploads; an overestimate of at most one in a million of itself.
    """
    n, k = today.uploads, today.touched
    if k == 0:
        return 1.0
    a, b = expected * known, (1 - expected) * known
    term = math.exp(_log_choose(n, k) + _log_beta(a + k, b + n - k) - _log_beta(a, b))
    tail = 0.0
    for x in range(k, n + 1):
        tail += term
        step = (n - x) * (a + x) / ((x + 1) * (b + n - x - 1)) if x < n else 0.0
        # Each next term is smaller by a factor that only shrinks: what is left is below a series.
        if step < 1 and term * step / (1 - step) <= tail * _NEGLIGIBLE:
            return min(1.0, tail * (1 + _NEGLIGIBLE))
        term *= step
    return min(1.0, tail)


_NEGLIGIBLE: Final = 1e-6


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
