"""How videos are watched, hour by hour: recorded cascades, or such as the laboratory draws."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
"""Draws videos: a row each, with its views in each of the `LIFE_HOURS` after its publication."""

SHARES_LEAST: Final = 20
"""Recorded cascades with fewer shares are left out: there is nothing to order."""

VIEWS_A_SHARE_SPREAD: Final = 1.0
SCALE_SPREAD: Final = 1.0
VIEWS_A_SHARE: Final = 20.0
"""Traces tell of shares, not of views: how many see one is lognormal, by share and by video. An
assumption of the laboratory's; spreads are the standard deviations of logarithms."""

LIFE_HOURS: Final = 336
FOLLOWERS: Final = 60.0
FOLLOWERS_SPREAD: Final = 1.0
SHARED_WITH: Final = 5.0
SHARED_WITH_SPREAD: Final = 2.2
BRED: Final = 0.8
BRED_SPREAD: Final = 0.5
BRED_MAX: Final = 0.97
AGEING_HOURS: Final = 240.0
MEMORY: Final = 1.242
"""Drawn ones spread as in SEISMIC (Zhao et al., KDD 2015): who is shown a video sees it after a time
that falls off as a power of `MEMORY`; a share of those who see it share it with others, few with
many; `BRED` is how many shows one show leads to in the mean while the video is new. Followers of
the creator begin it. Other numbers are assumptions of the laboratory's: medians, and standard
deviations of logarithms."""


class NoTracesError(Exception):
    """The folder holds no cascades that could be used."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"no file under {folder} has {SHARES_LEAST} lines of a user, a tab and a time in seconds"
        )


def read_traces(folder: Path) -> tuple[Floats, ...]:
    """Return the times of the shares of each recorded cascade, in hours since its first.

    Every `.txt` file below `folder` is one cascade, a line `user<TAB>seconds` for each share.

    Raises:
        NoTracesError: there are none.
    """
    traces = []
    for file in sorted(folder.rglob("*.txt")):
        times = _times(file)
        if len(times) >= SHARES_LEAST:
            traces.append((times - times[0]) / 3600)
    if not traces:
        raise NoTracesError(folder)
    return tuple(traces)


def replay_traces(traces: Sequence[Floats], rng: np.random.Generator, videos: int) -> Floats:
    """Return videos that are shared as recorded ones were, a row each."""
    views = np.zeros((videos, LIFE_HOURS))
    for video, trace in enumerate(rng.integers(len(traces), size=videos).tolist()):
        shares = traces[trace]
        seen = rng.lognormal(0, VIEWS_A_SHARE_SPREAD, len(shares))
        seen *= VIEWS_A_SHARE * rng.lognormal(0, SCALE_SPREAD)
        in_time = shares < LIFE_HOURS
        views[video] = np.bincount(shares[in_time].astype(int), seen[in_time], LIFE_HOURS)
    return views


def draw_cascades(rng: np.random.Generator, videos: int) -> Floats:
    """Return videos of the laboratory's, a row each."""
    delays = np.arange(1, LIFE_HOURS + 1) ** -MEMORY
    delays = (delays / delays.sum())[::-1]
    bred = np.minimum(BRED_MAX, rng.lognormal(np.log(BRED), BRED_SPREAD, videos))
    shared = bred / (SHARED_WITH * np.exp(SHARED_WITH_SPREAD**2 / 2))
    views, shown = np.zeros((videos, LIFE_HOURS)), np.zeros((videos, LIFE_HOURS + 1))
    shown[:, 0] = rng.lognormal(np.log(FOLLOWERS), FOLLOWERS_SPREAD, videos)
    for hour in range(LIFE_HOURS):
        expected = shown[:, : hour + 1] @ delays[LIFE_HOURS - hour - 1 :]
        views[:, hour] = rng.poisson(expected)
        shares = rng.poisson(shared * np.exp(-hour / AGEING_HOURS) * expected)
        whose = np.repeat(np.arange(videos), shares)
        reached = rng.lognormal(np.log(SHARED_WITH), SHARED_WITH_SPREAD, len(whose))
        shown[:, hour + 1] = np.bincount(whose, reached, videos)
    return views


def _times(file: Path) -> Floats:
    lines = (line.split("\t") for line in file.read_text(errors="replace").splitlines())
    try:
        return np.sort(np.array([float(line[1]) for line in lines if len(line) > 1]))
    except ValueError:
        return np.array([])
