"""Reading a stranger's file, inside the sandbox: from packets to sampled pictures and subtitles.

Key frames alone are fed to the decoder while they come often enough; otherwise the packets since
the last one, which are kept back as they pass, are fed after it. Only the decoder process imports
this module.
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from underseal.core.timed_text import LINES_MAX
from underseal.scan import wire
from underseal.scan.frames import GRID, Sampler, cells
from underseal.scan.limits import FailureReason, ScanFailedError
from underseal.scan.subtitles import FORMATS, line_of
from underseal.scan.wire import Job, Picture, Probe, VideoCodec

CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
"""Containers that are opened: those that say how long they play, so that a cut one is noticed."""

DECODERS: Final = {
    "h264": VideoCodec.H264,
    "hevc": VideoCodec.HEVC,
    "vp8": VideoCodec.VP8,
    "vp9": VideoCodec.VP9,
    "libdav1d": VideoCodec.AV1,
}
"""FFmpeg's decoders that may run."""

READ_BYTES: Final = 1 << 18

MISSING_PART: Final = 10
MISSING_MS_MIN: Final = 300
MISSING_MS_MAX: Final = 2000
"""How much less than declared a file may play: a tenth, within these bounds. A setting."""

REFUSED_SHARE_MAX: Final = 0.1
"""Share of the packets fed to the decoder that it may refuse. A setting."""

PIXEL_BYTES_MAX: Final = 4
"""More than a pixel takes in any format that the decoders give out."""

MICROSECONDS_PER_MS: Final = 1000


class Source:
    """A file given as an open descriptor, for PyAV; nobody else's position in it is moved."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._at = 0

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes, none at the end."""
        found = os.pread(self._descriptor, size_bytes, self._at)
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, and return the new position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at


def extract(media: Source, job: Job, output: int) -> None:
    """Write the sampled pictures of `media`, and the end or the failure, to `output`."""
    try:
        wire.send_end(output, _extract(media, job, output))
    except ScanFailedError as failed:
        wire.send_failure(output, failed.reason)
    except MemoryError:  # av.error.MemoryError is one
        wire.send_failure(output, FailureReason.OUT_OF_MEMORY)
    except EOFError:
        wire.send_failure(output, FailureReason.TRUNCATED)
    except (av.FFmpegError, ValueError):
        wire.send_failure(output, FailureReason.UNREADABLE)


def warm_up() -> None:
    """Make and decode a tiny video, so that nothing has to be imported behind closed doors."""
    memory = BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width = stream.height = GRID
        stream.pix_fmt = "yuv420p"
        container.add_mux_stream("webvtt")
        blank = VideoFrame.from_ndarray(np.zeros((GRID, GRID), np.uint8), format="gray8")
        container.mux([*stream.encode(blank), *stream.encode()])
    memory.seek(0)
    with av.open(memory, "r") as container:
        for frame in container.decode(video=0):
            cells(_grey(VideoReformatter(), frame)).std()


def _extract(media: Source, job: Job, output: int) -> Probe:
    options = {
        "format_whitelist": CONTAINERS,
        "codec_whitelist": ",".join(DECODERS),
        "protocol_whitelist": "none",
        "max_pixels": str(job.limits.pixels),
    }
    with av.open(
        media, "r", options=options, metadata_errors="replace", buffer_size=READ_BYTES
    ) as container:
        watch = _Watch(container, job, output)
        for packet in _packets(container):
            watch.take(packet)
        return watch.finish()


def _packets(container: InputContainer) -> Iterator["Packet[Stream]"]:
    """Yield packets up to where the file ends or breaks; how far that is, is judged later."""
    try:
        for packet in container.demux():
            if packet.size:
                yield packet
    except MemoryError:
        raise
    except av.FFmpegError:
        return


