"""`underseal bench credibility`: how well it is learnt whom to believe.

In public sets of labels whose truth is known, in one pass; and of volunteered reports in the worlds
of `lab.platform`, where the probabilities themselves have to come true.
"""

from collections.abc import Callable
from pathlib import Path

from underseal.lab.bench import credibility_crowd, credibility_volunteered
from underseal.lab.bench.credibility_sets import read_sets

Progress = Callable[[str], None]


def run(progress: Progress, data: Path | None = None) -> dict[str, object]:
    """Measure, and return the figures; those of the public sets only with a folder of them.

    Raises:
        CrowdDataError: the folder holds no such sets, or a file of one is not what it should be.
    """
    crowd = {} if data is None else credibility_crowd.measure(read_sets(data), progress)
    return crowd | credibility_volunteered.measure(progress)
