"""Whether two kinds of requests take different times: Welch's t over cropped measurements.

Source:
    Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (DATE 2017), and its
    program: the test is repeated on the shorter times, for the longest ones are what the machine
    did meanwhile, and the largest t of all counts. Beyond 4.5 is a difference.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

T_MAX: Final = 4.5
"""A larger t than this is a difference: by chance one test in 100,000 gives it."""

CROPS: Final = 100
MEASURED_MIN: Final = 500
"""A cropped test needs so many measurements of each kind. A limit of ours."""

Measured = NDArray[np.float64]


def welch_t(one: Measured, other: Measured) -> float:
    """Return Welch's t; above 0 where `one` takes longer, and infinite where nothing varies."""
    difference = float(one.mean() - other.mean())
    error = float(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    if error == 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / error


def largest_t(one: Measured, other: Measured) -> float:
    """Return the t that is furthest from 0, of the test of all measurements and of all crops."""
    found = [welch_t(one, other)]
    shares = 1 - 0.5 ** (10 * np.arange(1, CROPS + 1) / CROPS)
    for longest in np.quantile(np.concatenate((one, other)), shares):
        cropped, beside = one[one < longest], other[other < longest]
        if min(len(cropped), len(beside)) >= MEASURED_MIN:
            found.append(welch_t(cropped, beside))
    return max(found, key=abs)
