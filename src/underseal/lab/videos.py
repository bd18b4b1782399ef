"""The laboratory's own videos: seeded scenes with captions and sound, edited copies, broken files.

Nothing here is anybody's footage, so tests, demos and benchmarks can make and show what they need.
The same arguments always draw the same pictures; encoders may differ by a bit.
"""

import math
import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from struct import pack
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from underseal.core.report import Moment
from underseal.lab.scenes import Picture, draw_scene

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream

SIZE: Final = (360, 640)
"""Width and height of a video unless told otherwise: upright, as phones film."""

FPS: Final = 15
CAPTION_LETTERS: Final = 18
"""Letters in a line of a caption, which fills the width."""

MILLISECONDS: Final = 1000

KEY_FRAMES_S: Final = 2
"""Seconds between key frames, as in platforms' own encodings."""

HUGE_BEFORE: Final = 256
HUGE_AFTER: Final = 0x3FFF
"""The largest side that VP8 can express."""

Sound: TypeAlias = NDArray[np.float32]
"""Mono samples in [-1, 1]."""

SOUND_HZ: Final = 48_000
NOTES_HZ: Final = (220.0, 261.6, 293.7, 329.6, 392.0, 440.0)
NOTE_S: Final = 0.25


class Codec(StrEnum):
    """The video codecs that the laboratory writes."""

    H264 = "h264"
    HEVC = "hevc"
    VP9 = "vp9"
    AV1 = "av1"


class Edit(StrEnum):
    """What people do to a video before they upload it again."""

    REENCODED = "reencoded"
    SCALED = "scaled"
    MIRRORED = "mirrored"
    TRIMMED = "trimmed"


class Breakage(StrEnum):
    """How an uploaded file fails to be a video that can be scanned."""

    TRUNCATED = "truncated"
    GARBAGE = "garbage"
    HUGE = "huge"
    ENDLESS = "endless"
    FRAMELESS = "frameless"
    SOUND_ONLY = "sound_only"


ENCODERS: Final = {
    Codec.H264: ("libx264", {"preset": "veryfast", "crf": "26"}),
    Codec.HEVC: ("libx265", {"preset": "ultrafast", "crf": "28", "x265-params": "log-level=none"}),
    Codec.VP9: ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "36", "b": "0"}),
    Codec.AV1: ("libsvtav1", {"preset": "11", "crf": "38"}),
}
"""Encoders, at a middling quality that is small to keep and quick to make."""

POOR: Final = {"crf": "36"}
"""What a video looks like after it was passed on a few times, in H.264."""


def make_video(
    path: Path,
    *,
    scene: int,
    seconds: float = 4,
    caption: str = "",
    captioned: Moment | None = None,
    codec: Codec = Codec.H264,
    size: tuple[int, int] = SIZE,
    fps: int = FPS,
    spoken: Sequence[tuple[Moment, str]] = (),
) -> None:
    """Write a scene with sound to `path`, whose suffix (.mp4 or .webm) chooses the container.

    The caption is burnt into the picture, all the time or while `captioned`. `size` is width and
    height, both even. `spoken` are subtitles in a track of their own, in order.
    """
    pictures: Iterable[Picture] = draw_scene(scene, seconds=seconds, size=size, fps=fps)
    if caption:
        start_ms, end_ms = (
            (captioned.start_ms, captioned.end_ms) if captioned else (0, seconds * 1000)
        )
        shown = range(math.ceil(start_ms * fps / 1000), math.ceil(end_ms * fps / 1000))
        pictures = _captioned(pictures, caption, size, shown)
    sound = _melody(scene, seconds)
    _write(path, pictures, codec=codec, size=size, fps=fps, sound=sound, spoken=spoken)


