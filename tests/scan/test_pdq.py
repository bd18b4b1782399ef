from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from underseal.lab.scenes import draw_scene
from underseal.scan.pdq import (
    DISTANCE_MAX,
    PDQ_BYTES,
    THINNING_BITS,
    WAYS,
    FrameHash,
    Pdq,
    distance,
    hash_picture,
    thinned,
)
from underseal.scan.wire import GREY_SIDE, Picture

hashes = st.binary(min_size=PDQ_BYTES, max_size=PDQ_BYTES).map(Pdq)


def scene(number: int) -> NDArray[np.uint8]:
    """Return a grey picture of a scene."""
    picture = next(draw_scene(number, seconds=1, size=(GREY_SIDE, GREY_SIDE), fps=1))
    return picture.mean(axis=-1).astype(np.uint8)


def hashed(pixels: NDArray[np.uint8]) -> FrameHash:
    return hash_picture(Picture(at_ms=0, pixels=np.ascontiguousarray(pixels)))


def frame(pdq: Pdq, at_ms: int = 0, quality: int = 100) -> FrameHash:
    return FrameHash(at_ms=at_ms, quality=quality, views=(pdq,) * WAYS)


@given(hashes, hashes)
def test_the_distance_is_the_number_of_bits_that_differ(one: Pdq, other: Pdq) -> None:
    bits = [np.unpackbits(np.frombuffer(pdq, np.uint8)) for pdq in (one, other)]
    assert distance(one, other) == np.count_nonzero(bits[0] != bits[1])
    assert distance(one, one) == 0


@given(st.integers(0, 40), st.integers(0, 7))
@settings(max_examples=15, deadline=None)
def test_every_way_to_turn_or_mirror_a_picture_is_one_of_its_views(number: int, way: int) -> None:
    pixels = scene(number)
    turned = np.rot90(pixels if way < 4 else pixels[:, ::-1], way)
    assert hashed(turned).pdq in hashed(pixels).views


def test_a_darker_and_smaller_copy_has_nearly_the_same_hash() -> None:
    pixels = scene(3)
    assert distance(hashed(pixels // 2 + 10).pdq, hashed(pixels).pdq) <= DISTANCE_MAX
    assert distance(hashed(pixels[::2, ::2]).pdq, hashed(pixels).pdq) <= DISTANCE_MAX


def test_different_scenes_have_different_hashes() -> None:
    pictures = [hashed(scene(number)) for number in range(24)]
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert min(distance(one.pdq, view) for view in other.views) > 2 * DISTANCE_MAX


def test_bars_around_a_picture_do_not_hide_it() -> None:
    pixels = scene(4)
    height, width = pixels.shape
    barred = np.full((height + 160, width), 12, np.uint8)
    barred[80:-80] = pixels
    one, other = hashed(barred), hashed(pixels)
    assert distance(one.pdq, other.pdq) > DISTANCE_MAX
    assert min(distance(*pair) for pair in product(one.upright, other.upright)) <= DISTANCE_MAX


def test_a_plain_picture_tells_nothing() -> None:
    assert not hashed(np.full((GREY_SIDE, GREY_SIDE), 90, np.uint8)).is_telling
    assert hashed(scene(1)).is_telling


@given(st.lists(st.tuples(hashes, st.integers(0, 100)), max_size=20))
def test_thinning_keeps_what_tells_something_new(shown: list[tuple[Pdq, int]]) -> None:
    frames = [frame(pdq, quality=quality) for pdq, quality in shown]
    kept = list(thinned(frames))
    assert all(one.is_telling for one in kept)
    for one in frames:
        if one.is_telling:
            assert min(distance(one.pdq, other.pdq) for other in kept) < THINNING_BITS
