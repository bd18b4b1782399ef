"""`underseal bench calibration`: how true what scores are said to be worth is, where looks are no chance.

Worlds of uploads of which a detector of known faults says something. People see all that was
reported, most of what machines find likeliest, and one in a hundred of the rest by chance; breaches
are reported forty times as often. From what they find, `flow.calibrate` learns as it does in an
installation, and is measured on all uploads of another draw of the same world, whose truth is known.
Beside it stand the same without correction, corrected by the score alone, and the score at its word.
No setting was chosen on these worlds.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, stdev
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.calibration import DRIFT_ALARM, WeightMap
from underseal.core.evidence import probability
from underseal.core.guideline import GuidelineId
from underseal.core.reliability import Told, reliability
from underseal.flow.calibrate import RECENT, learn_from
from underseal.store.calibrations import BANDS, Gathered, Judged, Said, Stratum

Progress = Callable[[str], None]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SEED: Final = 20_261_124
WORLDS: Final = 10
DRIFT_WORLDS: Final = 40
UPLOADS: Final = 20_000
BASE: Final = 0.03
APART: Final = 2.1
"""How far apart the log-odds of scores of violating and harmless uploads are, in standard deviations: an
area under the curve of .93."""

REPORTED: Final = (0.01, 0.4)
LIKELIEST: Final = 0.01
LIKELIEST_LOOKED_AT: Final = 0.8
BY_CHANCE: Final = 0.01
"""How often harmless and violating uploads are reported; which share machines find likeliest, how many of
these people see, and how many of all others."""

T95: Final = 2.262
"""Student's quantile for 10 worlds."""

TODAY: Final = date(2026, 11, 24)
LONG_AGO: Final = TODAY - RECENT - timedelta(days=10)
SPAM: Final = GuidelineId("spam")
KEY: Final = ("eye", "1", SPAM)
DIGITS: Final = 4


class Fault(StrEnum):
    """What is wrong with the scores of a detector, if anything."""

    NONE = "honest"
    TOO_SURE = "too_sure"
    UNSURE = "unsure"
    TOO_HIGH = "too_high"
    IGNORANT = "ignorant"
    ALWAYS_ONE = "always_one"


FAULTS: Final = tuple(Fault)


class Way(StrEnum):
    """How looks are corrected for: as the product does, or less."""

    CORRECTED = "corrected"
    BY_SCORE = "by_score_alone"
    UNCORRECTED = "uncorrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Uploads: whether each breaks the guideline, what it scores, who reported and judged it."""

    violating: Flags
    score: Floats
    reported: Flags
    judged: Flags


def run(progress: Progress) -> dict[str, object]:
    """Measure; return what `underseal bench calibration --json` prints."""
    by_fault = {}
    for fault in FAULTS:
        by_fault[fault.value] = _measure(fault)
        progress(f"calibration: a detector that is {fault}")
    return {
        "calibration_error": by_fault,
        "drift": _drift(progress),
        "worlds": WORLDS,
        "uploads": UPLOADS,
        "seed": SEED,
        "note": "calibration_error: mean and 95 % interval over worlds of the expected calibration "
        "error, 15 bins of equal mass, over all uploads; drift: share of worlds with an alarm.",
    }


def _measure(fault: Fault) -> Mapping[str, object]:
    errors: dict[str, list[float]] = {way.value: [] for way in Way}
    at_its_word, labels = [], []
    for number in range(WORLDS):
        rng = np.random.default_rng([SEED, number, FAULTS.index(fault)])
        taught, asked = draw(rng, fault), draw(rng, fault)
        at_its_word.append(_error(asked, lambda score: score))
        labels.append(float(taught.judged.sum()))
        for way in Way:
            errors[way].append(error_of(asked, learn(taught, way)))
    return {
        **{way: _summary(found) for way, found in errors.items()},
        "at_its_word": _summary(at_its_word),
        "labels": round(fmean(labels)),
    }


def learn(world: World, way: Way) -> WeightMap:
    """Return the map that the product learns from a world, with less correction if that is asked."""
    found = learn_from(_gather(world, way, LONG_AGO), TODAY).by_detector[KEY].learnt.map
    assert found is not None, "worlds have labels enough"
    return found


