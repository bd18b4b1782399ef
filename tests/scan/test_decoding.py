import contextlib
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underseal.lab.scenes import draw_scene
from underseal.lab.videos import SIZE, Breakage, Codec, make_broken, make_video
from underseal.scan.decoding import Decoders
from underseal.scan.frames import FINGERPRINT, Sampling
from underseal.scan.limits import MIB, FailureReason, Layer, Limits, ScanFailedError
from underseal.scan.wire import GREY_SIDE, Job, Picture, Probe

JOB = Job(limits=Limits(), sampling=Sampling())
FULL = replace(JOB, sampling=FINGERPRINT)


def decode(decoders: Decoders, path: Path, job: Job = JOB) -> tuple[Probe, list[Picture]]:
    pictures: list[Picture] = []
    with path.open("rb") as media:
        probe = decoders.decode(media.fileno(), job, pictures.append)
    return probe, pictures


def failure(decoders: Decoders, path: Path, job: Job = JOB) -> FailureReason:
    with pytest.raises(ScanFailedError) as failed:
        decode(decoders, path, job)
    return failed.value.reason


def limited(**limits: float) -> Job:
    return replace(FULL, limits=replace(Limits(), **limits))


def test_every_layer_of_the_sandbox_is_on(decoders: Decoders) -> None:
    assert decoders.layers == set(Layer)


@pytest.mark.slow
@pytest.mark.parametrize("codec", Codec)
def test_a_video_is_really_decoded(decoders: Decoders, tmp_path: Path, codec: Codec) -> None:
    path = tmp_path / ("video.webm" if codec is Codec.VP9 else "video.mp4")
    make_video(path, scene=2, seconds=2, codec=codec, fps=12)
    probe, pictures = decode(decoders, path, FULL)
    assert (probe.codec, probe.width, probe.height, probe.has_sound) == (codec, *SIZE, True)
    assert 1990 <= probe.duration_ms <= 2100
    drawn = draw_scene(2, seconds=2, size=SIZE, fps=12)
    assert len(pictures) == 24
    for number, (picture, expected) in enumerate(zip(pictures, drawn, strict=True)):
        assert abs(picture.at_ms - number * 1000 / 12) <= 1
        grey = av.VideoFrame.from_ndarray(expected, format="rgb24").reformat(
            GREY_SIDE, GREY_SIDE, "gray8"
        )
        assert np.abs(picture.pixels.astype(int) - grey.to_ndarray()).mean() < 4


def test_key_frames_alone_are_decoded_while_they_come_often_enough(
    decoders: Decoders, tmp_path: Path
) -> None:
    path = tmp_path / "video.mp4"
    make_video(path, scene=2, seconds=5, fps=6)
    _, pictures = decode(decoders, path)
    assert [picture.at_ms for picture in pictures if picture.is_grey] == [0, 2000, 4000]
    colours = [picture for picture in pictures if not picture.is_grey]
    assert [picture.pixels.shape for picture in colours] == [(SIZE[1], SIZE[0], 3)] * 3


def test_a_long_stretch_without_key_frames_is_decoded_in_full(
    decoders: Decoders, video: Callable[[int], Path]
) -> None:
    rare = replace(JOB, sampling=Sampling(unseen_ms=500))
    _, pictures = decode(decoders, video(2), rare)
    assert [picture.at_ms for picture in pictures if picture.is_grey] == [0, 1000, 2000]


