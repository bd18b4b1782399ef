"""What detectors are believed, and what is stopped, for whoever runs the installation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from underseal.core.breaker import Target, TargetKind
from underseal.core.calibration import LABELS_MIN, Learnt, WeightMap
from underseal.core.guideline import GuidelineId
from underseal.flow.system import System
from underseal.store import breakers, calibrations
from underseal.store.audit import read_one_moment
from underseal.store.calibrations import Calibration
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role

SCORES: Final = (0.1, 0.5, 0.9)
"""The scores of which it is told what they are worth. A setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDetector:
    """A detector and a guideline: what was learnt of them last, and since when it is as it is.

    `stopped_by` is the incident that stops the detector or the guideline, if one does.
    """

    name: str
    version: str
    guideline: GuidelineId
    found: Calibration
    since: date
    stopped_by: IncidentId | None

    @property
    def is_in_shadow(self) -> bool:
        """Whether it counts nothing yet."""
        return self.found.learnt.map is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDetectors:
    """All detectors of which anything was learnt, and all that is stopped.

    `learnt_on` is None, and there are no detectors, before anything was.
    """

    learnt_on: date | None
    detectors: tuple[ReadDetector, ...]
    stopped: Mapping[Target, IncidentId]


async def read_detectors(system: System) -> ReadDetectors:
    """Return what was learnt last, by detector, version and guideline, and what is stopped now."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await read_one_moment(conn)
        newest = await calibrations.newest_calibrations(conn)
        since = await calibrations.since_when(conn)
        stopped = await breakers.stopping(conn)
    found = {} if newest is None else newest.by_detector
    return ReadDetectors(
        learnt_on=None if newest is None else newest.learnt_on,
        detectors=tuple(
            ReadDetector(
                name=name,
                version=version,
                guideline=guideline,
                found=each,
                since=since[name, version, guideline],
                stopped_by=stopped.get(Target(kind=TargetKind.DETECTOR, name=name))
                or stopped.get(Target(kind=TargetKind.GUIDELINE, name=guideline)),
            )
            for (name, version, guideline), each in found.items()
        ),
        stopped=stopped,
    )


def lines_of(read: ReadDetectors) -> Sequence[str]:
    """Return a line for each detector and guideline that labels were sought for, and all that is stopped."""
    told = [
        f"stopped: {each.kind} {each.name}, until its incident is closed"
        for each in sorted(read.stopped)
    ]
    if read.learnt_on is None:
        return [
            *told,
            "nothing was learnt yet: all detectors without a weight of their own are in shadow",
        ]
    return [*told, f"learnt on {read.learnt_on}", *map(_line, read.detectors)]


def _line(read: ReadDetector) -> str:
    worth = read.found.learnt.map
    said = "in shadow" if worth is None else _worth(worth)
    name = f"{read.name} {read.version} on {read.guideline}"
    return f"{name}: {said}; {_labels(read.found.learnt)}{_held(read.found)}"


def _worth(found: WeightMap) -> str:
    worth = ", ".join(f"{score:g} is worth {found.weight(score):+.2f}" for score in SCORES)
    return f"a score of {worth} nats"


def _labels(learnt: Learnt) -> str:
    return (
        f"{learnt.violating} breaches and {learnt.harmless} harmless ones judged, it spoke of "
        f"{learnt.spoken} (shadow ends at {LABELS_MIN} of each)"
    )


def _held(found: Calibration) -> str:
    """How well it tells apart, and how an earlier map has held up on labels that it was not learnt from."""
    told = "" if found.ranked is None else f"; area under the curve {found.ranked.area:.2f}"
    told += "" if found.shown is None else f"; calibration error {found.shown.error:.3f}"
    return told + ("; has drifted" if found.has_drifted else "")
