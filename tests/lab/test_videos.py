from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from underseal.core.report import Moment
from underseal.lab.scenes import KINDS, draw_scene
from underseal.lab.videos import (
    KEY_FRAMES_S,
    SIZE,
    Breakage,
    Codec,
    Edit,
    copy_video,
    make_broken,
    make_video,
)

CODEC_NAMES = {Codec.H264: "h264", Codec.HEVC: "hevc", Codec.VP9: "vp9", Codec.AV1: "libdav1d"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "original.mp4"
    make_video(path, scene=1, seconds=3, size=(180, 320), fps=10)
    return path


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("scene", range(len(KINDS)))
def test_a_scene_moves_and_is_always_drawn_alike(scene: int) -> None:
    once, again = (list(draw_scene(scene, seconds=1, size=(90, 160), fps=4)) for _ in range(2))
    assert len(once) == 4
    assert all((one == other).all() for one, other in zip(once, again, strict=True))
    assert all(picture.shape == (160, 90, 3) for picture in once)
    assert difference(once[0], once[-1]) > 2


def test_scenes_of_a_kind_differ() -> None:
    for kind in range(len(KINDS)):
        one, other = (
            next(draw_scene(scene, seconds=1, size=(90, 160), fps=1))
            for scene in (kind, kind + len(KINDS))
        )
        assert difference(one, other) > 15


@pytest.mark.parametrize("codec", Codec)
def test_a_video_holds_its_scene_in_any_codec_with_sound(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / ("video.webm" if codec is Codec.VP9 else "video.mp4")
    make_video(path, scene=2, seconds=1, codec=codec, size=(90, 160), fps=10)
    with av.open(path) as container:
        assert container.streams.video[0].codec_context.name == CODEC_NAMES[codec]
        assert container.streams.audio[0].codec_context.sample_rate == 48_000
    drawn = list(draw_scene(2, seconds=1, size=(90, 160), fps=10))
    shown = pictures(path)
    assert len(shown) == len(drawn)
    assert max(map(difference, shown, drawn)) < 20


def test_the_sound_can_be_heard(original: Path) -> None:
    with av.open(original) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert abs(len(sound) / 48_000 - 3) < 0.1
    assert 0.05 < np.sqrt((sound**2).mean()) < 0.5


def test_only_a_few_pictures_are_key_frames(original: Path) -> None:
    with av.open(original) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert sum(packet.is_keyframe for packet in packets) == 1 + 3 // KEY_FRAMES_S


def test_an_mp4_can_be_played_while_it_arrives(original: Path) -> None:
    content = original.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_caption_is_burnt_in_while_it_is_shown(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "captioned.mp4"
    shown = Moment(start_ms=1000, end_ms=2000)
    make_video(path, scene=1, seconds=3, caption="LOOK", captioned=shown, size=(180, 320), fps=10)
    changed = [
        difference(one[200:250], other[200:250]) > 4
        for one, other in zip(pictures(original), pictures(path), strict=True)
    ]
    assert changed == [10 <= i < 20 for i in range(30)]


@pytest.mark.parametrize("edit", Edit)
def test_a_copy_shows_the_same_after_its_edit(original: Path, tmp_path: Path, edit: Edit) -> None:
    target = tmp_path / "copy.mp4"
    copy_video(original, target, edit)
    before, after = pictures(original), pictures(target)
    match edit:
        case Edit.REENCODED:
            assert target.stat().st_size < original.stat().st_size / 2
        case Edit.SCALED:
            before = [picture[::2, ::2] for picture in before]
        case Edit.MIRRORED:
            before = [picture[:, ::-1] for picture in before]
        case Edit.TRIMMED:
            before = before[10:]
    assert len(before) == len(after)
    assert max(map(difference, before, after)) < 12


def test_odd_sizes_can_be_copied(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", scene=1, seconds=1, size=(90, 162), fps=4)
    copy_video(tmp_path / "a.mp4", tmp_path / "b.mp4", Edit.SCALED)
    assert pictures(tmp_path / "b.mp4")[0].shape == (80, 44, 3)


def test_a_truncated_file_has_fewer_pictures_than_it_declares(tmp_path: Path) -> None:
    make_broken(tmp_path / "broken.mp4", Breakage.TRUNCATED)
    with av.open(tmp_path / "broken.mp4") as container:
        declared = container.streams.video[0].frames
        shown = sum(1 for packet in container.demux(video=0) if packet.size)
    assert 0 < shown < 0.9 * declared


def test_an_endless_file_plays_for_days_and_is_small(tmp_path: Path) -> None:
    make_broken(tmp_path / "broken.mp4", Breakage.ENDLESS)
    with av.open(tmp_path / "broken.mp4") as container:
        assert container.duration / av.time_base > 2 * 24 * 3600
    assert (tmp_path / "broken.mp4").stat().st_size < 100_000


@pytest.mark.parametrize(
    "breakage", [Breakage.GARBAGE, Breakage.HUGE, Breakage.FRAMELESS, Breakage.SOUND_ONLY]
)
def test_other_broken_files_show_no_picture_at_all(tmp_path: Path, breakage: Breakage) -> None:
    make_broken(tmp_path / "broken.mp4", breakage)
    with pytest.raises((av.FFmpegError, IndexError)):
        pictures(tmp_path / "broken.mp4")


def test_a_picture_is_as_large_as_a_phone_films_unless_told(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", scene=5, seconds=0.2)
    assert pictures(tmp_path / "video.mp4")[0].shape == (SIZE[1], SIZE[0], 3)
