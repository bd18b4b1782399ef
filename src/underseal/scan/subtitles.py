"""Subtitles inside a media file: from the bytes of a sample to the line that a player shows.

The samples of these formats are text, so no decoder of FFmpeg's is needed: what is not run cannot be
taken over. Only the decoder process reads them.
"""

import codecs
from enum import StrEnum
from typing import Final

from underseal.core.report import Moment
from underseal.core.timed_text import LINE_CHARS_MAX, TextSource, TimedLine, plain
from underseal.core.webvtt import without_tags

SAMPLE_BYTES_MAX: Final = 8 * LINE_CHARS_MAX
"""So much of a sample is read, tags included. A limit of ours."""

_UTF16_MARKS: Final = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
codecs.lookup("utf-16")  # behind closed doors it could not be loaded any more


class SubtitleFormat(StrEnum):
    """How a sample says its text."""

    LENGTH_FIRST = "length_first"
    TAGGED = "tagged"


FORMATS: Final = {
    "mov_text": SubtitleFormat.LENGTH_FIRST,
    "srt": SubtitleFormat.TAGGED,
    "subrip": SubtitleFormat.TAGGED,
    "webvtt": SubtitleFormat.TAGGED,
}
"""What FFmpeg calls those that are read: MP4's timed text, and SubRip and WebVTT in Matroska."""


def line_of(format_: SubtitleFormat, sample: bytes, start_ms: int, end_ms: int) -> TimedLine | None:
    """Return the line in a sample; None if it says nothing, for no time or for nobody knows when."""
    text = _text_of(format_, sample)[:LINE_CHARS_MAX]
    if not text or start_ms >= end_ms:
        return None
    moment = Moment(start_ms=start_ms, end_ms=end_ms)
    return TimedLine(source=TextSource.FILE, moment=moment, text=text)


def _text_of(format_: SubtitleFormat, sample: bytes) -> str:
    match format_:
        case SubtitleFormat.LENGTH_FIRST:
            # Two bytes of length, the text, then boxes of style. Source: ETSI TS 126 245, 5.17.
            text = sample[2 : 2 + int.from_bytes(sample[:2])][:SAMPLE_BYTES_MAX]
            encoding = "utf-16" if text.startswith(_UTF16_MARKS) else "utf-8"
            return plain(text.decode(encoding, "replace"))
        case SubtitleFormat.TAGGED:
            return without_tags(sample[:SAMPLE_BYTES_MAX].decode("utf-8", "replace"))
