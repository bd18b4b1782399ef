"""What is published in some weeks: what it breaks, what machines think, who watches and reports it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.evidence import Assessment
from underseal.core.guideline import Guideline, Guidelines, Severity
from underseal.core.unreported import unheard
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

REPORTS: Final = 0.15
REPORTED_MORE: Final = 10.0
NOTICES: Final = 0.1
"""First reports come by views: so many a video in the mean were each reported again and again; of a
view of what is violating, so many times as readily as of another; and such a share of those that may
be notices of illegality are. Assumptions of the laboratory's."""

NEVER: Final = HOURS + 1
"""Later than every hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Videos in the order of their publication, at full hours.

    `seen` has the views up to each hour, one row a video, `HOURS` + 1 columns; `log_odds` are those
    of a breach of the video's `guideline`, calibrated, known from the first hour on. `reported` is
    the hour of its first report, or `NEVER`. Whoever reports knows no more than the log-odds say, so
    that they are calibrated with reports, too.
    """

    published: NDArray[np.int64]
    seen: Floats
    violating: NDArray[np.bool_]
    log_odds: Floats
    guideline: tuple[Guideline, ...]
    reported: NDArray[np.int64]
    has_notice: NDArray[np.bool_]

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
    guideline = tuple(suspected[each] for each in named)
    log_odds = np.log(VIOLATING / (1 - VIOLATING)) + SEPARATION * score - SEPARATION**2 / 2
    seen = seen.cumsum(1)
    may_be_illegal = np.array([each.illegal_notice for each in guideline])
    return Arrivals(
        published=published,
        seen=seen,
        violating=violating,
        log_odds=log_odds,
        guideline=guideline,
        reported=_first_reports(rng, seen, 1 / (1 + np.exp(-log_odds))),
        has_notice=may_be_illegal & (rng.random(VIDEOS) < NOTICES),
    )


def assessment_of(arrivals: Arrivals, video: int, *, is_reported: bool) -> Assessment:
    """Return what is believed of a video."""
    believed = unheard(arrivals.guideline[video].id, float(arrivals.log_odds[video]))
    has_notice = is_reported and bool(arrivals.has_notice[video])
    return replace(believed, is_reported=is_reported, has_notice=has_notice)


def _first_reports(rng: np.random.Generator, seen: Floats, breach: Floats) -> NDArray[np.int64]:
    """The hours of the first reports: a Poisson process in views."""
    readiness = 1 + (REPORTED_MORE - 1) * breach
    expected = readiness[:, None] * seen
    expected *= REPORTS / expected[:, -1].mean()
    chance = rng.exponential(size=(len(seen), 1))
    hours = (expected > chance).argmax(1)
    return np.where(expected[:, -1] > chance[:, 0], hours, NEVER)


def _usual(guidelines: Guidelines, severity: Severity) -> Guideline:
    """The first guideline of a severity by which things are removed."""
    return next(
        each
        for each in guidelines.by_id.values()
        if each.severity is severity and each.default_action.value == "remove"
    )
