"""What is published in some weeks: what it breaks, what machines think, and how it is watched."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.guideline import Guideline, Guidelines, Severity
from underseal.lab.triage.cascades import Draw, Floats

HOURS: Final = 24 * 20
LAST_ARRIVAL: Final = 24 * 18
VIDEOS: Final = 1_500

VIOLATING: Final = 0.1
SEPARATION: Final = 1.5
"""How far the scores of what is violating lie above the others', in standard deviations: an area
under the curve of .855."""

SEVERITY_SHARES: Final = {
    Severity.LOW: 0.5,
    Severity.MEDIUM: 0.3,
    Severity.HIGH: 0.15,
    Severity.GRAVE: 0.05,
}
"""How many of the videos are suspected of what. Assumptions of the laboratory's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Videos in the order of their publication, at full hours.

    `seen` has the views up to each hour, one row a video, `HOURS` + 1 columns; `log_odds` are those
    of a breach of the video's `guideline`, calibrated, known from the first hour on.
    """

    published: NDArray[np.int64]
    seen: Floats
    violating: NDArray[np.bool_]
    log_odds: Floats
    guideline: tuple[Guideline, ...]

    @property
    def severity(self) -> tuple[Severity, ...]:
        """How grave the suspicion is."""
        return tuple(each.severity for each in self.guideline)


def draw_arrivals(draw: Draw, guidelines: Guidelines, seed: int) -> Arrivals:
    """Return a few weeks of videos that are watched as `draw` says."""
    rng = np.random.default_rng(seed)
    published = np.sort(rng.integers(LAST_ARRIVAL, size=VIDEOS))
    seen = np.zeros((VIDEOS, HOURS + 1))
    for row, hour, views in zip(seen, published, draw(rng, VIDEOS), strict=True):
        in_time = views[: HOURS - hour]
        row[hour + 1 : hour + 1 + len(in_time)] = in_time
    violating = rng.random(VIDEOS) < VIOLATING
    score = SEPARATION * violating + rng.standard_normal(VIDEOS)
    named = rng.choice(len(SEVERITY_SHARES), VIDEOS, p=list(SEVERITY_SHARES.values()))
    suspected = [_usual(guidelines, severity) for severity in SEVERITY_SHARES]
    return Arrivals(
        published=published,
        seen=seen.cumsum(1),
        violating=violating,
        log_odds=np.log(VIOLATING / (1 - VIOLATING)) + SEPARATION * score - SEPARATION**2 / 2,
        guideline=tuple(suspected[each] for each in named),
    )


def _usual(guidelines: Guidelines, severity: Severity) -> Guideline:
    """The first guideline of a severity by which things are removed."""
    return next(
        each
        for each in guidelines.by_id.values()
        if each.severity is severity and each.default_action.value == "remove"
    )
