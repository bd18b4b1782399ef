"""The intersector: who makes many videos, and looks who could have caused all that befell them.

Regulars watch each video with some probability; one of them reports whatever they watch. Of the
effects on the creator's videos, so many show because of that person; others have other causes. The
creator knows how many, not which.
"""

import numpy as np

from underseal.lab.anonymity.rules import Times

Weights = Times
"""How suspicious each regular is by one effect; 0 for who did not watch."""


def suspect_by_many(weights: list[Weights], attributable: int) -> Times:
    """Return how suspicious each regular is by all effects, `attributable` of which are theirs.

    The elementary symmetric polynomial of that degree: the sum over every choice of effects of
    how probable it is that the regular caused just these.
    """
    sums = [np.ones_like(weights[0])] + [np.zeros_like(weights[0])] * attributable
    for weight in weights:
        sums = [sums[0]] + [
            sums[degree] + sums[degree - 1] * weight for degree in range(1, attributable + 1)
        ]
    return sums[attributable]