class _Tally:
    """What came out of a file, against what it declares."""

    def __init__(self, declared_ms: int, declared_pictures_ms: int) -> None:
        self._declared_ms = declared_ms
        self._declared_pictures_ms = declared_pictures_ms
        self._pictures_ended_ms = 0
        self._is_cut = False
        self.ended_ms = 0
        self.packets = 0
        self.fed = 0
        self.refused = 0
        self.decoded = 0

    def count(self, end_ms: int, *, of_pictures: bool, is_cut: bool) -> None:
        """Count a packet that is shown, or heard, until `end_ms`."""
        self._is_cut |= is_cut
        self.ended_ms = max(self.ended_ms, end_ms)
        if of_pictures:
            self.packets += 1
            self._pictures_ended_ms = max(self._pictures_ended_ms, end_ms)

    def failure(self) -> FailureReason | None:
        """Return why this was not a whole video, None if it was."""
        if not self.packets:
            return FailureReason.NO_VIDEO
        if self._is_cut or any(
            declared_ms - ended_ms > _missing_max(declared_ms)
            for declared_ms, ended_ms in (
                (self._declared_ms, self.ended_ms),
                (self._declared_pictures_ms, self._pictures_ended_ms),
            )
        ):
            return FailureReason.TRUNCATED
        if not self.decoded or self.refused > self.fed * REFUSED_SHARE_MAX:
            return FailureReason.UNREADABLE
        return None


