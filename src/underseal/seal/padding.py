"""Padding to a few fixed lengths, so that the length of a ciphertext says little of its content.

A padded message is its length in four bytes, the message, and zeros up to the bucket.
"""

from collections.abc import Sequence
from typing import Final

LENGTH_BYTES: Final = 4


class MalformedPaddingError(ValueError):
    """The bytes are not a padded message."""


def pad(message: bytes, buckets: Sequence[int]) -> bytes:
    """Fill `message` up to the first of the ascending `buckets` (bytes) that holds it.

    Beyond the last bucket it is filled to the next multiple of the last one.
    """
    framed = len(message).to_bytes(LENGTH_BYTES) + message
    last = buckets[-1]
    beyond = -(-len(framed) // last) * last
    bucket = next((size for size in buckets if len(framed) <= size), beyond)
    return framed.ljust(bucket, b"\0")


def unpad(padded: bytes) -> bytes:
    """Return the message inside `padded`.

    Raises:
        MalformedPaddingError: the length is wrong, or the filling is not zeros.
    """
    end = LENGTH_BYTES + int.from_bytes(padded[:LENGTH_BYTES])
    if end > len(padded) or any(padded[end:]):
        raise MalformedPaddingError("not a padded message")
    return padded[LENGTH_BYTES:end]
