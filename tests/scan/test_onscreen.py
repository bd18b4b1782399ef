import socket
from pathlib import Path

import av
import numpy as np
import pytest

from underseal.lab.scenes import draw_scene
from underseal.lab.videos import make_video
from underseal.scan import onscreen
from underseal.scan.onscreen import OnScreenReader
from underseal.scan.wire import Picture

pytestmark = pytest.mark.slow


def picture(path: Path) -> Picture:
    with av.open(path) as container:
        frame = next(container.decode(video=0))
        return Picture(at_ms=0, pixels=frame.to_ndarray(format="bgr24"))


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    path = tmp_path_factory.mktemp("captioned") / "video.mp4"
    make_video(path, scene=1, seconds=1, caption="guess which word is in this picture", fps=2)
    return picture(path)


@pytest.fixture(scope="module")
def reader() -> OnScreenReader:
    return OnScreenReader()


def words(reader: OnScreenReader, picture: Picture) -> list[str]:
    return " ".join(line.text for line in reader.read(picture)).split()


def test_a_caption_is_read_from_top_to_bottom(reader: OnScreenReader, captioned: Picture) -> None:
    assert words(reader, captioned) == ["guess", "which", "word", "is", "in", "this", "picture"]
    assert all(0.5 <= line.confidence <= 1 for line in reader.read(captioned))


@pytest.mark.parametrize("scene", [0, 1, 3, 5])
def test_no_word_is_read_into_a_picture_without_any(reader: OnScreenReader, scene: int) -> None:
    drawn = next(draw_scene(scene, seconds=1, size=(360, 640), fps=1))
    found = words(reader, Picture(at_ms=0, pixels=np.ascontiguousarray(drawn[..., ::-1])))
    assert [word for word in found if sum(map(str.isalpha, word)) > 2] == []


def test_nothing_is_downloaded(captioned: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the reader went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert "word" in words(OnScreenReader(), captioned)


def test_without_its_models_the_reader_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(onscreen, "_MODELS", tmp_path)
    with pytest.raises(FileNotFoundError):
        OnScreenReader()
