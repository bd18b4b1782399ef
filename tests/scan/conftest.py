"""Videos of the laboratory's own, made once, and decoder processes to read them with."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from underseal.lab.videos import make_video
from underseal.scan.decoding import Decoders
from underseal.scan.limits import REQUIRED_LAYERS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def decoders() -> Iterator[Decoders]:
    decoders = Decoders(REQUIRED_LAYERS)
    yield decoders
    decoders.close()


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return the path of a plain video of a scene, three seconds long."""
    folder = tmp_path_factory.mktemp("videos")

    def made(scene: int) -> Path:
        path = folder / f"{scene}.mp4"
        if not path.exists():
            make_video(path, scene=scene, seconds=3, fps=12)
        return path

    return made


@pytest.fixture(scope="session")
def sample_videos() -> Path:
    """The folder of ThreatExchange's sample videos, which are not part of the repository."""
    sets = os.getenv("UNDERSEAL_DATA_SETS")
    folder = (Path(sets) if sets else ROOT.parent / "shared" / "data") / "video"
    if not folder.is_dir():
        pytest.skip(f"there are no sample videos at {folder}")
    return folder