def _missing_max(declared_ms: int) -> int:
    return min(MISSING_MS_MAX, max(MISSING_MS_MIN, declared_ms // MISSING_PART))


class _Watch:
    """Follows the packets of one file, and hands over the pictures that are wanted."""

    def __init__(self, container: InputContainer, job: Job, output: int) -> None:
        self._stream = _video_of(container)
        codec = DECODERS.get(getattr(self._stream.codec_context, "name", ""))
        if codec is None:
            raise ScanFailedError(FailureReason.UNREADABLE)
        self._codec = codec
        self._job, self._output = job, output
        self._sampler = Sampler(job.sampling)
        self._subtitles = {
            each.index: FORMATS[name]
            for each in container.streams.subtitles
            if (name := getattr(each.codec_context, "name", "")) in FORMATS
        }
        self._lines = 0
        self._to_grey, self._to_colour = VideoReformatter(), VideoReformatter()
        self._has_sound = bool(container.streams.audio)
        self._start_ms = (container.start_time or 0) // MICROSECONDS_PER_MS
        self._tally = _Tally(
            (container.duration or 0) // MICROSECONDS_PER_MS,
            _milliseconds(self._stream.duration, self._stream.time_base) or 0,
        )
        self._size: tuple[int, int] | None = None
        self._kept: list[Packet[Stream]] = []
        self._is_full = False
        self._seen_ms = 0
        context = self._stream.codec_context
        context.thread_count = 1
        context.options = {"max_pixels": str(job.limits.pixels)}
        self._check_size(context.width, context.height)
        self._check_end((container.duration or 0) // MICROSECONDS_PER_MS)

    def take(self, packet: "Packet[Stream]") -> None:
        """Follow a packet, and decode it if its picture may be wanted."""
        stamp = packet.dts if packet.pts is None else packet.pts
        at_ms = self._position(stamp, packet.time_base)
        end_ms = at_ms + (_milliseconds(packet.duration, packet.time_base) or 0)
        self._check_end(end_ms)
        of_pictures = packet.stream_index == self._stream.index
        self._tally.count(end_ms, of_pictures=of_pictures, is_cut=packet.is_corrupt)
        if self._tally.packets > self._job.limits.frames:
            raise ScanFailedError(FailureReason.TOO_LONG)
        if packet.stream_index in self._subtitles:
            self._pass_on(packet, at_ms, end_ms)
        if of_pictures and self._is_wanted(packet, at_ms):
            self._seen_ms = max(self._seen_ms, at_ms)
            for kept in self._kept:
                self._feed(kept)
            self._kept.clear()

    def finish(self) -> Probe:
        """Empty the decoder, and judge whether that was a whole video.

        Raises:
            ScanFailedError: it was not.
        """
        self._feed(None)
        failure = self._tally.failure()
        if failure is not None or self._size is None:
            raise ScanFailedError(failure or FailureReason.UNREADABLE)
        width, height = self._size
        return Probe(
            codec=self._codec,
            width=width,
            height=height,
            duration_ms=self._tally.ended_ms,
            has_sound=self._has_sound,
        )

    def _pass_on(self, packet: "Packet[Stream]", start_ms: int, end_ms: int) -> None:
        """Hand over a line of subtitles, as long as they are kept."""
        sample = bytes(packet)
        line = line_of(self._subtitles[packet.stream_index], sample, start_ms, end_ms)
        if line is not None and self._lines < LINES_MAX:
            self._lines += 1
            wire.send_line(self._output, line)

    def _is_wanted(self, packet: "Packet[Stream]", at_ms: int) -> bool:
        """Keep a packet, and tell whether it is time to decode those that were kept."""
        if packet.is_keyframe:
            self._kept.clear()
            self._is_full = False
        self._kept.append(packet)
        self._is_full |= at_ms - self._seen_ms > self._job.sampling.unseen_ms
        return self._is_full or (packet.is_keyframe and self._sampler.is_due(at_ms, key=True))

    def _feed(self, packet: "Packet[Stream] | None") -> None:
        self._tally.fed += 1
        try:
            frames = self._stream.codec_context.decode(packet)
        except MemoryError:
            raise
        except av.FFmpegError:
            self._tally.refused += 1
            width, height = self._stream.codec_context.width, self._stream.codec_context.height
            self._check_size(width, height)
            # Decoders take memory that is used up for bad data: see whether it is.
            bytearray(PIXEL_BYTES_MAX * width * height)
            return
        for frame in frames:
            self._tally.decoded += 1
            self._offer(frame)

    def _offer(self, frame: VideoFrame) -> None:
        self._check_size(frame.width, frame.height)
        # Frames that come out when the decoder is emptied carry no time base of their own.
        at_ms = self._position(frame.pts, self._stream.time_base)
        self._check_end(at_ms)
        if not self._sampler.is_due(at_ms, key=frame.key_frame):
            return
        self._size = self._size or _upright(frame)
        grey = _grey(self._to_grey, frame)
        choice = self._sampler.choose(at_ms, cells(grey))
        if choice.hashing:
            wire.send_picture(self._output, Picture(at_ms=at_ms, pixels=grey))
        if choice.reading:
            colour = _colour(self._to_colour, frame)
            wire.send_picture(self._output, Picture(at_ms=at_ms, pixels=colour))

    def _position(self, stamp: int | None, base: Fraction | None) -> int:
        """Return where a time stamp is from the start; without one, where we were before."""
        after_ms = _milliseconds(stamp, base)
        return self._seen_ms if after_ms is None else max(0, after_ms - self._start_ms)

    def _check_end(self, end_ms: int) -> None:
        if end_ms > self._job.limits.duration_ms:
            raise ScanFailedError(FailureReason.TOO_LONG)

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._job.limits.pixels:
            raise ScanFailedError(FailureReason.TOO_LARGE)


def _video_of(container: InputContainer) -> VideoStream:
    """Return the one track of pictures: a second one would be shown by some players, unseen."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    match streams:
        case [stream]:
            return stream
        case []:
            raise ScanFailedError(FailureReason.NO_VIDEO)
        case _:
            raise ScanFailedError(FailureReason.UNREADABLE)


def _milliseconds(stamp: int | None, base: Fraction | None) -> int | None:
    if stamp is None or base is None:
        return None
    return stamp * base.numerator * 1000 // base.denominator


def _grey(reformatter: VideoReformatter, frame: VideoFrame) -> NDArray[np.uint8]:
    return _scaled(reformatter, frame, wire.GREY_SIDE, wire.GREY_SIDE, "gray8")


def _colour(reformatter: VideoReformatter, frame: VideoFrame) -> NDArray[np.uint8]:
    scale = min(1, wire.COLOUR_SIDE_MAX / max(frame.width, frame.height))
    width, height = (max(GRID, round(side * scale)) for side in (frame.width, frame.height))
    return _scaled(reformatter, frame, width, height, "bgr24")


def _scaled(
    reformatter: VideoReformatter, frame: VideoFrame, width: int, height: int, pixel_format: str
) -> NDArray[np.uint8]:
    """Return the picture of a frame, upright."""
    picture = reformatter.reformat(frame, width, height, pixel_format, threads=1).to_ndarray()
    return np.rot90(picture, _quarter_turns(frame)).astype(np.uint8, copy=False)


def _upright(frame: VideoFrame) -> tuple[int, int]:
    """Return width and height as shown."""
    size = (frame.width, frame.height)
    return size[::-1] if _quarter_turns(frame) % 2 else size


def _quarter_turns(frame: VideoFrame) -> int:
    """Return by how many right angles, counterclockwise, a player turns the picture."""
    return round(frame.rotation / 90)
