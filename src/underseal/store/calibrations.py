"""What scores were learnt to be worth, day by day, and the labels that it is learnt from."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.calibration import DRIFT_ALARM, Learnt, WeightMap
from underseal.core.guideline import GuidelineId
from underseal.core.ledger import INSTALLATION, Canonical, EventKind
from underseal.core.reliability import Bin, Ranking, Reliability
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("calibrations")

BANDS: Final = 10
"""Bands of the score, of equal width: in each it is counted how often people look. A setting."""

Calibrated = tuple[str, str, GuidelineId]
"""A detector, its version, and a guideline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Of so many `scanned` versions people have `judged` so many; the days are of their looks."""

    is_reported: bool
    scanned: int
    judged: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The highest score that a detector gave a version, and its band, from 1."""

    score: float
    band: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A version that people have judged, and on a `day` machines; `broken` is None if nothing is."""

    broken: GuidelineId | None
    judged_on: date
    day: date
    is_reported: bool
    said: Mapping[Calibrated, Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that is learnt from: what was said, by band of the score; what was scanned; what was found."""

    said: Mapping[Calibrated, Mapping[tuple[int, bool], Stratum]]
    scanned: Sequence[Stratum]
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was learnt of a detector and a guideline, and what labels say of it.

    `shown` and `drift` are what labels that did not teach it say of the map of some time before,
    and None without one; `ranked` is of the scores themselves.
    """

    learnt: Learnt
    shown: Reliability | None = None
    ranked: Ranking | None = None
    drift: float | None = None

    @property
    def has_drifted(self) -> bool:
        """Whether recent labels do not bear out what scores had meant before."""
        return self.drift is not None and self.drift < DRIFT_ALARM


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """All that was learnt on a day."""

    learnt_on: date
    by_detector: Mapping[Calibrated, Calibration]

    @property
    def payload(self) -> Mapping[str, Canonical]:
        """What the ledger says of it: the maps, in whole micronats."""
        return {
            "day": self.learnt_on.isoformat(),
            "maps_micronats": [
                [*key, *_micronats(each.learnt.map)]
                for key, each in sorted(self.by_detector.items())
            ],
        }


async def gather(conn: Connection, since: datetime) -> Gathered:
    """Return what is learnt from the looks since a moment."""
    said: dict[Calibrated, dict[tuple[int, bool], Stratum]] = defaultdict(dict)
    for row in await conn.fetch(_SQL["said"], since, BANDS):
        said[_key(row)][row["band"], row["is_reported"]] = Stratum(
            is_reported=row["is_reported"],
            scanned=row["scanned"],
            judged=row["judged"],
            first_day=row["first_day"],
            last_day=row["last_day"],
        )
    scanned = [
        Stratum(
            is_reported=row["is_reported"],
            scanned=row["scanned"],
            judged=row["judged"],
            first_day=row["day"],
            last_day=row["day"],
        )
        for row in await conn.fetch(_SQL["scanned"], since)
    ]
    judged = await conn.fetch(_SQL["judged"], since, BANDS)
    return Gathered(said=said, scanned=scanned, judged=_judged(judged))


async def newest_calibrations(conn: Connection) -> Calibrations | None:
    """Return what was learnt last, if anything was."""
    found = _calibrations(await conn.fetch(_SQL["newest"]))
    return found[0] if found else None


async def all_calibrations(conn: Connection) -> tuple[Calibrations, ...]:
    """Return all that was ever learnt, the oldest first."""
    return _calibrations(await conn.fetch(_SQL["all"]))


async def save_calibrations(conn: Connection, calibrations: Calibrations) -> None:
    """Keep what was learnt; of each day once."""
    keys, found = [*calibrations.by_detector], [*calibrations.by_detector.values()]
    maps = [each.learnt.map for each in found]
    shown, ranked = [each.shown for each in found], [each.ranked for each in found]
    await conn.execute(
        _SQL["save"],
        calibrations.learnt_on,
        *([key[place] for key in keys] for place in range(3)),
        [each and each.base for each in maps],
        [each and each.intercept for each in maps],
        [each and each.slope for each in maps],
        [each and each.most for each in maps],
        [each.learnt.violating for each in found],
        [each.learnt.harmless for each in found],
        [each.learnt.spoken for each in found],
        [each and each.error for each in shown],
        [each and each.brier for each in shown],
        [each and json.dumps([astuple(one) for one in each.bins]) for each in shown],
        [each and each.area for each in ranked],
        [each and each.low for each in ranked],
        [each and each.high for each in ranked],
        [each.drift for each in found],
    )


async def since_when(conn: Connection) -> Mapping[Calibrated, date]:
    """Return since which day each detector has been in force without a break, or in shadow."""
    return {_key(row): row["since"] for row in await conn.fetch(_SQL["since"])}


async def told_calibrations(conn: Connection) -> Mapping[str, Mapping[str, Canonical]]:
    """Return what the ledger tells of calibrations, by day.

    What cannot be read is left out: the audit finds it in the chain.
    """
    told = {}
    for row in await conn.fetch(_SQL["told"], INSTALLATION, EventKind.CALIBRATED):
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(row["body"])
            told[str(said["day"])] = said
    return told


def _micronats(found: WeightMap | None) -> Sequence[int | None]:
    if found is None:
        return None, None, None, None
    return [round(1e6 * each) for each in (found.base, found.intercept, found.slope, found.most)]


def _key(row: Row) -> Calibrated:
    return row["detector"], row["detector_version"], GuidelineId(row["guideline"])


def _judged(rows: Sequence[Row]) -> Sequence[Judged]:
    versions: dict[tuple[object, int], tuple[Row, dict[Calibrated, Said]]] = {}
    for row in rows:
        _, said = versions.setdefault((row["subject_id"], row["version"]), (row, {}))
        if row["detector"] is not None:
            said[_key(row)] = Said(score=row["score"], band=row["band"])
    return [
        Judged(
            broken=row["broken"],
            judged_on=row["judged_on"],
            day=row["day"],
            is_reported=row["is_reported"],
            said=said,
        )
        for row, said in versions.values()
    ]


def _calibrations(rows: Sequence[Row]) -> tuple[Calibrations, ...]:
    found: dict[date, dict[Calibrated, Calibration]] = defaultdict(dict)
    for row in rows:
        found[row["learnt_on"]][_key(row)] = Calibration(
            learnt=Learnt(
                map=_map(row),
                violating=row["violating"],
                harmless=row["harmless"],
                spoken=row["spoken"],
            ),
            shown=_shown(row),
            ranked=_ranked(row),
            drift=row["drift"],
        )
    return tuple(Calibrations(learnt_on=day, by_detector=each) for day, each in found.items())


def _map(row: Row) -> WeightMap | None:
    if row["base"] is None:
        return None
    return WeightMap(
        base=row["base"], intercept=row["intercept"], slope=row["slope"], most=row["most"]
    )


def _shown(row: Row) -> Reliability | None:
    if row["bins"] is None:
        return None
    return Reliability(
        bins=tuple(
            Bin(told=told, found=found, low=low, high=high, labels=labels, mass=mass)
            for told, found, low, high, labels, mass in row["bins"]
        ),
        error=row["calibration_error"],
        brier=row["brier"],
    )


def _ranked(row: Row) -> Ranking | None:
    if row["auc"] is None:
        return None
    return Ranking(area=row["auc"], low=row["auc_low"], high=row["auc_high"])
