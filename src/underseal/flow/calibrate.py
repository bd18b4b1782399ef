"""What detectors say is learnt to be worth, once a day, from what people found.

A label is the last word of a person on a version that machines have looked at; whoever looks at one
looks for everything, so it is a label for each guideline. Which versions people see is no chance: it
depends on what machines said and on whether anybody reported. So among the versions of one band of
scores, reported or not, the share that was judged is how probable a look was, audits included.

Invariants:
    A detector of a new version, or of a guideline it never spoke of, is in shadow.
    What was learnt weighs signals that are made from then on, and changes none that was: an
    assessment tells by its weights nothing of the day on which a report made it necessary.
    Of whom people judged, the ledger is told nothing: it is told the maps.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from underseal.core.breaker import Target, is_stopped
from underseal.core.calibration import (
    HALF_LIFE_DAYS,
    Observation,
    drift,
    is_score,
    learn,
    propensity,
    share_stood_for,
)
from underseal.core.ledger import INSTALLATION, EventKind
from underseal.core.message import IncidentKind
from underseal.core.reliability import Told, ranking, reliability
from underseal.core.signal import Signal
from underseal.flow.system import System
from underseal.store import calibrations, incidents, ledger
from underseal.store.audit import read_one_moment
from underseal.store.calibrations import (
    Calibrated,
    Calibration,
    Calibrations,
    Gathered,
    Judged,
    Stratum,
)
from underseal.store.connection import Connection
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role

LEARNT_FROM: Final = timedelta(days=4 * HALF_LIFE_DAYS)
"""How far back looks teach. A setting: older ones would count less than a sixteenth."""

RECENT: Final = timedelta(days=28)
"""Labels so young are set beside a map that was learnt without them. A setting: as long as the days
by which a breaker knows what is usual."""

SILENCE: Final = 0.0
"""The score that silence is as good as, where it is asked how well a detector tells apart. A setting."""


async def calibrate(system: System, now: datetime) -> bool:
    """Learn what is in force from today on, unless that was done; return whether.

    When it fails nothing is learnt, and what was learnt before stays in force.
    """
    day = now.date()
    async with system.db.transaction(Role.CORE) as conn:
        await read_one_moment(conn)
        before = await calibrations.newest_calibrations(conn)
        if before is not None and before.learnt_on >= day:
            return False
        gathered = await calibrations.gather(conn, now - LEARNT_FROM)
    if not gathered.said:
        return False
    learnt = await asyncio.to_thread(learn_from, gathered, day)
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, INSTALLATION)
        before = await calibrations.newest_calibrations(conn)
        if before is not None and before.learnt_on >= day:
            return False
        await calibrations.save_calibrations(conn, learnt)
        await ledger.append(conn, INSTALLATION, EventKind.CALIBRATED, learnt.payload)
        await _tell_of_drift(conn, system, before, learnt, now)
    return True


def weigh(
    signals: Iterable[Signal], found: Calibrations | None, stopped: frozenset[Target]
) -> tuple[Signal, ...]:
    """Return signals with what they are worth; what is stopped is worth nothing.

    What has a weight of its own, as verified matches have, keeps it. What has no score in [0, 1]
    is left out: a detector that says no number has said nothing.
    """
    maps = {} if found is None else found.by_detector
    weighed = []
    for signal in signals:
        if not is_score(signal.score):
            continue
        weight = signal.weight
        learnt = maps.get((signal.detector, signal.detector_version, signal.guideline))
        if is_stopped(signal, stopped):
            weight = None
        elif weight is None and learnt is not None and learnt.learnt.map is not None:
            weight = learnt.learnt.map.weight(signal.score)
        weighed.append(replace(signal, weight=weight))
    return tuple(weighed)


def learn_from(gathered: Gathered, day: date) -> Calibrations:
    """Return what was gathered teaches of every detector and guideline, as of a day."""
    return Calibrations(
        learnt_on=day,
        by_detector={
            key: _learn_one(key, strata, gathered, day) for key, strata in gathered.said.items()
        },
    )


def _learn_one(
    key: Calibrated, strata: Mapping[tuple[int, bool], Stratum], gathered: Gathered, day: date
) -> Calibration:
    """Learn of one detector from all labels; and see how older maps do on those they did not see."""
    seen = _observations(key, strata, gathered)
    observed = [each for some in seen.values() for each in some]
    learnt = learn(observed, day)
    before = learn(_older(observed, day), day).map
    shown = None
    if before is not None:
        shown = reliability(
            Told(told=told, found=each.violating, mass=share_stood_for(each, day))
            for each in _recent(observed, day)
            if each.score is not None and (told := before.belief(each.score)) is not None
        )
    ranked = ranking(
        Told(
            told=each.score if each.score is not None and is_score(each.score) else SILENCE,
            found=each.violating,
            mass=share_stood_for(each, day),
        )
        for each in observed
    )
    return Calibration(learnt=learnt, shown=shown, ranked=ranked, drift=_drift(seen.values(), day))


def _drift(seen: Iterable[Sequence[Observation]], day: date) -> float | None:
    """How probable recent labels are if nothing has changed, by each group that was seen for one reason.

    In a group who was looked at depends on the score alone, which a map is about: every label counts
    one, and a test sees far more than with the few that stand for many. Of several, Bonferroni.
    """
    chances = []
    for some in seen:
        alike = [replace(each, propensity=1.0) for each in some]
        before = learn(_older(alike, day), day).map
        chance = None if before is None else drift(before, _recent(alike, day), day)
        if chance is not None:
            chances.append(chance)
    return min(1.0, len(chances) * min(chances)) if chances else None


def _older(observed: Iterable[Observation], day: date) -> list[Observation]:
    return [each for each in observed if each.day <= day - RECENT]


def _recent(observed: Iterable[Observation], day: date) -> list[Observation]:
    return [each for each in observed if each.day > day - RECENT]


def _observations(
    key: Calibrated, strata: Mapping[tuple[int, bool], Stratum], gathered: Gathered
) -> Mapping[bool, Sequence[Observation]]:
    """The judged versions that a detector has looked at, by whether they were reported.

    Those are meant that were looked at on days on which it was heard of.
    """
    first = min(each.first_day for each in strata.values())
    last = max(each.last_day for each in strata.values())
    silent = _silent(strata, [each for each in gathered.scanned if first <= each.first_day <= last])
    observed: dict[bool, list[Observation]] = {False: [], True: []}
    for each in gathered.judged:
        if first <= each.day <= last:
            observed[each.is_reported].append(_observation(key, each, strata, silent))
    return observed


def _observation(
    key: Calibrated,
    judged: Judged,
    strata: Mapping[tuple[int, bool], Stratum],
    silent: Mapping[bool, float],
) -> Observation:
    _, _, guideline = key
    said = judged.said.get(key)
    if said is None:
        score, looked_at = None, silent[judged.is_reported]
    else:
        of_band = strata[said.band, judged.is_reported]
        score, looked_at = said.score, propensity(of_band.judged, of_band.scanned)
    return Observation(
        score=score,
        violating=judged.broken == guideline,
        propensity=looked_at,
        day=judged.judged_on,
    )


def _silent(
    strata: Mapping[tuple[int, bool], Stratum], scanned: Sequence[Stratum]
) -> Mapping[bool, float]:
    """How probable a look was at what a detector said nothing of, by whether it was reported."""
    counts: dict[bool, list[int]] = defaultdict(lambda: [0, 0])
    for sign, some in ((1, scanned), (-1, strata.values())):
        for each in some:
            counts[each.is_reported][0] += sign * each.judged
            counts[each.is_reported][1] += sign * each.scanned
    return {
        is_reported: propensity(judged, of)
        for is_reported, (judged, of) in counts.items()
        if judged > 0
    }


async def _tell_of_drift(
    conn: Connection,
    system: System,
    before: Calibrations | None,
    learnt: Calibrations,
    now: datetime,
) -> None:
    """Raise an incident for each map that recent labels do not bear out, when that is new."""
    for key, each in learnt.by_detector.items():
        was = None if before is None else before.by_detector.get(key)
        if each.has_drifted and not (was and was.has_drifted):
            detector, version, guideline = key
            await incidents.raise_incidents(
                conn,
                IncidentKind.DETECTOR_DRIFTED,
                [(IncidentId(system.new_id()), None)],
                f"{detector} {version} on {guideline}: what people found in the last "
                f"{RECENT.days} days is not what its scores had meant before",
                now,
            )
