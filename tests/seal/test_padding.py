import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.seal.padding import MalformedPaddingError, pad, unpad

BUCKETS = (64, 256, 1024)


@given(st.binary(max_size=5000))
def test_what_is_padded_comes_back(message: bytes) -> None:
    assert unpad(pad(message, BUCKETS)) == message


@given(st.integers(0, 5000))
def test_a_length_shows_its_bucket_only(size: int) -> None:
    padded = len(pad(bytes(size), BUCKETS))
    assert padded in BUCKETS or (padded % 1024 == 0 and padded > 1024)
    assert padded >= size + 4
    smaller = [bucket for bucket in (*BUCKETS, padded - 1024) if 0 < bucket < padded]
    assert all(size + 4 > bucket for bucket in smaller)


@pytest.mark.parametrize(
    ("size", "bucket"), [(0, 64), (60, 64), (61, 256), (1020, 1024), (1021, 2048), (2044, 2048)]
)
def test_the_edges_of_the_buckets(size: int, bucket: int) -> None:
    assert len(pad(bytes(size), BUCKETS)) == bucket


@pytest.mark.parametrize("padded", [b"", b"\0\0\0", b"\0\0\0\2a", b"\0\0\0\1ab", b"\xff" * 64])
def test_what_was_not_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(MalformedPaddingError):
        unpad(padded)
