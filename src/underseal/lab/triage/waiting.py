"""How long reports waited for a look, by the severity of what they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from underseal.core.guideline import Severity
from underseal.lab.triage.arrivals import HOURS, Arrivals
from underseal.lab.triage.owed import WAITED_DAYS_MAX, Owed
from underseal.lab.triage.shift import Hours

FOLLOWED_HOURS: Final = 24 * (WAITED_DAYS_MAX + 1)
"""Reports of the last so many hours are left out: their time is not over when the weeks are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What some reports of one severity waited, in hours, and which of them waited too long.

    What nobody has looked at has waited until the end of the weeks, or longer.
    """

    hours: Hours
    late: Sequence[bool]


def waits(arrivals: Arrivals, owed: Mapping[int, Owed], looked: Hours) -> dict[Severity, Waits]:
    """Return them by severity; what was looked at before anybody reported it waited for nothing."""
    found = {}
    for severity in Severity:
        videos = [
            video
            for video in owed
            if arrivals.guideline[video].severity is severity
            and arrivals.reported[video] <= HOURS - FOLLOWED_HOURS
            and looked[video] >= arrivals.reported[video]
        ]
        found[severity] = Waits(
            hours=np.minimum(looked[videos], HOURS) - arrivals.reported[videos],
            late=[bool(looked[video] > owed[video].late_after) for video in videos],
        )
    return found


def told(several: Sequence[Waits]) -> dict[str, float]:
    """Return the figures of several worlds, pooled: all reports count alike."""
    hours = np.concatenate([each.hours for each in several])
    if not len(hours):
        return {"reports": 0}
    late = [late for each in several for late in each.late]
    return {
        "p50_h": float(np.quantile(hours, 0.5)),
        "p99_h": round(float(np.quantile(hours, 0.99)), 1),
        "max_h": float(hours.max()),
        "late": round(float(np.mean(late)), 4),
        "reports": len(hours),
    }
