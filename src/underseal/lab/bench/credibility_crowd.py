"""How often the truth is found in public sets of labels, in one pass, beside what others find.

Nothing is tuned on what it is measured on. The prior is that of the one-pass baseline, the constants
are those of `core.prior`; what a verdict teaches, `whole` or `by_margin`, is chosen for each set by
all the other ones, on shuffles of their own.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.lab.bench.credibility_baselines import dawid_skene, majority, streamed
from underseal.lab.bench.credibility_sets import CrowdSet
from underseal.lab.bench.credibility_stream import LAG, by_margin, one_pass, whole

CHOOSING: Final = range(20_261_110, 20_261_120)
MEASURING: Final = range(20_261_120, 20_261_180)
"""One seed for each order in which the items of a set come: to choose by, and to measure with."""

Progress = Callable[[str], None]
Correct = NDArray[np.float64]
"""How often each item was right, over the shuffles."""

_TEACHES: Final = {"whole": whole, "by_margin": by_margin}
_SECONDS: Final = 10.0
_Z95: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of one set, and how long ours took; `shuffles_sd` is in per cent."""

    crowd: CrowdSet
    chosen: str
    ours: Correct
    judged_once: Correct
    others: Mapping[str, Correct]
    cpu_s: float
    shuffles_sd: float


def measure(sets: Sequence[CrowdSet], progress: Progress) -> dict[str, object]:
    """Measure all sets, and return the figures."""
    scores = {
        each.name: {
            name: _percent(_ours(each, name, CHOOSING, progress).mean(axis=0)) for name in _TEACHES
        }
        for each in sets
    }
    found = [_measure(each, _chosen(each, scores), progress) for each in sets]
    ours = [each.ours for each in found]
    others = {name: [each.others[name] for each in found] for name in found[0].others}
    gains = [mine - theirs for mine, theirs in zip(ours, others["one_pass"], strict=True)]
    labels = sum(each.crowd.labels for each in found)
    return {
        "binary_mean": _mean(ours),
        "binary_mean_ci": _interval(ours),
        **{f"{name}_binary_mean": _mean(each) for name, each in others.items()},
        "gain_on_one_pass": _mean(gains),
        "gain_on_one_pass_ci": _interval(gains),
        "judged_once_binary_mean": _mean([each.judged_once for each in found]),
        "shuffles": len(MEASURING),
        "shuffles_se": math.hypot(*(each.shuffles_sd for each in found))
        / (len(found) * math.sqrt(len(MEASURING))),
        "us_per_label": 1e6 * sum(each.cpu_s for each in found) / (labels * len(MEASURING)),
        "sets": {each.crowd.name: _figures(each) for each in found},
    }


def _measure(crowd: CrowdSet, chosen: str, progress: Progress) -> Measured:
    began_s = time.process_time()
    ours = _ours(crowd, chosen, MEASURING, progress)
    cpu_s = time.process_time() - began_s
    once = _ours(crowd, chosen, MEASURING, progress, lag=None)
    others = {
        "majority": np.array(crowd.correct(majority(crowd))),
        "dawid_skene": np.array(crowd.correct(dawid_skene(crowd))),
        "one_pass": _mean_of(crowd, lambda order: streamed(crowd, order), MEASURING, progress),
    }
    progress(
        f"{crowd.name}: ours {_percent(ours.mean(axis=0)):.2f} % ({chosen}), "
        + ", ".join(f"{name} {_percent(each):.2f} %" for name, each in others.items())
    )
    return Measured(
        crowd=crowd,
        chosen=chosen,
        ours=ours.mean(axis=0),
        judged_once=once.mean(axis=0),
        others=others,
        cpu_s=cpu_s,
        shuffles_sd=100 * float(ours.mean(axis=1).std(ddof=1)),
    )


def _ours(
    crowd: CrowdSet, teaches: str, seeds: Sequence[int], progress: Progress, lag: int | None = LAG
) -> Correct:
    """Whether each item is right, by shuffle and item."""
    share = _TEACHES[teaches]
    return _all(crowd, lambda order: one_pass(crowd.items, order, share, lag), seeds, progress)


def _mean_of(
    crowd: CrowdSet,
    say: Callable[[Sequence[int]], Sequence[float]],
    seeds: Sequence[int],
    progress: Progress,
) -> Correct:
    found: Correct = _all(crowd, say, seeds, progress).mean(axis=0)
    return found


def _all(
    crowd: CrowdSet,
    say: Callable[[Sequence[int]], Sequence[float]],
    seeds: Sequence[int],
    progress: Progress,
) -> Correct:
    told_s = time.monotonic()
    rows = []
    for place, seed in enumerate(seeds, start=1):
        order = np.random.default_rng(seed).permutation(len(crowd.items)).tolist()
        rows.append(crowd.correct(say(order)))
        if time.monotonic() - told_s > _SECONDS:
            told_s = time.monotonic()
            progress(f"{crowd.name}: {place} of {len(seeds)} shuffles")
    return np.array(rows)


def _chosen(crowd: CrowdSet, scores: Mapping[str, Mapping[str, float]]) -> str:
    """What does best on all sets but this one; on itself, if there is no other."""
    others = [each for name, each in scores.items() if name != crowd.name] or [*scores.values()]
    return max(_TEACHES, key=lambda teaches: sum(each[teaches] for each in others))


def _figures(measured: Measured) -> dict[str, object]:
    crowd = measured.crowd
    return {
        "items": len(crowd.items),
        "people": crowd.people,
        "labels": crowd.labels,
        "chosen_by_others": measured.chosen,
        "ours": _percent(measured.ours),
        "shuffles_sd": measured.shuffles_sd,
        **{name: _percent(each) for name, each in measured.others.items()},
    }


def _percent(correct: Correct) -> float:
    return 100 * float(correct.mean())


def _mean(sets: Sequence[Correct]) -> float:
    return sum(map(_percent, sets)) / len(sets)


def _interval(sets: Sequence[Correct]) -> list[float]:
    """The 95 % interval of the mean over sets, their items being drawn at random."""
    variance = sum(float(each.var(ddof=1)) / len(each) for each in sets) / len(sets) ** 2
    half = 100 * _Z95 * math.sqrt(variance)
    return [_mean(sets) - half, _mean(sets) + half]
