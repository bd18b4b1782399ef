from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from underseal.scan.frames import (
    BLANK_SPREAD,
    FINGERPRINT,
    GRID,
    Sampler,
    Sampling,
    cells,
)

RANDOM = np.random.default_rng(0)
PATTERN = RANDOM.integers(0, 256, (GRID, GRID)).astype(np.float32)
OTHER = RANDOM.integers(0, 256, (GRID, GRID)).astype(np.float32)


def offered(sampler: Sampler, at_ms: int, grid: np.ndarray, *, key: bool) -> tuple[bool, bool]:
    if not sampler.is_due(at_ms, key=key):
        return False, False
    choice = sampler.choose(at_ms, grid)
    return choice.hashing, choice.reading


def test_one_frame_a_second_is_sampled() -> None:
    sampler = Sampler(Sampling())
    sampled = [at for at in range(0, 5000, 40) if offered(sampler, at, PATTERN, key=False)[0]]
    assert sampled == [0, 1000, 2000, 3000, 4000]


def test_a_key_frame_that_starts_another_scene_is_sampled_before_its_second_is_over() -> None:
    sampler = Sampler(Sampling())
    assert offered(sampler, 0, PATTERN, key=True)[0]
    assert not offered(sampler, 400, PATTERN, key=True)[0]
    assert offered(sampler, 400, OTHER, key=True)[0]
    assert not offered(sampler, 500, PATTERN, key=True)[0]


def test_a_picture_that_did_not_change_is_not_read_again() -> None:
    sampler = Sampler(Sampling())
    reading = [offered(sampler, at, PATTERN, key=True)[1] for at in (0, 1000, 2000)]
    assert reading == [True, False, False]


def test_a_line_of_text_is_a_change() -> None:
    captioned = PATTERN.copy()
    captioned[44:48, 10:50] = 255 - captioned[44:48, 10:50]
    sampler = Sampler(Sampling())
    assert offered(sampler, 0, PATTERN, key=True)[1]
    assert offered(sampler, 1000, captioned, key=True) == (True, True)


def test_blank_pictures_are_passed_over() -> None:
    sampler = Sampler(Sampling())
    noise = RANDOM.normal(16, BLANK_SPREAD / 2, (GRID, GRID)).astype(np.float32)
    assert offered(sampler, 0, noise, key=True) == (False, False)
    assert offered(sampler, 40, PATTERN, key=False) == (True, True)


def test_a_fingerprint_takes_every_frame_and_reads_none() -> None:
    sampler = Sampler(FINGERPRINT)
    chosen = [offered(sampler, i * 1000 // 30, PATTERN, key=False) for i in range(60)]
    assert chosen == [(True, False)] * 60


@given(st.lists(st.integers(0, 21_600_000), max_size=300), st.booleans())
def test_samples_are_in_order_and_at_their_distance(positions: list[int], key: bool) -> None:
    sampling = Sampling()
    sampler = Sampler(sampling)
    taken = [at for at in positions if offered(sampler, at, OTHER + at % 97, key=key)[0]]
    least = sampling.scene_ms if key else sampling.every_ms
    for before, after in pairwise(taken):
        assert after - before >= max(least, after // sampling.pictures_share)


def test_the_cost_of_a_video_is_bounded_whatever_its_length() -> None:
    sampler = Sampler(Sampling())
    hashed = read = 0
    for i, at in enumerate(range(0, 6 * 3600 * 1000, 250)):
        hashing, reading = offered(sampler, at, PATTERN if i % 2 else OTHER, key=True)
        hashed, read = hashed + hashing, read + reading
    assert hashed < 5000
    assert read < 250


@given(st.integers(GRID, 300), st.integers(GRID, 300), st.integers(0, 255))
def test_cells_of_a_plain_picture_have_its_level(height: int, width: int, level: int) -> None:
    grid = cells(np.full((height, width), level, np.uint8))
    assert grid.shape == (GRID, GRID)
    assert (grid == level).all()