def copy_video(source: Path, target: Path, edit: Edit) -> None:
    """Write an edited copy of `source` to `target`, in H.264 and without its sound."""
    with av.open(source) as container:
        fps = container.streams.video[0].average_rate or FPS
        frames = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        pictures: list[Picture] = [frame.astype(np.uint8) for frame in frames]
    options: Mapping[str, str] = {}
    match edit:
        case Edit.REENCODED:
            options = POOR
        case Edit.SCALED:
            pictures = [np.asarray(Image.fromarray(picture).reduce(2)) for picture in pictures]
        case Edit.MIRRORED:
            pictures = [np.ascontiguousarray(picture[:, ::-1]) for picture in pictures]
        case Edit.TRIMMED:
            pictures = pictures[len(pictures) // 3 :]
    height, width = (side - side % 2 for side in pictures[0].shape[:2])
    even = (picture[:height, :width] for picture in pictures)
    _write(target, even, size=(width, height), fps=fps, options=options)


def make_broken(path: Path, breakage: Breakage, *, scene: int = 0) -> None:
    """Write a file to `path` that cannot be scanned."""
    match breakage:
        case Breakage.TRUNCATED:
            make_video(path, scene=scene, seconds=2)
            os.truncate(path, path.stat().st_size * 2 // 3)
        case Breakage.GARBAGE:
            path.write_bytes(b"\0\0\0\x18ftypmp42" + np.random.default_rng(scene).bytes(100_000))
        case Breakage.HUGE:
            _write_huge(path, scene)
        case Breakage.ENDLESS:
            pictures = draw_scene(scene, seconds=50, size=(64, 64), fps=1)
            _write(path, pictures, size=(64, 64), fps=Fraction(1, 3600))
        case Breakage.FRAMELESS:
            _write(path, [])
        case Breakage.SOUND_ONLY:
            with av.open(path, "w") as container:
                _write_sound(container, _melody(scene, 2))


def _write(
    path: Path,
    pictures: Iterable[Picture],
    *,
    codec: Codec = Codec.H264,
    size: tuple[int, int] = SIZE,
    fps: Fraction | int = FPS,
    sound: Sound | None = None,
    spoken: Sequence[tuple[Moment, str]] = (),
    options: Mapping[str, str] = MappingProxyType({}),
) -> None:
    encoder, usual = ENCODERS[codec]
    keys = {"g": str(max(1, round(KEY_FRAMES_S * fps)))}
    index_first = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
    with av.open(path, "w", container_options=index_first) as container:
        video = cast(
            "VideoStream",
            container.add_stream(encoder, rate=fps, options={**usual, **keys, **options}),
        )
        video.width, video.height = size
        subtitles = _add_subtitles(container) if spoken else None
        if sound is not None:
            _write_sound(container, sound)
        container.start_encoding()
        if subtitles is not None:
            _write_subtitles(container, subtitles, spoken)
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / Fraction(fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def _write_sound(container: OutputContainer, sound: Sound) -> None:
    """Write the sound, once all streams are there."""
    opus_or_aac = "libopus" if container.format.name == "webm" else "aac"
    stream = cast("AudioStream", container.add_stream(opus_or_aac, rate=SOUND_HZ))
    stream.layout = "mono"
    frame = AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
    frame.sample_rate = SOUND_HZ
    container.mux([*stream.encode(frame), *stream.encode(None)])


def _add_subtitles(container: OutputContainer) -> Stream:
    """Add a track for subtitles, whose samples are written as they are."""
    name = "webvtt" if container.format.name == "webm" else "mov_text"
    stream = container.add_mux_stream(name)
    stream.time_base = Fraction(1, MILLISECONDS)
    return stream


def _write_subtitles(
    container: OutputContainer, stream: Stream, spoken: Sequence[tuple[Moment, str]]
) -> None:
    for moment, words in spoken:
        text = words.encode()
        # In MP4 a sample says its length first. Source: ETSI TS 126 245, 5.17.
        size = b"" if container.format.name == "webm" else pack(">H", len(text))
        packet = av.Packet(size + text)
        packet.stream, packet.time_base = stream, Fraction(1, MILLISECONDS)
        packet.pts = packet.dts = moment.start_ms
        packet.duration = moment.end_ms - moment.start_ms
        container.mux(packet)


def _write_huge(path: Path, scene: int) -> None:
    """Write a small VP8 video, then have its container and its frames claim the largest size."""
    with av.open(path, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=1)
        stream.width = stream.height = HUGE_BEFORE
        for picture in draw_scene(scene, seconds=3, size=(HUGE_BEFORE, HUGE_BEFORE), fps=1):
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    written = path.read_bytes()
    for before, after in (
        (b"\xb0\x82" + pack(">H", HUGE_BEFORE), b"\xb0\x82" + pack(">H", HUGE_AFTER)),
        (b"\xba\x82" + pack(">H", HUGE_BEFORE), b"\xba\x82" + pack(">H", HUGE_AFTER)),
        (
            b"\x9d\x01\x2a" + pack("<HH", HUGE_BEFORE, HUGE_BEFORE),
            b"\x9d\x01\x2a" + pack("<HH", HUGE_AFTER, HUGE_AFTER),
        ),
    ):
        written = written.replace(before, after)
    path.write_bytes(written)


def _captioned(
    pictures: Iterable[Picture], caption: str, size: tuple[int, int], shown: range
) -> Iterator[Picture]:
    """Burn a caption into the pictures whose numbers are `shown`: white with a dark rim."""
    width, height = size
    layer = Image.new("RGBA", size)
    ImageDraw.Draw(layer).multiline_text(
        (width / 2, height * 0.7),
        "\n".join(textwrap.wrap(caption, CAPTION_LETTERS)),
        font=ImageFont.load_default(width * 1.7 / CAPTION_LETTERS),
        anchor="mm",
        align="center",
        stroke_width=2 + width // 200,
        stroke_fill="black",
    )
    for number, picture in enumerate(pictures):
        image = Image.fromarray(picture)
        if number in shown:
            image.paste(layer, mask=layer)
        yield np.asarray(image)


def _melody(scene: int, seconds: float) -> Sound:
    """Pluck notes of a pentatonic scale, by chance."""
    random = np.random.default_rng(scene)
    note = np.arange(round(NOTE_S * SOUND_HZ)) / SOUND_HZ
    notes = [
        np.sin(2 * np.pi * random.choice(NOTES_HZ) * note) * np.exp(-9 * note)
        for _ in range(math.ceil(seconds / NOTE_S))
    ]
    return (0.4 * np.concatenate(notes)[: round(seconds * SOUND_HZ)]).astype(np.float32)
