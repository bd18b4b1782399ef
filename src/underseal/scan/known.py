"""Known content: finds videos that were judged before, by the perceptual hashes of their frames.

Hashes are compared exactly, each with each: for a million that is quick, and an approximate index
would miss some. The frames of a video are compared as shown and in the seven other ways to turn and
mirror them, so that a mirrored copy is found.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, NewType

import faiss
import numpy as np
from numpy.typing import NDArray

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.scan.pdq import DISTANCE_MAX, PDQ_BYTES, WAYS, FrameHash, Pdq

DETECTOR: Final = "known_content"
DETECTOR_VERSION: Final = "pdq-1"

SHARE_MIN: Final = 0.3
"""Share of a video's telling frames that a known item must account for. A setting: at vPDQ's own
0.8 a caption or another speed hides most copies."""

RUN_MS_MIN: Final = 5_000
"""Or the length of one stretch that it accounts for: an excerpt in a longer video. A setting."""

FRAMES_MIN: Final = 2
"""Frames that must match, unless the video has but one: a title card is no copy. A setting."""

ITEMS_MAX: Final = 20
"""Items that one video is said to match at most: lists hold copies of copies. A limit of ours."""

VERIFIED_WEIGHT: Final = math.log(10_000)
"""What a match with content that a human verified weighs, in nats: odds of ten thousand to one, the
precision at which Thorn's benchmark of perceptual hashes compares them. A setting."""

KnownItemId = NewType("KnownItemId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """A video or picture that was judged before; `verified` if a human of ours has confirmed it.

    Raises:
        ValueError: a hash is not 32 bytes long.
    """

    id: KnownItemId
    list_name: str
    guideline: GuidelineId
    verified: bool
    hashes: tuple[Pdq, ...]

    def __post_init__(self) -> None:
        if any(len(pdq) != PDQ_BYTES for pdq in self.hashes):
            raise ValueError("a PDQ hash is 32 bytes long")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMatch:
    """An item that accounts for `share` of a video's telling frames, in these moments."""

    item: KnownItem
    share: float
    moments: tuple[Moment, ...]

    def signals(self, verified_weight: float) -> tuple[Signal, ...]:
        """Return one signal for each moment; an item that is not verified weighs nothing."""
        return tuple(
            Signal(
                detector=DETECTOR,
                detector_version=DETECTOR_VERSION,
                modality=Modality.KNOWN,
                guideline=self.item.guideline,
                score=self.share,
                weight=verified_weight if self.item.verified else None,
                moment=moment,
                verified=self.item.verified,
                detail=f"{self.item.list_name}: {self.item.id}",
            )
            for moment in self.moments
        )


class KnownContent:
    """The index of all known items; several threads may search it and add to it."""

    def __init__(self, items: Iterable[KnownItem] = ()) -> None:
        self._index = faiss.IndexBinaryIDMap(faiss.IndexBinaryFlat(PDQ_BYTES * 8))
        self._items: list[KnownItem] = []
        self._lock = Lock()
        self.add(items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, items: Iterable[KnownItem]) -> None:
        """Add items; what is there already is not touched."""
        with self._lock:
            for item in items:
                owners = np.full(len(item.hashes), len(self._items))
                self._index.add_with_ids(_rows(item.hashes), owners)
                self._items.append(item)

    def search(self, frames: Sequence[FrameHash], duration_ms: int) -> tuple[KnownMatch, ...]:
        """Return the items that a video of these frames, in order, is a copy of; best first."""
        telling = [frame for frame in frames if frame.is_telling]
        found = ((item, _stretches(numbers)) for item, numbers in self._found(telling))
        matches = [
            _match(item, stretches, telling, duration_ms)
            for item, stretches in found
            if _is_copy(stretches, telling)
        ]
        matches.sort(key=lambda match: (-match.share, match.item.id))
        return tuple(matches[:ITEMS_MAX])

    def _found(self, telling: Sequence[FrameHash]) -> Iterator[tuple[KnownItem, list[int]]]:
        """Yield each item with the numbers of the frames that match it, turned in its best way."""
        if not telling:
            return
        queries = [
            (number, view, pdq)
            for number, frame in enumerate(telling)
            for view, pdq in enumerate(frame.views)
        ]
        rows = _rows([pdq for _, _, pdq in queries])
        with self._lock:
            limits, _, owners = self._index.range_search(rows, DISTANCE_MAX + 1)
        numbers: dict[tuple[int, int], set[int]] = defaultdict(set)
        hits = np.repeat(np.arange(len(rows)), np.diff(limits.astype(np.int64)))
        for owner, hit in zip(owners.tolist(), hits.tolist(), strict=True):
            number, view, _ = queries[hit]
            numbers[owner, view % WAYS].add(number)
        best: dict[int, set[int]] = {}
        for (owner, _), of_view in numbers.items():
            best[owner] = max(best.get(owner, set()), of_view, key=len)
        for owner, of_best in best.items():
            yield self._items[owner], sorted(of_best)


def _rows(hashes: Sequence[Pdq]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, PDQ_BYTES)


def _stretches(numbers: Sequence[int]) -> list[range]:
    """Join numbers that follow each other."""
    stretches: list[range] = []
    for number in numbers:
        if stretches and stretches[-1].stop == number:
            stretches[-1] = range(stretches[-1].start, number + 1)
        else:
            stretches.append(range(number, number + 1))
    return stretches


def _is_copy(stretches: Sequence[range], telling: Sequence[FrameHash]) -> bool:
    matching = sum(map(len, stretches))
    if matching < min(FRAMES_MIN, len(telling)):
        return False
    return matching >= SHARE_MIN * len(telling) or any(
        telling[stretch[-1]].at_ms - telling[stretch[0]].at_ms >= RUN_MS_MIN
        for stretch in stretches
    )


def _match(
    item: KnownItem, stretches: Sequence[range], telling: Sequence[FrameHash], duration_ms: int
) -> KnownMatch:
    """Put stretches of frames into time: each lasts until the next frame that does not match."""
    starts_ms = [frame.at_ms for frame in telling]
    ends_ms = [*starts_ms[1:], max(duration_ms, starts_ms[-1] + 1)]
    return KnownMatch(
        item=item,
        share=sum(map(len, stretches)) / len(telling),
        moments=tuple(
            Moment(start_ms=starts_ms[stretch[0]], end_ms=ends_ms[stretch[-1]])
            for stretch in stretches
        ),
    )
