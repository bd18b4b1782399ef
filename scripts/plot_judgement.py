"""Judgement: how true it is what is believed of reports, of machines and of all that is seen."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from plot_style import AMBER, BLUE, FAINT, GREEN, INK, RED, Look, fit_column, say

from underseal.core.calibration import WeightMap
from underseal.core.evidence import probability
from underseal.core.figures import Share
from underseal.core.reliability import Bin, Told, reliability
from underseal.lab.bench import calibration, credibility_volunteered, prevalence
from underseal.lab.bench.calibration import FAULTS, Fault, Way
from underseal.lab.bench.prevalence import CELLS, Cell, Machine

AT_ITS_WORD: Final = Look(name="the score at its word", colour=AMBER, marker="s")
AS_THEY_COME: Final = Look(name="from labels as they come", colour=RED, marker="o")
CORRECTED: Final = Look(name="Underseal, corrected for looks", colour=GREEN, marker="D")

CALIBRATED_DRAWS: Final = 4_000
SEED: Final = 20_261_125
"""For what a perfectly calibrated probability would show."""

PERCENT: Final = FuncFormatter(lambda share, _: f"{100 * share:g}%")

LEAST_TOLD: Final = 2e-4
"""Where the axes of detectors begin."""

ROOT_TICKS: Final = (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1)
"""Of axes that are drawn by the square root, as most of what is reported breaks nothing."""

EVEN: Final = np.geomspace(1e-6, 1, 200)

RARE_AND_NOT: Final = tuple(
    Look(name=f"{truth:.2%} breaks a guideline", colour=colour, marker=marker)
    for truth, colour, marker in zip(prevalence.TRUTHS, (GREEN, BLUE), "Do", strict=True)
)


def draw_detectors(figure: Figure) -> None:
    """What an honest and an ignorant detector are said to mean, beside what is found."""
    fit_column(figure, 9.6)
    panels = figure.subplots(2, 1)
    for axes, fault in zip(panels, (Fault.NONE, Fault.IGNORANT), strict=True):
        say(f"a detector that is {fault}")
        _draw_diagonal(axes)
        for look, (error, bins) in _detector(fault).items():
            name = f"{look.name}: error {error:.3f}"
            axes.plot(
                [each.told for each in bins],
                [each.found for each in bins],
                look.marker,
                color=look.colour,
                ms=5,
                label=name,
            )
            axes.vlines(
                [each.told for each in bins],
                [max(each.low, LEAST_TOLD / 10) for each in bins],
                [each.high for each in bins],
                color=look.colour,
                lw=1,
                alpha=0.7,
            )
        axes.set(xscale="log", yscale="log", xlim=(LEAST_TOLD, 1.1), ylim=(LEAST_TOLD, 1.1))
        axes.set(ylabel="share that breaks the guideline", title=f"A detector that is {fault}")
        _tell_percents(axes)
        axes.legend(frameon=False, loc="upper left")
    panels[-1].set_xlabel("held probable")


def _detector(fault: Fault) -> Mapping[Look, tuple[float, Sequence[Bin]]]:
    """Return the mean error over the worlds of the bench, and the bins of all of them together."""
    told: dict[Look, list[Told]] = {AT_ITS_WORD: [], AS_THEY_COME: [], CORRECTED: []}
    errors: dict[Look, list[float]] = {look: [] for look in told}
    for number in range(calibration.WORLDS):
        rng = np.random.default_rng([calibration.SEED, number, FAULTS.index(fault)])
        taught, asked = calibration.draw(rng, fault), calibration.draw(rng, fault)
        said = {
            AT_ITS_WORD: lambda score: score,
            AS_THEY_COME: _believed(calibration.learn(taught, Way.UNCORRECTED)),
            CORRECTED: _believed(calibration.learn(taught, Way.CORRECTED)),
        }
        uploads = list(zip(asked.score.tolist(), asked.violating.tolist(), strict=True))
        for look, believe in said.items():
            here = [Told(told=believe(score), found=found) for score, found in uploads]
            found = reliability(here)
            assert found is not None, "worlds have uploads"
            errors[look].append(found.error)
            told[look] += here
    pooled = {look: reliability(each) for look, each in told.items()}
    return {look: (fmean(errors[look]), found.bins) for look, found in pooled.items() if found}


def _believed(learnt: WeightMap) -> Callable[[float], float]:
    return lambda score: probability(learnt.base + (learnt.weight(score) or 0.0))


def draw_volunteered(figure: Figure) -> None:
    """What was held probable of what people reported, beside how often it was so."""
    found: Mapping[str, Any] = credibility_volunteered.measure(say)
    told, broken = (np.array(each) for each in zip(*found["volunteered_reliability"], strict=True))
    claims = found["volunteered_claims"] // len(told)
    fit_column(figure, 5.4)
    axes = figure.subplots()
    _draw_diagonal(axes)
    rng = np.random.default_rng(SEED)
    low, high = np.quantile(
        rng.binomial(claims, told, (CALIBRATED_DRAWS, len(told))) / claims, (0.025, 0.975), axis=0
    )
    axes.fill_between(told, low, high, color=FAINT, alpha=0.25, lw=0, label="perfectly calibrated")
    shares = [Share(hits=round(each * claims), cases=claims).interval for each in broken]
    axes.vlines(told, *zip(*shares, strict=True), color=GREEN, lw=1.2)
    axes.plot(told, broken, "D", color=GREEN, ms=5, label="Underseal")
    error, perfect = (
        found[f"volunteered_calibration_error{each}"] for each in ("", "_if_calibrated")
    )
    axes.set_xscale("function", functions=(np.sqrt, np.square))
    axes.set_yscale("function", functions=(np.sqrt, np.square))
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=ROOT_TICKS, yticks=ROOT_TICKS)
    _tell_percents(axes)
    axes.set(
        xlabel="held probable (both axes by the square root)",
        ylabel="share that breaks the guideline",
        title=f"{found['volunteered_claims']} claims in {len(told)} bins: "
        f"error {error:.3f}, if perfect {perfect:.3f}",
    )
    axes.legend(frameon=False, loc="upper left")


def _tell_percents(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PERCENT)


def _draw_diagonal(axes: Axes) -> None:
    axes.plot(EVEN, EVEN, color=INK, lw=0.8, ls=":")


def draw_prevalence(figure: Figure) -> None:
    """How many looks an interval takes, and how often it holds the truth, by kind of machine."""
    found: Mapping[str, Any] = prevalence.run(say)["populations"]
    fit_column(figure, 5.6)
    labels, held = figure.subplots(1, 2, sharey=True)
    kinds = list(dict.fromkeys(_kind(cell) for cell in reversed(CELLS)))
    for look, above, truth in zip(RARE_AND_NOT, (0.14, -0.14), prevalence.TRUTHS, strict=True):
        cells = [cell for cell in CELLS if cell.truth == truth]
        rows = [kinds.index(_kind(cell)) + above for cell in cells]
        figures = [found[cell.name] for cell in cells]
        drawn = {"color": look.colour, "ms": 5.5}
        labels.plot([each["label_share"] for each in figures], rows, look.marker, **drawn)
        covered = [each["coverage"] for each in figures]
        held.hlines(
            rows, [each["low"] for each in covered], [each["high"] for each in covered], look.colour
        )
        held.plot([each["value"] for each in covered], rows, look.marker, **drawn, label=look.name)
    labels.set_yticks(range(len(kinds)), kinds)
    for axes, aim in ((labels, 0.4), (held, 0.93)):
        axes.axvline(aim, color=INK, lw=0.8, ls=":")
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(PERCENT)
    labels.axvline(1, color=FAINT, lw=0.8)
    labels.set(xlim=(0, None), xlabel="looks, of those that\nviews alone would take")
    held.set(xlim=(None, 1.004), xlabel="samples whose interval\nholds the truth")
    figure.legend(frameon=False, ncols=2, loc="outside upper center")


def _kind(cell: Cell) -> str:
    if cell.machine is Machine.RIGHT:
        return f"right, AUC .{cell.detector.removeprefix('auc_')}"
    return cell.machine.replace("_", " ")


PLOTS: Final[Mapping[str, Callable[[Figure], None]]] = {
    "judgement-prevalence": draw_prevalence,
    "judgement-volunteered": draw_volunteered,
    "judgement-detectors": draw_detectors,
}
