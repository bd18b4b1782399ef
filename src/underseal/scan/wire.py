"""What crosses between the scanner and its decoder process: fixed records, raw pixels, subtitles.

The decoder's side may have been taken over by the file it read, so the scanner believes no number
that comes back: a record that an honest decoder could not have sent is a `ForgedRecordError`.
"""

import os
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from enum import IntEnum, StrEnum
from math import prod
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.report import MOMENT_MS_MAX, Moment
from underseal.core.timed_text import LINE_CHARS_MAX, TextSource, TimedLine
from underseal.scan.frames import GRID, Sampling
from underseal.scan.limits import FailureReason, Layer, Limits, ScanFailedError

GREY_SIDE: Final = 320
"""Width and height of a picture for hashing. PDQ picks 64 rows and columns out of them, the middle
ones if it is an odd multiple of 64: a mirrored copy then has exactly the mirrored hash. Its hashes
differ from those of pictures in full size by 8 bits in the median, as at 512."""

COLOUR_SIDE_MAX: Final = 1280
"""Longest side of a picture for reading text. A setting."""

LINE_BYTES_MAX: Final = 4 * LINE_CHARS_MAX
"""Longest line of subtitles, in bytes of UTF-8."""


class VideoCodec(StrEnum):
    """The video codecs that are decoded; a file in any other is unreadable."""

    H264 = "h264"
    HEVC = "hevc"
    VP8 = "vp8"
    VP9 = "vp9"
    AV1 = "av1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file turned out to be: its size as shown, upright, and how long it really plays."""

    codec: VideoCodec
    width: int
    height: int
    duration_ms: int
    has_sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A sampled frame, upright.

    For hashing it is grey, [GREY_SIDE, GREY_SIDE] whatever its shape was; for reading, BGR,
    [height, width, 3].
    """

    at_ms: int
    pixels: NDArray[np.uint8]

    @property
    def is_grey(self) -> bool:
        """Whether it is for hashing."""
        return not self.pixels.shape[2:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the decoder process is told about a file, beside the file."""

    limits: Limits
    sampling: Sampling


class ForgedRecordError(ValueError):
    """A record from the decoder process that an honest one could not have sent."""


class _Kind(IntEnum):
    GREY = 1
    COLOUR = 2
    END = 3
    END_WITH_SOUND = 4
    FAILED = 5
    LINE = 6


_JOB: Final = Struct("!qdqqqqqq5q")
_HEADER: Final = Struct("!BBHHq")
"""Kind; codec or reason; width, or bytes of a line; height; position or duration."""

_END_MS: Final = Struct("!q")
"""Where a line of subtitles ends; its text follows."""

_STATUS: Final = Struct("!i")
_LAYERS: Final = tuple(Layer)
_REASONS: Final = tuple(FailureReason)
_CODECS: Final = tuple(VideoCodec)

JOB_BYTES: Final = _JOB.size
STATUS_BYTES: Final = _STATUS.size
LAYERS_BYTES: Final = len(_LAYERS)


def pack_job(job: Job) -> bytes:
    """Write a job down."""
    return _JOB.pack(*astuple(job.limits), *astuple(job.sampling))


def unpack_job(record: bytes) -> Job:
    """Read a job back."""
    values = iter(_JOB.unpack(record))
    limits = {field.name: next(values) for field in fields(Limits)}
    sampling = {field.name: next(values) for field in fields(Sampling)}
    return Job(limits=Limits(**limits), sampling=Sampling(**sampling))


def pack_layers(layers: frozenset[Layer]) -> bytes:
    """Write down which layers are on."""
    return bytes(layer in layers for layer in _LAYERS)


def unpack_layers(record: bytes) -> frozenset[Layer]:
    """Read back which layers are on."""
    return frozenset(layer for layer, is_on in zip(_LAYERS, record, strict=True) if is_on)


def pack_status(status: int) -> bytes:
    """Write down what `waitpid` said."""
    return _STATUS.pack(status)


def unpack_status(record: bytes) -> int:
    """Read back what `waitpid` said."""
    status: int = _STATUS.unpack(record)[0]
    return status


def send_picture(output: int, picture: Picture) -> None:
    """Write a picture to the pipe `output`."""
    height, width = picture.pixels.shape[:2]
    kind = _Kind.GREY if picture.is_grey else _Kind.COLOUR
    _send(output, _HEADER.pack(kind, 0, width, height, picture.at_ms))
    _send(output, picture.pixels.tobytes())


def send_line(output: int, line: TimedLine) -> None:
    """Write a line of subtitles to the pipe `output`."""
    text = line.text[:LINE_CHARS_MAX].encode()
    _send(output, _HEADER.pack(_Kind.LINE, 0, len(text), 0, line.moment.start_ms))
    _send(output, _END_MS.pack(line.moment.end_ms) + text)


def send_end(output: int, probe: Probe) -> None:
    """Write to the pipe `output` that the whole file was read."""
    kind = _Kind.END_WITH_SOUND if probe.has_sound else _Kind.END
    codec = _CODECS.index(probe.codec)
    _send(output, _HEADER.pack(kind, codec, probe.width, probe.height, probe.duration_ms))


def send_failure(output: int, reason: FailureReason) -> None:
    """Write to the pipe `output` that the file cannot be scanned."""
    _send(output, _HEADER.pack(_Kind.FAILED, _REASONS.index(reason), 0, 0, 0))


def receive(read: Callable[[int], bytearray]) -> Picture | TimedLine | Probe:
    """Read the next record, believing nothing.

    Args:
        read: returns exactly as many bytes as it is asked for.

    Raises:
        ScanFailedError: the decoder process says so.
        ForgedRecordError: it cannot be true.
    """
    number, choice, width, height, at_ms = _HEADER.unpack(read(_HEADER.size))
    if not 0 <= at_ms < MOMENT_MS_MAX:
        raise ForgedRecordError("a position beyond any video")
    match number:
        case _Kind.GREY if width == height == GREY_SIDE:
            return Picture(at_ms=at_ms, pixels=_pixels(read, height, width))
        case _Kind.COLOUR if GRID <= min(width, height) <= max(width, height) <= COLOUR_SIDE_MAX:
            return Picture(at_ms=at_ms, pixels=_pixels(read, height, width, 3))
        case _Kind.LINE if width <= LINE_BYTES_MAX:
            return _line(read, at_ms, width)
        case _Kind.END | _Kind.END_WITH_SOUND if choice < len(_CODECS):
            return Probe(
                codec=_CODECS[choice],
                width=width,
                height=height,
                duration_ms=at_ms,
                has_sound=number == _Kind.END_WITH_SOUND,
            )
        case _Kind.FAILED if choice < len(_REASONS):
            raise ScanFailedError(_REASONS[choice])
    raise ForgedRecordError("a record that was not asked for")


def _pixels(read: Callable[[int], bytearray], *shape: int) -> NDArray[np.uint8]:
    return np.frombuffer(read(prod(shape)), np.uint8).reshape(shape)


def _line(read: Callable[[int], bytearray], start_ms: int, size_bytes: int) -> TimedLine:
    (end_ms,) = _END_MS.unpack(read(_END_MS.size))
    try:
        text = read(size_bytes).decode()
        moment = Moment(start_ms=start_ms, end_ms=end_ms)
    except ValueError:  # UnicodeDecodeError is one
        raise ForgedRecordError("a line that is none") from None
    return TimedLine(source=TextSource.FILE, moment=moment, text=text)


def _send(output: int, record: bytes) -> None:
    rest = memoryview(record)
    while rest:
        rest = rest[os.write(output, rest) :]
