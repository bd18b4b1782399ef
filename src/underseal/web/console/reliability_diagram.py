"""The reliability diagram of a detector as a page draws it: where its points, intervals and bars are.

Shares are drawn by the arcsine of their square root, which stretches both ends: most of what a
detector speaks of is improbable, and on this scale a share of 2 % and one of 5 % stand apart.
"""

import math
from dataclasses import dataclass
from typing import Final

from underseal.core.reliability import Bin, Reliability

SIDE: Final = 300
"""How wide and how high the diagram is, in pixels. A setting."""

BAR: Final = 24
"""How high the bar of the most labels is, in pixels. A setting."""

TICKS: Final = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
"""The shares that are named at both axes. A setting."""

_DIGITS: Final = 3
"""Shares are drawn as exactly as the table beside them tells them: in tenths of a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A bin, in pixels from the corner at the bottom left; `bar` is the height of its bar.

    `is_off` where the interval of what was found does not hold what was told.
    """

    x: float
    y: float
    low: float
    high: float
    bar: float
    is_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """All that is drawn; `ticks` are shares with where they stand, in pixels."""

    points: tuple[Point, ...]
    ticks: tuple[tuple[float, float], ...]
    side: int = SIDE


def draw(shown: Reliability) -> Diagram:
    """Return where everything of a diagram is."""
    most = max(each.labels for each in shown.bins)
    return Diagram(
        points=tuple(_point(each, most) for each in shown.bins),
        ticks=tuple((share, place(share)) for share in TICKS),
    )


def place(share: float) -> float:
    """Return where a share in [0, 1] stands on either axis, in pixels from the corner."""
    return round(SIDE * math.asin(math.sqrt(round(share, _DIGITS))) / (math.pi / 2), 1)


def _point(found: Bin, most: int) -> Point:
    return Point(
        x=place(found.told),
        y=place(found.found),
        low=place(found.low),
        high=place(found.high),
        bar=round(BAR * found.labels / most, 1),
        is_off=not found.low <= found.told <= found.high,
    )
