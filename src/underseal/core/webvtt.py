"""WebVTT: the captions of a video as a platform sends them, read strictly and within bounds.

What is written wrongly is refused with its line, never guessed at: the moderator would be shown
words that nobody sees. Source: https://www.w3.org/TR/webvtt1/, section 4.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from underseal.core.report import Moment
from underseal.core.timed_text import (
    LINE_CHARS_MAX,
    LINES_MAX,
    TEXT_CHARS_MAX,
    TextSource,
    TimedLine,
    plain,
)

WEBVTT_CHARS_MAX: Final = 200_000
"""Longest file, in characters, tags and times included. A limit of ours."""

_ARROW: Final = "-->"
_SIGNATURE: Final = re.compile(r"WEBVTT(?:[ \t].*)?")
_NO_CUE: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_TIME: Final = r"(?:([0-9]{2,4}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMES: Final = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+.*)?[ \t]*")
_TAG: Final = re.compile(r"<[^<>]*>")

Block = list[tuple[int, str]]
"""Lines with nothing but a line break between them, each with its number, from 1."""


class CaptionsError(ValueError):
    """Captions are not WebVTT as we take it; `line` is the first that is wrong, from 1."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(f"line {line}: {fault}")
        self.line = line


def read_webvtt(text: str) -> tuple[TimedLine, ...]:
    """Return the captions in a WebVTT file, without their tags.

    Raises:
        CaptionsError: it is not one, or says more than is taken.
    """
    if len(text) > WEBVTT_CHARS_MAX:
        raise CaptionsError(1, f"captions have at most {WEBVTT_CHARS_MAX:,} characters")
    blocks = _blocks(text.removeprefix("\ufeff"))
    _check_header(next(blocks, []))
    lines: list[TimedLine] = []
    chars = start_ms = 0
    for block in blocks:
        if _NO_CUE.fullmatch(block[0][1]) and not any(_ARROW in line for _, line in block):
            continue
        number, moment, words = _cue(block)
        if moment.start_ms < start_ms:
            raise CaptionsError(number, "this begins before the one before it")
        start_ms = moment.start_ms
        chars += len(words)
        if len(words) > LINE_CHARS_MAX:
            raise CaptionsError(number, f"one caption has at most {LINE_CHARS_MAX} characters")
        if chars > TEXT_CHARS_MAX:
            raise CaptionsError(number, f"captions say at most {TEXT_CHARS_MAX:,} characters")
        if words:
            lines.append(TimedLine(source=TextSource.PLATFORM, moment=moment, text=words))
        if len(lines) > LINES_MAX:
            raise CaptionsError(number, f"there are at most {LINES_MAX:,} captions")
    return tuple(lines)


def without_tags(text: str) -> str:
    """Return what players show of a caption: no tags, and characters for their names."""
    return plain(unescape(_TAG.sub("", text)))


def _blocks(text: str) -> Iterator[Block]:
    """Yield what stands between empty lines; the first one is the header."""
    block: Block = []
    even = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(even.split("\n"), start=1):
        if line:
            block.append((number, line))
        elif block:
            yield block
            block = []
        elif number == 1:
            return  # nothing may stand before the header
    if block:
        yield block


def _check_header(block: Block) -> None:
    if not block or not _SIGNATURE.fullmatch(block[0][1]):
        raise CaptionsError(1, "captions are WebVTT, which begins with `WEBVTT`")
    for number, line in block[1:]:
        if _ARROW in line:
            raise CaptionsError(number, "an empty line stands between the header and captions")


def _cue(block: Block) -> tuple[int, Moment, str]:
    """Return where a caption's times stand, its moment and its words."""
    has_name = _ARROW not in block[0][1]
    if has_name and len(block) == 1:
        raise CaptionsError(block[0][0], "a caption has times: `00:01.000 --> 00:02.500`")
    number, times = block[has_name]
    found = _TIMES.fullmatch(times)
    if found is None:
        raise CaptionsError(number, "times are written `00:01.000 --> 00:02.500`")
    parts = [int(each or 0) for each in found.groups()]
    try:
        moment = Moment(start_ms=_milliseconds(parts[:4]), end_ms=_milliseconds(parts[4:]))
    except ValueError:
        raise CaptionsError(number, "a caption ends after it begins, within six hours") from None
    words = block[has_name + 1 :]
    for line_number, line in words:
        if _ARROW in line:
            raise CaptionsError(line_number, "an empty line stands between captions")
    return number, moment, without_tags("\n".join(line for _, line in words))


def _milliseconds(parts: list[int]) -> int:
    hours, minutes, seconds, thousandths = parts
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
