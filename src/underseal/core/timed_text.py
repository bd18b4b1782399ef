"""Timed text: what is said or written in a video, line by line, with where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from underseal.core.report import Moment

LINES_MAX: Final = 2_000
"""Lines that are kept of a video from one source: more than three a second of the longest video that
is scanned. A limit of ours."""

LINE_CHARS_MAX: Final = 500
"""Longest line, in characters. A limit of ours."""

TEXT_CHARS_MAX: Final = 100_000
"""Characters that are kept of a video from one source, in all its lines. A limit of ours."""

_NEEDED: Final = "\u200c\u200d\u200e\u200f\u061c"
"""Joiners and direction marks."""


class TextSource(StrEnum):
    """Where a line comes from; nobody but the machine that read the screen has checked it."""

    SCREEN = "screen"
    FILE = "file"
    PLATFORM = "platform"


TRANSCRIPT: Final = (TextSource.FILE, TextSource.PLATFORM)
"""The sources of what is said: the subtitles in the file, and the captions that the platform sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedLine:
    """A line of text, and when it is said or shown."""

    source: TextSource
    moment: Moment
    text: str


def plain(text: str) -> str:
    """Return a text as one line, with single spaces, without what could disguise it."""
    return " ".join("".join(map(_shown, text)).split())


def bounded(lines: Iterable[TimedLine]) -> tuple[TimedLine, ...]:
    """Return the lines of one source in their order, plain, as many as are kept.

    A line that is too long is cut.
    """
    kept: list[TimedLine] = []
    left = TEXT_CHARS_MAX
    for line in sorted(lines, key=lambda each: each.moment):
        text = plain(line.text)[:LINE_CHARS_MAX]
        if not text:
            continue
        left -= len(text)
        if left < 0 or len(kept) == LINES_MAX:
            break
        kept.append(replace(line, text=text))
    return tuple(kept)


def _shown(character: str) -> str:
    """Return a character as it is shown: of the invisible ones, those that scripts need."""
    if character.isprintable() or character in _NEEDED:
        return character
    return " " if character.isspace() else ""
