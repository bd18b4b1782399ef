import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality
from underseal.scan.known import (
    FRAMES_MIN,
    ITEMS_MAX,
    RUN_MS_MIN,
    SHARE_MIN,
    VERIFIED_WEIGHT,
    KnownContent,
    KnownItem,
    KnownItemId,
)
from underseal.scan.pdq import DISTANCE_MAX, PDQ_BYTES, WAYS, FrameHash, Pdq

RANDOM = np.random.default_rng(5)
GUIDELINE = GuidelineId("violence.graphic")


def new_pdq() -> Pdq:
    return Pdq(RANDOM.bytes(PDQ_BYTES))


def flipped(pdq: Pdq, bits: set[int]) -> Pdq:
    return Pdq((int.from_bytes(pdq) ^ sum(1 << bit for bit in bits)).to_bytes(PDQ_BYTES))


def item(*hashes: Pdq, name: str = "item", verified: bool = True) -> KnownItem:
    return KnownItem(
        id=KnownItemId(name),
        list_name="list",
        guideline=GUIDELINE,
        verified=verified,
        hashes=hashes,
    )


def frames(*hashes: Pdq, every_ms: int = 1000, way: int = 0) -> list[FrameHash]:
    """Return frames of which one view is the hash given."""
    return [
        FrameHash(
            at_ms=number * every_ms,
            quality=100,
            views=tuple(pdq if view == way else new_pdq() for view in range(WAYS)),
        )
        for number, pdq in enumerate(hashes)
    ]


def noise(count: int) -> list[Pdq]:
    return [new_pdq() for _ in range(count)]


@pytest.mark.parametrize(("count", "is_found"), [(31, True), (32, False)])
def test_a_frame_matches_up_to_31_bits(count: int, is_found: bool) -> None:
    pdq = new_pdq()
    known = KnownContent([item(pdq)])
    assert bool(known.search(frames(flipped(pdq, set(range(count)))), 1000)) is is_found


@given(st.sets(st.integers(0, 255), max_size=60), st.integers(0, WAYS - 1))
@settings(max_examples=50)
def test_the_search_is_exact_and_sees_all_ways(bits: set[int], way: int) -> None:
    pdq = new_pdq()
    known = KnownContent([item(*noise(50), pdq, *noise(50))])
    found = known.search(frames(flipped(pdq, bits), way=way), 1000)
    assert bool(found) == (len(bits) <= DISTANCE_MAX)


def test_a_video_matches_from_a_share_of_its_frames_on() -> None:
    hashes = noise(3)
    known = KnownContent([item(*hashes)])
    assert known.search(frames(*hashes, *noise(7)), 10_000)[0].share == SHARE_MIN
    assert not known.search(frames(*hashes, *noise(8)), 11_000)


def test_an_excerpt_in_a_long_video_matches_by_its_length() -> None:
    excerpt = noise(1 + RUN_MS_MIN // 1000)
    known = KnownContent([item(*excerpt)])
    (match,) = known.search(frames(*noise(40), *excerpt, *noise(40)), 90_000)
    assert match.moments == (Moment(start_ms=40_000, end_ms=46_000),)
    assert not known.search(frames(*noise(40), *excerpt[:-1], *noise(40)), 90_000)


def test_one_frame_alone_is_no_copy_unless_there_is_no_other() -> None:
    pdq = new_pdq()
    known = KnownContent([item(pdq)])
    assert FRAMES_MIN == 2
    assert not known.search(frames(pdq, *noise(2)), 3000)
    assert known.search(frames(pdq), 3000)


def test_frames_that_match_in_turn_are_one_moment() -> None:
    a, b, c = noise(3)
    known = KnownContent([item(a, b, c)])
    (match,) = known.search(frames(a, b, new_pdq(), c), 4500)
    assert match.moments == (Moment(start_ms=0, end_ms=2000), Moment(start_ms=3000, end_ms=4500))
    assert match.share == 0.75


def test_frames_that_tell_nothing_neither_match_nor_count() -> None:
    pdq = new_pdq()
    known = KnownContent([item(pdq)])
    dull = FrameHash(at_ms=0, quality=49, views=(pdq,) * WAYS)
    assert not known.search([dull], 1000)
    assert known.search([dull, *frames(pdq)[:1]], 1000)[0].share == 1


def test_only_a_verified_match_weighs_anything() -> None:
    pdq = new_pdq()
    known = KnownContent([item(pdq, name="a"), item(pdq, name="b", verified=False)])
    verified, unverified = (
        match.signals(VERIFIED_WEIGHT)[0] for match in known.search(frames(pdq), 1000)
    )
    assert (verified.weight, verified.verified) == (math.log(10_000), True)
    assert (unverified.weight, unverified.verified) == (None, False)
    assert (verified.modality, verified.guideline) == (Modality.KNOWN, GUIDELINE)
    assert verified.detail == "list: a"


def test_items_can_be_added_at_any_time() -> None:
    known = KnownContent()
    first, second = noise(2)
    assert not known.search(frames(first), 1000)
    known.add([item(first, name="first")])
    known.add([item(name="nothing"), item(second, name="second")])
    assert len(known) == 3
    assert [match.item.id for match in known.search(frames(first), 1000)] == ["first"]
    assert [match.item.id for match in known.search(frames(second), 1000)] == ["second"]


def test_copies_of_copies_do_not_flood_a_video() -> None:
    pdq = new_pdq()
    known = KnownContent(item(pdq, name=f"{i:03}") for i in range(100))
    found = known.search(frames(pdq), 1000)
    assert [match.item.id for match in found] == [f"{i:03}" for i in range(ITEMS_MAX)]


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        item(Pdq(b"short"))
