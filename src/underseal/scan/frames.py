"""Which moments of a video are looked at: the policy, without any decoding.

Key frames are cheap to decode and encoders put one where a scene starts, so they are what is
sampled; a stretch without any is decoded in full. Pictures that show nothing are passed over.
Samples grow sparser with the position, by a share of it, so that the cost of a file is bounded by
what it plays and not by what it claims.

Pure: times are integer milliseconds from the start of the video.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.report import MOMENT_MS_MAX

GRID: Final = 64
"""Pictures are compared as GRID x GRID cells: a line of text covers dozens of them."""

CELL_CHANGE: Final = 16
"""Grey levels, of 256, by which a cell must differ to have changed. A setting."""

TEXT_CHANGE: Final = 0.01
"""Share of changed cells from which there may be new text. A setting."""

SCENE_CHANGE: Final = 0.3
"""Share of changed cells from which a key frame starts another scene. A setting."""

BLANK_SPREAD: Final = 4
"""A picture whose cells' standard deviation is below that many grey levels shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How densely a video is looked at. The defaults are settings.

    Attributes:
        every_ms: the distance of ordinary samples.
        scene_ms: the distance at which a key frame that starts another scene is a sample too.
        unseen_ms: a longer stretch without a key frame is decoded in full.
        pictures_share: samples are at least one n-th of their position apart.
        texts_share: the same for pictures that are read for text; none are read at 0.
    """

    every_ms: int = 1000
    scene_ms: int = 250
    unseen_ms: int = 4000
    pictures_share: int = 600
    texts_share: int = 30


FINGERPRINT: Final = Sampling(
    every_ms=30, scene_ms=30, unseen_ms=30, pictures_share=MOMENT_MS_MAX, texts_share=0
)
"""How known content is hashed: every frame, up to 30 a second. Filmed by hand, a picture differs
from itself an eighth of a second later by more than a match allows, so a copy whose samples fall
elsewhere would be lost otherwise."""


def cells(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean grey levels of the cells of a picture, [GRID, GRID], of which it is no smaller."""
    height, width = (size // GRID for size in picture.shape)
    whole = picture[: height * GRID, : width * GRID].reshape(GRID, height, GRID, width)
    grid: NDArray[np.float32] = whole.mean(axis=(1, 3), dtype=np.float32)
    return grid


@dataclass(frozen=True, slots=True)
class Choice:
    """What a frame is wanted for."""

    hashing: bool
    reading: bool


PASSED_OVER: Final = Choice(hashing=False, reading=False)


class Sampler:
    """Chooses frames, which are offered in the order in which they are shown."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._sampled_at: int | None = None
        self._read_at: int | None = None
        self._sampled: NDArray[np.float32] | None = None
        self._read: NDArray[np.float32] | None = None

    def is_due(self, at_ms: int, *, key: bool) -> bool:
        """Whether a frame at that position may be wanted: otherwise nobody need decode it."""
        wanted_ms = self._sampling.scene_ms if key else self._sampling.every_ms
        return self._is_past(self._sampled_at, at_ms, wanted_ms, self._sampling.pictures_share)

    def choose(self, at_ms: int, grid: NDArray[np.float32]) -> Choice:
        """Decide on a frame that is due, by the cells of its picture."""
        if grid.std() < BLANK_SPREAD:
            return PASSED_OVER
        if not self.is_due(at_ms, key=False) and not _differs(self._sampled, grid, SCENE_CHANGE):
            return PASSED_OVER
        self._sampled_at, self._sampled = at_ms, grid
        share = self._sampling.texts_share
        reading = (
            share > 0
            and self._is_past(self._read_at, at_ms, self._sampling.every_ms, share)
            and _differs(self._read, grid, TEXT_CHANGE)
        )
        if reading:
            self._read_at, self._read = at_ms, grid
        return Choice(hashing=True, reading=reading)

    @staticmethod
    def _is_past(last_ms: int | None, at_ms: int, wanted_ms: int, share: int) -> bool:
        return last_ms is None or at_ms - last_ms >= max(wanted_ms, at_ms // share)


def _differs(before: NDArray[np.float32] | None, grid: NDArray[np.float32], share: float) -> bool:
    if before is None:
        return True
    return bool((np.abs(grid - before) > CELL_CHANGE).mean() >= share)