def test_a_picture_is_upright_however_the_phone_was_held(
    decoders: Decoders, video: Callable[[int], Path], tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    with av.open(video(2)) as source, av.open(turned, "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    _, straight = decode(decoders, video(2))
    probe, pictures = decode(decoders, turned)
    assert (probe.width, probe.height) == SIZE[::-1]
    for before, after in zip(straight, pictures, strict=True):
        assert (np.rot90(before.pixels) == after.pixels).all()


@pytest.mark.parametrize(
    ("breakage", "reason"),
    [
        (Breakage.TRUNCATED, FailureReason.TRUNCATED),
        (Breakage.GARBAGE, FailureReason.UNREADABLE),
        (Breakage.HUGE, FailureReason.TOO_LARGE),
        (Breakage.ENDLESS, FailureReason.TOO_LONG),
        (Breakage.FRAMELESS, FailureReason.NO_VIDEO),
        (Breakage.SOUND_ONLY, FailureReason.NO_VIDEO),
    ],
)
def test_a_broken_file_has_its_reason(
    decoders: Decoders, tmp_path: Path, breakage: Breakage, reason: FailureReason
) -> None:
    path = tmp_path / "broken.mp4"
    make_broken(path, breakage)
    assert failure(decoders, path) is reason


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[Codec, bytes]:
    """Small videos, as bytes."""
    made = {}
    for codec, suffix in ((Codec.H264, "mp4"), (Codec.VP9, "webm")):
        path = tmp_path_factory.mktemp("small") / f"video.{suffix}"
        make_video(path, scene=1, seconds=4, size=(90, 160), fps=10, codec=codec)
        made[codec] = path.read_bytes()
    return made


@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
@pytest.mark.parametrize("codec", [Codec.H264, Codec.VP9])
def test_a_file_that_was_cut_is_noticed(
    decoders: Decoders, small: dict[Codec, bytes], tmp_path: Path, codec: Codec, share: float
) -> None:
    path = tmp_path / "cut"
    path.write_bytes(small[codec][: int(len(small[codec]) * share)])
    assert failure(decoders, path) is FailureReason.TRUNCATED


def test_a_file_that_lacks_its_last_bytes_is_noticed(
    decoders: Decoders, small: dict[Codec, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "cut"
    path.write_bytes(small[Codec.H264][:-1])
    assert failure(decoders, path) is FailureReason.TRUNCATED


@pytest.mark.slow
@given(data=st.data(), codec=st.sampled_from([Codec.H264, Codec.VP9]))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_done_to_a_file_it_is_read_or_has_a_reason(
    data: st.DataObject,
    codec: Codec,
    decoders: Decoders,
    small: dict[Codec, bytes],
    tmp_path: Path,
) -> None:
    content = bytearray(small[codec])
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        garbage = data.draw(st.binary(min_size=1, max_size=64))
        content[start : start + len(garbage)] = garbage
    path = tmp_path / "mutated"
    path.write_bytes(content)
    with contextlib.suppress(ScanFailedError):
        decode(decoders, path, FULL)


def test_only_files_of_the_allowed_containers_and_codecs_are_opened(
    decoders: Decoders, tmp_path: Path
) -> None:
    playlist = tmp_path / "playlist"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    assert failure(decoders, playlist) is FailureReason.UNREADABLE
    for container, codec in (("avi", "libx264"), ("mp4", "mpeg4"), ("mp4", "mjpeg")):
        path = tmp_path / f"{codec}.{container}"
        with av.open(path, "w") as target:
            stream = target.add_stream(codec, rate=10)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for picture in draw_scene(0, seconds=1, size=(64, 64), fps=10):
                target.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            target.mux(stream.encode(None))
        assert failure(decoders, path) is FailureReason.UNREADABLE


def test_what_is_no_file_is_unreadable(decoders: Decoders, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for path in (tmp_path / "empty", tmp_path):
        descriptor = os.open(path, os.O_RDONLY)
        with pytest.raises(ScanFailedError) as failed:
            decoders.decode(descriptor, JOB, lambda picture: None)
        os.close(descriptor)
        assert failed.value.reason is FailureReason.UNREADABLE


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"file_bytes": 1000}, FailureReason.TOO_LARGE),
        ({"pixels": 100_000}, FailureReason.TOO_LARGE),
        ({"duration_ms": 2000}, FailureReason.TOO_LONG),
        ({"frames": 20}, FailureReason.TOO_LONG),
        ({"pictures": 20}, FailureReason.TOO_LONG),
        ({"wall_s": 0.001}, FailureReason.TIMED_OUT),
    ],
)
def test_a_limit_is_kept(
    decoders: Decoders,
    video: Callable[[int], Path],
    limits: dict[str, float],
    reason: FailureReason,
) -> None:
    assert failure(decoders, video(1), limited(**limits)) is reason
    assert decode(decoders, video(1))


@pytest.mark.slow
def test_memory_is_limited(decoders: Decoders, tmp_path: Path) -> None:
    path, (width, height) = tmp_path / "wide.mp4", (8192, 4320)
    with av.open(path, "w") as target:
        stream = target.add_stream("libx264", rate=1, options={"preset": "ultrafast"})
        stream.width, stream.height = width, height
        grey = av.VideoFrame.from_ndarray(np.full((height, width), 99, np.uint8), format="gray8")
        target.mux([*stream.encode(grey), *stream.encode(None)])
    little = limited(pixels=width * height, memory_bytes=320 * MIB)
    assert failure(decoders, path, little) is FailureReason.OUT_OF_MEMORY
    assert decode(decoders, path, limited(pixels=width * height))


@pytest.mark.slow
def test_processor_time_is_limited(
    decoders: Decoders, video: Callable[[int], Path], tmp_path: Path
) -> None:
    path = tmp_path / "again.mp4"
    repeat(video(1), path, times=150)
    assert failure(decoders, path, limited(cpu_s=1)) is FailureReason.TIMED_OUT


def repeat(source: Path, target: Path, *, times: int) -> None:
    """Write the pictures of a video several times after each other, without encoding any."""
    with av.open(target, "w") as written:
        stream = None
        for time in range(times):
            with av.open(source) as read:
                template = read.streams.video[0]
                stream = stream or written.add_stream_from_template(template)
                for packet in read.demux(template):
                    if packet.size:
                        packet.pts += time * template.duration
                        packet.dts += time * template.duration
                        packet.stream = stream
                        written.mux(packet)


def test_a_scanner_that_breaks_off_leaves_nothing_running(
    decoders: Decoders, video: Callable[[int], Path]
) -> None:
    def interrupt(_: Picture) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), video(1).open("rb") as media:
        decoders.decode(media.fileno(), FULL, interrupt)
    assert decode(decoders, video(1))


