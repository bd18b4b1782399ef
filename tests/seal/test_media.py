import random
from io import BytesIO
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underseal.seal.box import TamperedError
from underseal.seal.keys import KeyRing, MediaKey
from underseal.seal.media import (
    CHUNK_BYTES,
    FORMAT,
    CopyKey,
    Decrypter,
    InvalidRangeError,
    UnknownFormatError,
    decrypt,
    encrypt,
    new_copy_key,
    unwrap_copy_key,
    wrap_copy_key,
)

HEADER = 15
BOX = CHUNK_BYTES + 16
KEY = CopyKey(bytes(range(32)))
EDGES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7]


def some_media(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def encrypted(media: bytes, key: CopyKey = KEY) -> bytes:
    writer = BytesIO()
    encrypt(BytesIO(media), writer, key)
    return writer.getvalue()


def decrypted(file: bytes, key: CopyKey = KEY) -> bytes:
    writer = BytesIO()
    decrypt(BytesIO(file), writer, key)
    return writer.getvalue()


def refuse(file: bytes, key: CopyKey = KEY) -> None:
    """Both readers refuse the file, and give out nothing that was not frozen."""
    with pytest.raises(TamperedError):
        decrypted(file, key)
    with pytest.raises(TamperedError):
        read_all(Decrypter(BytesIO(file), key))


def read_all(decrypter: Decrypter) -> bytes:
    return decrypter.read(0, decrypter.size_bytes)


@pytest.fixture(scope="module")
def media() -> bytes:
    return some_media(3 * CHUNK_BYTES + 5)


@pytest.fixture(scope="module")
def file(media: bytes) -> bytes:
    return encrypted(media)


@pytest.mark.parametrize("size", EDGES)
def test_a_copy_of_any_length_comes_back(size: int) -> None:
    media = some_media(size)
    file = encrypted(media)
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert len(file) == HEADER + size + 16 * chunks
    assert decrypted(file) == media
    decrypter = Decrypter(BytesIO(file), KEY)
    assert decrypter.size_bytes == size
    assert read_all(decrypter) == media


class Dripping(BytesIO):
    """A reader that gives less than it is asked for, as a socket does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 70_001))


def test_a_reader_may_give_little_at_a_time(media: bytes) -> None:
    writer = BytesIO()
    encrypt(Dripping(media), writer, KEY)
    again = BytesIO()
    decrypt(Dripping(writer.getvalue()), again, KEY)
    assert again.getvalue() == media
    dripping: BinaryIO = Dripping(writer.getvalue())
    assert read_all(Decrypter(dripping, KEY)) == media


@given(st.data())
@settings(max_examples=60)
def test_a_range_is_the_slice(media: bytes, file: bytes, data: st.DataObject) -> None:
    decrypter = Decrypter(BytesIO(file), KEY)
    near_edges = st.builds(
        lambda chunk, off: min(len(media), max(0, chunk * CHUNK_BYTES + off)),
        st.integers(0, 4),
        st.integers(-3, 3),
    )
    places = st.one_of(st.integers(0, len(media)), near_edges)
    for _ in range(3):
        start, end = sorted((data.draw(places), data.draw(places)))
        assert decrypter.read(start, end) == media[start:end]


class Counting(BytesIO):
    """A reader that counts how many bytes it gave."""

    given_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        self.given_bytes += len(part)
        return part


def test_reading_on_within_a_chunk_decrypts_it_once(file: bytes) -> None:
    reader = Counting(file)
    decrypter = Decrypter(reader, KEY)
    reader.given_bytes = 0
    for start in range(0, CHUNK_BYTES, CHUNK_BYTES // 16):
        decrypter.read(start, start + CHUNK_BYTES // 16)
    assert reader.given_bytes == BOX


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4), (0, 3 * CHUNK_BYTES + 6)])
def test_a_range_outside_the_media_is_refused(file: bytes, start: int, end: int) -> None:
    with pytest.raises(InvalidRangeError) as caught:
        Decrypter(BytesIO(file), KEY).read(start, end)
    assert caught.value.size_bytes == 3 * CHUNK_BYTES + 5


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_flipped_byte_of_a_small_copy_is_noticed(size: int) -> None:
    file = encrypted(some_media(size))
    for place in range(len(file)):
        for bit in (0x01, 0x80):
            changed = bytearray(file)
            changed[place] ^= bit
            refuse(bytes(changed))


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_truncation_of_a_small_copy_is_noticed(size: int) -> None:
    file = encrypted(some_media(size))
    for end in range(len(file)):
        refuse(file[:end])


@given(st.binary(min_size=1, max_size=64))
def test_every_addition_to_a_small_copy_is_noticed(more: bytes) -> None:
    refuse(encrypted(b"frozen") + more)


def test_a_copy_cut_between_chunks_is_noticed(file: bytes) -> None:
    for chunks in range(4):
        refuse(file[: HEADER + chunks * BOX])


def test_chunks_moved_repeated_dropped_or_added_are_noticed(file: bytes) -> None:
    header = file[:HEADER]
    a, b, c, d = (file[HEADER + n * BOX : HEADER + (n + 1) * BOX] for n in range(4))
    for chunks in ([b, a, c, d], [a, a, b, c, d], [a, c, d], [b, c, d], [d], [a, b, c, d, d]):
        refuse(header + b"".join(chunks))


def test_a_chunk_of_another_copy_under_the_same_key_is_noticed(media: bytes, file: bytes) -> None:
    other = encrypted(media)
    refuse(file[: HEADER + BOX] + other[HEADER + BOX :])
    refuse(other[:HEADER] + file[HEADER:])


def test_a_chunk_spoiled_in_the_middle_spoils_no_other(media: bytes, file: bytes) -> None:
    changed = bytearray(file)
    changed[HEADER + BOX + 1000] ^= 1
    refuse(bytes(changed))
    decrypter = Decrypter(BytesIO(bytes(changed)), KEY)
    assert decrypter.read(0, CHUNK_BYTES) == media[:CHUNK_BYTES]
    with pytest.raises(TamperedError, match="chunk 1 "):
        decrypter.read(CHUNK_BYTES, CHUNK_BYTES + 1)
    assert decrypter.read(2 * CHUNK_BYTES, len(media)) == media[2 * CHUNK_BYTES :]


def test_what_decrypt_wrote_before_it_noticed_is_a_true_beginning(
    media: bytes, file: bytes
) -> None:
    writer = BytesIO()
    with pytest.raises(TamperedError):
        decrypt(BytesIO(file[: HEADER + 2 * BOX]), writer, KEY)
    assert writer.getvalue() == media[:CHUNK_BYTES]


def test_another_key_opens_nothing(file: bytes) -> None:
    refuse(file, new_copy_key())


def test_another_version_is_named(file: bytes) -> None:
    later = FORMAT[:-1] + b"\x02" + file[len(FORMAT) :]
    for foreign in (later, b"", b"\0\0\0\x18ftypmp42" + bytes(40)):
        with pytest.raises(UnknownFormatError):
            decrypted(foreign)
        with pytest.raises(UnknownFormatError):
            Decrypter(BytesIO(foreign), KEY)


def test_the_same_media_are_never_encrypted_alike_twice() -> None:
    assert encrypted(b"same") != encrypted(b"same")


def test_a_copy_key_opens_for_its_copy_and_key_alone(keys: KeyRing) -> None:
    key = new_copy_key()
    wrapped = wrap_copy_key(keys.media, key, b"copy-1")
    assert unwrap_copy_key(keys.media, wrapped, b"copy-1") == key
    with pytest.raises(TamperedError):
        unwrap_copy_key(keys.media, wrapped, b"copy-2")
    with pytest.raises(TamperedError):
        unwrap_copy_key(MediaKey(bytes(32)), wrapped, b"copy-1")


def test_a_copy_frozen_long_ago_still_opens() -> None:
    old = "75736d65646961017072656669782122cb99791b36d465b6fbe1323c3455fafa5fe6b64eef"
    assert decrypted(bytes.fromhex(old)) == b"frozen"
