"""What detectors are believed, and what is stopped, for whoever runs the installation."""

from collections.abc import Sequence
from typing import Final

from underseal.core.calibration import DRIFT_ALARM, LABELS_MIN, Learnt, WeightMap
from underseal.flow.system import System
from underseal.store import breakers, calibrations
from underseal.store.calibrations import Calibrated, Calibration
from underseal.store.roles import Role

SCORES: Final = (0.1, 0.5, 0.9)
"""The scores of which it is told what they are worth. A setting."""


async def read_detectors(system: System) -> Sequence[str]:
    """Return a line for each detector and guideline that labels were sought for, and all that is stopped."""
    async with system.db.transaction(Role.CORE) as conn:
        newest = await calibrations.newest_calibrations(conn)
        stopped = await breakers.stopped(conn)
    told = [
        f"stopped: {each.kind} {each.name}, until its incident is closed"
        for each in sorted(stopped)
    ]
    if newest is None:
        return [
            *told,
            "nothing was learnt yet: all detectors without a weight of their own are in shadow",
        ]
    told.append(f"learnt on {newest.learnt_on}")
    told.extend(_line(key, each) for key, each in newest.by_detector.items())
    return told


def _line(key: Calibrated, found: Calibration) -> str:
    detector, version, guideline = key
    worth = found.learnt.map
    said = "in shadow" if worth is None else _worth(worth)
    return f"{detector} {version} on {guideline}: {said}; {_labels(found.learnt)}{_held(found)}"


def _worth(found: WeightMap) -> str:
    worth = ", ".join(f"{score:g} is worth {found.weight(score):+.2f}" for score in SCORES)
    return f"a score of {worth} nats"


def _labels(learnt: Learnt) -> str:
    return (
        f"{learnt.violating} breaches and {learnt.harmless} harmless ones judged, it spoke of "
        f"{learnt.spoken} (shadow ends at {LABELS_MIN} of each)"
    )


def _held(found: Calibration) -> str:
    """How an earlier map has held up on labels that it was not learnt from."""
    held = "" if found.error is None else f"; calibration error {found.error:.3f}"
    if found.drift is not None and found.drift < DRIFT_ALARM:
        held += "; has drifted"
    return held
