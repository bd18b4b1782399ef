"""Frame strips: a few small grey frames of a video, side by side, to be seen before it is played.

It is made of the pictures that leave the decoder for hashing, which are raw pixels already: nothing
of the file's own is read here. They are grey, for grey pictures are easier to bear.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from underseal.scan.wire import Picture, Probe

FRAMES: Final = 12
"""Frames of a strip at most. A setting."""

HEIGHT: Final = 160
WIDTH_MAX: Final = 284
"""Size of a frame in pixels: 16:9 lying, and upright as wide as it is then. Settings."""

QUALITY: Final = 70
"""Of the JPEG, as its encoder counts. A setting: a strip takes about 40 KB."""

_KEPT: Final = 2 * FRAMES
"""Pictures that are kept while a video is looked at; then every other one goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A JPEG of frames of one size, side by side, and where in the video each is from."""

    jpeg: bytes
    frames_ms: tuple[int, ...]


class StripMaker:
    """Keeps a few of the pictures that it is shown, evenly spread however many there are."""

    def __init__(self) -> None:
        self._kept: list[Picture] = []
        self._every = 1
        self._seen = 0

    def see(self, picture: Picture) -> None:
        """Look at the next picture for hashing."""
        if self._seen % self._every == 0:
            self._kept.append(picture)
        self._seen += 1
        if len(self._kept) > _KEPT:
            self._kept = self._kept[::2]
            self._every *= 2

    def make(self, probe: Probe) -> Strip | None:
        """Return the strip of the video that the pictures are of; None if there were none."""
        if not self._kept:
            return None
        count = min(FRAMES, len(self._kept))
        chosen = [self._kept[index * len(self._kept) // count] for index in range(count)]
        width = max(1, min(WIDTH_MAX, round(HEIGHT * probe.width / max(1, probe.height))))
        sheet = Image.new("L", (width * len(chosen), HEIGHT))
        for index, picture in enumerate(chosen):
            frame = Image.fromarray(picture.pixels).resize((width, HEIGHT))
            sheet.paste(frame, (index * width, 0))
        jpeg = BytesIO()
        sheet.save(jpeg, "JPEG", quality=QUALITY)
        return Strip(jpeg=jpeg.getvalue(), frames_ms=tuple(each.at_ms for each in chosen))
