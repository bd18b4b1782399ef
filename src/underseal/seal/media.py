"""Frozen copies of media, encrypted in chunks that can be read one by one.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): the nonce of a chunk is a random prefix, the
chunk's number, and whether it is the last; so none can be moved, repeated, dropped or added. A file
is a header, then chunks of 1 MiB (the last may be shorter) in AES-256-GCM, each bound to the
header.
"""

import os
from itertools import count
from typing import BinaryIO, Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from underseal.seal.box import (
    GCM_TAG_BYTES,
    KEY_BYTES,
    NONCE_BYTES,
    TamperedError,
    close_box,
    open_box,
)
from underseal.seal.keys import MediaKey

CopyKey = NewType("CopyKey", bytes)
"""32 bytes: the key of one frozen copy, used for no other."""

CHUNK_BYTES: Final = 2**20
FORMAT: Final = b"usmedia\x01"
"""How every file begins; the last byte is the version."""

_COUNTER_BYTES: Final = 4
_PREFIX_BYTES: Final = NONCE_BYTES - _COUNTER_BYTES - 1
_HEADER_BYTES: Final = len(FORMAT) + _PREFIX_BYTES
_BOX_BYTES: Final = CHUNK_BYTES + GCM_TAG_BYTES
_COPY_KEY: Final = b"underseal/copy-key/1\0"


class UnknownFormatError(TamperedError):
    """The file does not begin as a frozen copy of this version does."""


class InvalidRangeError(ValueError):
    """The range is not inside the media."""

    def __init__(self, start: int, end: int, size_bytes: int) -> None:
        super().__init__(f"[{start}, {end}) is not inside [0, {size_bytes})")
        self.size_bytes = size_bytes


class _Stream:
    """The chunks of one file, under its key and header."""

    def __init__(self, key: CopyKey, header: bytes) -> None:
        if len(header) != _HEADER_BYTES or not header.startswith(FORMAT):
            raise UnknownFormatError("not a frozen copy, or of a later version")
        self._cipher = AESGCM(key)
        self._header = header

    def close(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, is_last), chunk, self._header)

    def open(self, number: int, box: bytes, *, is_last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(number, is_last), box, self._header)
        except InvalidTag:
            raise TamperedError(f"chunk {number} of the copy is not what was frozen") from None

    def _nonce(self, number: int, is_last: bool) -> bytes:
        prefix = self._header[len(FORMAT) :]
        return prefix + number.to_bytes(_COUNTER_BYTES) + is_last.to_bytes(1)


def new_copy_key() -> CopyKey:
    """Make the key of one frozen copy."""
    return CopyKey(os.urandom(KEY_BYTES))


def wrap_copy_key(media_key: MediaKey, key: CopyKey, copy_id: bytes) -> bytes:
    """Encrypt the key of a frozen copy, to be stored."""
    return close_box(media_key, key, _COPY_KEY + copy_id)


def unwrap_copy_key(media_key: MediaKey, wrapped: bytes, copy_id: bytes) -> CopyKey:
    """Return the key of a frozen copy.

    Raises:
        TamperedError: it is not this copy's, or not this key's.
    """
    return CopyKey(open_box(media_key, wrapped, _COPY_KEY + copy_id))


def encrypt(reader: BinaryIO, writer: BinaryIO, key: CopyKey) -> None:
    """Encrypt all that `reader` gives; memory stays at a few chunks."""
    header = FORMAT + os.urandom(_PREFIX_BYTES)
    stream = _Stream(key, header)
    writer.write(header)
    chunk = _read_full(reader, CHUNK_BYTES)
    for number in count():
        following = _read_full(reader, CHUNK_BYTES)
        writer.write(stream.close(number, chunk, is_last=not following))
        if not following:
            return
        chunk = following


def decrypt(reader: BinaryIO, writer: BinaryIO, key: CopyKey) -> None:
    """Decrypt a whole file, writing each chunk once it is verified.

    What was written is a true beginning but not the whole until this returns.

    Raises:
        UnknownFormatError: it is not a frozen copy of this version.
        TamperedError: it was changed or cut, or another key encrypted it.
    """
    stream = _Stream(key, _read_full(reader, _HEADER_BYTES))
    box = _read_full(reader, _BOX_BYTES)
    for number in count():
        following = _read_full(reader, _BOX_BYTES)
        writer.write(stream.open(number, box, is_last=not following))
        if not following:
            return
        box = following


class Decrypter:
    """Reads stretches of a frozen copy without decrypting the rest.

    The last chunk is verified at once, so that `size_bytes` is the truth and a file that was cut or
    added to is refused before anything is read. One thread at a time.

    Raises:
        UnknownFormatError: it is not a frozen copy of this version.
        TamperedError: its end was changed or cut, or another key encrypted it.
    """

    def __init__(self, reader: BinaryIO, key: CopyKey) -> None:
        self._reader = reader
        body_bytes = reader.seek(0, os.SEEK_END) - _HEADER_BYTES
        reader.seek(0)
        self._stream = _Stream(key, _read_full(reader, _HEADER_BYTES))
        self._last = max(0, -(-body_bytes // _BOX_BYTES) - 1)
        self._opened = (self._last, self._open(self._last))
        self.size_bytes: Final = body_bytes - (self._last + 1) * GCM_TAG_BYTES

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes `[start, end)` of the media.

        Raises:
            InvalidRangeError: it is not inside the media.
            TamperedError: a chunk of it was changed.
        """
        if not 0 <= start <= end <= self.size_bytes:
            raise InvalidRangeError(start, end, self.size_bytes)
        first = start // CHUNK_BYTES
        chunks = [self._chunk(number) for number in range(first, -(-end // CHUNK_BYTES))]
        skipped = first * CHUNK_BYTES
        return b"".join(chunks)[start - skipped : end - skipped]

    def _chunk(self, number: int) -> bytes:
        # A player reads on from where it stopped, often many times within a chunk.
        if self._opened[0] != number:
            self._opened = (number, self._open(number))
        return self._opened[1]

    def _open(self, number: int) -> bytes:
        self._reader.seek(_HEADER_BYTES + number * _BOX_BYTES)
        box = _read_full(self._reader, _BOX_BYTES)
        return self._stream.open(number, box, is_last=number == self._last)


def _read_full(reader: BinaryIO, size_bytes: int) -> bytes:
    """Read until `size_bytes` are there or the file ends: a reader may give less at a time."""
    parts = []
    while size_bytes and (part := reader.read(size_bytes)):
        parts.append(part)
        size_bytes -= len(part)
    return b"".join(parts)
