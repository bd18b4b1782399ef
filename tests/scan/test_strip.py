from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from underseal.scan.strip import FRAMES, HEIGHT, WIDTH_MAX, StripMaker
from underseal.scan.wire import GREY_SIDE, Picture, Probe, VideoCodec


def grey(at_ms: int, level: int = 128) -> Picture:
    return Picture(at_ms=at_ms, pixels=np.full((GREY_SIDE, GREY_SIDE), level, np.uint8))


def probe(width: int = 360, height: int = 640) -> Probe:
    return Probe(
        codec=VideoCodec.H264, width=width, height=height, duration_ms=10_000, has_sound=False
    )


@given(st.integers(1, 500))
def test_however_many_pictures_there_are_a_few_of_the_whole_length_are_shown(count):
    maker = StripMaker()
    for number in range(count):
        maker.see(grey(number * 1000))
    strip = maker.make(probe())
    times = strip.frames_ms
    assert min(count, FRAMES // 2) <= len(times) <= FRAMES
    assert list(times) == sorted(set(times))
    assert times[0] == 0
    assert times[-1] >= (count - 1) * 1000 * 0.7


def test_frames_stand_side_by_side_in_their_order():
    maker = StripMaker()
    for number in range(4):
        maker.see(grey(number * 1000, level=number * 60))
    strip = maker.make(probe())
    with Image.open(BytesIO(strip.jpeg)) as sheet:
        assert sheet.mode == "L"
        width = sheet.width // 4
        shown = [sheet.getpixel((index * width + width // 2, HEIGHT // 2)) for index in range(4)]
    assert shown == pytest.approx([0, 60, 120, 180], abs=3)


@pytest.mark.parametrize(
    ("size", "width"), [((360, 640), 90), ((1920, 1080), 284), ((65535, 1), 284), ((1, 65535), 1)]
)
def test_frames_have_the_shape_of_the_video_within_bounds(size, width):
    maker = StripMaker()
    maker.see(grey(0))
    with Image.open(BytesIO(maker.make(probe(*size)).jpeg)) as sheet:
        assert sheet.size == (width, HEIGHT)
    assert width <= WIDTH_MAX


def test_a_video_without_pictures_has_no_strip():
    assert StripMaker().make(probe()) is None