def _drift(progress: Progress) -> Mapping[str, object]:
    """How often recent labels of the same world, and of one that changed, raise an alarm."""
    found: dict[str, object] = {"stated": DRIFT_ALARM, "worlds": DRIFT_WORLDS}
    for name, later in (("same", Fault.NONE), ("too_high", Fault.TOO_HIGH)):
        alarms = []
        for number in range(DRIFT_WORLDS):
            rng = np.random.default_rng([SEED, 1_000 + number])
            before, after = draw(rng, Fault.NONE), draw(rng, later)
            gathered = _joined(
                _gather(before, Way.CORRECTED, LONG_AGO), _gather(after, Way.CORRECTED, TODAY)
            )
            chance = learn_from(gathered, TODAY).by_detector[KEY].drift
            assert chance is not None, "worlds have labels enough"
            alarms.append(chance < DRIFT_ALARM)
        found[name] = fmean(alarms)
        progress(f"calibration: drift, {name}")
    return found


def draw(rng: np.random.Generator, fault: Fault) -> World:
    """Draw the uploads of a world, and who sees which."""
    violating = rng.random(UPLOADS) < BASE
    seen = rng.normal(np.where(violating, APART, 0.0))
    nats = APART * seen - APART**2 / 2 + math.log(BASE / (1 - BASE))
    score = 1 / (1 + np.exp(-_faulty(rng, nats, fault)))
    reported = rng.random(UPLOADS) < np.where(violating, REPORTED[1], REPORTED[0])
    ranked = score + rng.random(UPLOADS) * 1e-9  # of what scores alike, some by chance
    likeliest = ranked >= np.quantile(ranked, 1 - LIKELIEST)
    chance = np.where(likeliest, LIKELIEST_LOOKED_AT, BY_CHANCE)
    judged = reported | (rng.random(UPLOADS) < chance)
    return World(violating=violating, score=score, reported=reported, judged=judged)


def _faulty(rng: np.random.Generator, nats: Floats, fault: Fault) -> Floats:
    match fault:
        case Fault.NONE:
            return nats
        case Fault.TOO_SURE:
            return 2 * nats
        case Fault.UNSURE:
            return nats / 2
        case Fault.TOO_HIGH:
            return nats + 2
        case Fault.IGNORANT:
            return rng.permutation(nats)
        case Fault.ALWAYS_ONE:
            return np.full_like(nats, 40.0)


def _gather(world: World, way: Way, day: date) -> Gathered:
    """What the store would have gathered of a world whose uploads were looked at on a day."""
    bands = np.minimum((world.score * BANDS).astype(int), BANDS) + 1
    is_reported = world.reported & (way is Way.CORRECTED)
    cells = list(zip(bands.tolist(), is_reported.tolist(), strict=True))
    scanned = Counter(cells)
    judged = Counter(
        cell for cell, is_judged in zip(cells, world.judged.tolist(), strict=True) if is_judged
    )
    strata = {
        cell: Stratum(
            is_reported=cell[1],
            scanned=scanned[cell] if way is not Way.UNCORRECTED else judged[cell],
            judged=judged[cell],
            first_day=day,
            last_day=day,
        )
        for cell in scanned
    }
    return Gathered(
        said={KEY: strata},
        scanned=list(strata.values()),
        judged=[
            Judged(
                broken=SPAM if world.violating[at] else None,
                judged_on=day,
                day=day,
                is_reported=cells[at][1],
                said={KEY: Said(score=float(world.score[at]), band=cells[at][0])},
            )
            for at in np.flatnonzero(world.judged).tolist()
        ],
    )


def _joined(one: Gathered, other: Gathered) -> Gathered:
    """Two periods as one: looks in the later one are as probable as in both."""
    strata = dict(one.said[KEY])
    for cell, stratum in other.said[KEY].items():
        before = strata.get(cell, replace(stratum, scanned=0, judged=0))
        strata[cell] = replace(
            stratum,
            scanned=before.scanned + stratum.scanned,
            judged=before.judged + stratum.judged,
            first_day=before.first_day,
        )
    return Gathered(
        said={KEY: strata},
        scanned=[*one.scanned, *other.scanned],
        judged=[*one.judged, *other.judged],
    )


def error_of(world: World, found: WeightMap) -> float:
    """Return the calibration error of what a map says of all uploads of a world."""
    return _error(world, lambda score: probability(found.base + (found.weight(score) or 0.0)))


def _error(world: World, believe: Callable[[float], float]) -> float:
    found = reliability(
        Told(told=believe(score), found=violating)
        for score, violating in zip(world.score.tolist(), world.violating.tolist(), strict=True)
    )
    assert found is not None, "worlds have uploads"
    return found.error


def _summary(found: Sequence[float]) -> Mapping[str, float]:
    mean, half = fmean(found), T95 * stdev(found) / math.sqrt(len(found))
    return {
        "mean": round(mean, DIGITS),
        "low": round(mean - half, DIGITS),
        "high": round(mean + half, DIGITS),
    }
