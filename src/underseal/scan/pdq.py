"""PDQ: the perceptual hash of a picture, 256 bits that nearly survive copying.

Source: PDQ by Facebook, `pdq/README.md` in ThreatExchange, for the hash and both thresholds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NewType

import numpy as np
import pdqhash
from numpy.typing import NDArray

from underseal.scan.wire import Picture

Pdq = NewType("Pdq", bytes)
"""32 bytes, in the order of PDQ's hexadecimal form."""

PDQ_BYTES: Final = 32

WAYS: Final = 8
"""Ways in which a picture can be turned and mirrored, none included."""

DISTANCE_MAX: Final = 31
"""Bits by which the hashes of two copies of a picture may differ."""

QUALITY_MIN: Final = 50
"""A picture of less detail, in [0, 100], resembles too many others to be kept or looked for."""

THINNING_BITS: Final = 6
"""Of consecutive frames that differ by less, one is kept. A setting."""

BAR_SPREAD: Final = 20
"""A row or column is part of a bar if its grey levels, of 256, lie within that. A setting."""

BAR_SHARE_MIN: Final = 0.03
"""Share of a side that bars must take up to be cut off: less does not hide a copy. A setting."""

INNER_SHARE_MIN: Final = 0.3
"""Share of a side that must remain between bars: else the picture itself is plain. A setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHash:
    """The hash of a frame, from different views.

    `views` holds the frame as shown first, then turned and mirrored in the seven other ways; then,
    if bars surround the picture, the same eight without the bars. `quality` is in [0, 100].
    """

    at_ms: int
    quality: int
    views: tuple[Pdq, ...]

    @property
    def pdq(self) -> Pdq:
        """The hash of the frame as shown."""
        return self.views[0]

    @property
    def upright(self) -> tuple[Pdq, ...]:
        """The hashes of the frame as shown, with and without its bars."""
        return self.views[::WAYS]

    @property
    def is_telling(self) -> bool:
        """Whether the frame holds enough detail to be recognised by."""
        return self.quality >= QUALITY_MIN


def hash_picture(picture: Picture) -> FrameHash:
    """Return the hashes of a grey picture."""
    views, quality = _hash_all_ways(picture.pixels)
    inner = _without_bars(picture.pixels)
    if inner is not None:
        inner_views, inner_quality = _hash_all_ways(inner)
        if inner_quality >= QUALITY_MIN:
            views += inner_views
    return FrameHash(at_ms=picture.at_ms, quality=quality, views=views)


def distance(one: Pdq, other: Pdq) -> int:
    """Return the number of bits in which two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def thinned(hashes: Iterable[FrameHash]) -> Iterator[FrameHash]:
    """Pass over frames that tell nothing, or nothing that the last one kept did not."""
    last = None
    for frame in hashes:
        if frame.is_telling and (last is None or distance(frame.pdq, last) >= THINNING_BITS):
            last = frame.pdq
            yield frame


def _hash_all_ways(grey: NDArray[np.uint8]) -> tuple[tuple[Pdq, ...], int]:
    colours = np.broadcast_to(grey[..., None], (*grey.shape, 3))
    bits, quality = pdqhash.compute_dihedral(colours)
    rows = np.packbits(np.array(bits, np.uint8), axis=1)
    return tuple(Pdq(row.tobytes()) for row in rows), int(quality)


def _without_bars(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the picture between the bars around it, None if there are none."""
    rows, columns = _inner(grey), _inner(grey.T)
    if rows is None or columns is None:
        return None
    inner = grey[rows, columns]
    return None if inner.shape == grey.shape else inner


def _inner(lines: NDArray[np.uint8]) -> slice | None:
    """Return the lines between the bars: all without bars, None if too few would remain."""
    vivid = np.flatnonzero(np.ptp(lines, axis=1) > BAR_SPREAD)
    if vivid.size < INNER_SHARE_MIN * len(lines):
        return None
    first, last = int(vivid[0]), int(vivid[-1]) + 1
    is_barred = len(lines) - (last - first) >= BAR_SHARE_MIN * len(lines)
    return slice(first, last) if is_barred else slice(None)
