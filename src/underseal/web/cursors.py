"""Cursors: where in a list somebody is, signed, so that nobody can make one up.

A cursor is good for one question only: it is signed together with the name of the list and
whatever narrows it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hmac import compare_digest, digest
from typing import Final

import msgspec

MAC_BYTES: Final = 32

Position = Sequence[str | int]


class InvalidCursorError(ValueError):
    """The cursor was not given by us, or for another question."""

    def __init__(self) -> None:
        super().__init__("this cursor was not given for this question")


class Cursors:
    """Writes and reads cursors with the key that signs them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, question: Sequence[str], position: Position) -> str:
        """Return the cursor for a position in the list that answers a question."""
        place = msgspec.json.encode(position)
        return urlsafe_b64encode(self._mac(question, place) + place).decode().rstrip("=")

    def read(self, question: Sequence[str], cursor: str) -> list[str | int]:
        """Return the position.

        Raises:
            InvalidCursorError: the cursor is not one for this question.
        """
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (UnicodeEncodeError, Base64Error):
            raise InvalidCursorError from None
        mac, place = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not compare_digest(mac, self._mac(question, place)):
            raise InvalidCursorError
        position: list[str | int] = msgspec.json.decode(place, type=list[str | int])
        return position

    def _mac(self, question: Sequence[str], place: bytes) -> bytes:
        signed = msgspec.json.encode(["underseal/cursor/1", *question])
        return digest(self._key, signed + b"\0" + place, "sha256")