def test_a_decoder_that_hangs_is_given_up(video: Callable[[int], Path]) -> None:
    decoders = Decoders(frozenset())
    os.kill(decoders._idle[0]._process.pid, signal.SIGSTOP)
    assert failure(decoders, video(1), limited(wall_s=0.2)) is FailureReason.TIMED_OUT
    assert decode(decoders, video(1))
    decoders.close()


def test_closing_leaves_no_process_behind_that_was_busy(video: Callable[[int], Path]) -> None:
    decoders = Decoders(frozenset())
    process = decoders._idle[0]._process
    with video(1).open("rb") as media:
        decoders.decode(media.fileno(), JOB, lambda _: decoders.close())
    assert process.returncode == -signal.SIGKILL


def test_several_files_are_read_at_the_same_time(
    decoders: Decoders, video: Callable[[int], Path]
) -> None:
    paths = [video(scene) for scene in (1, 2, 1, 2)]
    alone = [decode(decoders, path)[1] for path in paths]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda path: decode(decoders, path)[1], paths))
    for one, other in zip(alone, together, strict=True):
        assert [picture.at_ms for picture in one] == [picture.at_ms for picture in other]
        assert (one[-1].pixels == other[-1].pixels).all()


def test_reading_moves_nobody_elses_position_in_the_file(
    decoders: Decoders, video: Callable[[int], Path]
) -> None:
    with video(1).open("rb", buffering=0) as media:
        media.seek(7)
        decoders.decode(media.fileno(), JOB, lambda picture: None)
        assert media.tell() == 7
