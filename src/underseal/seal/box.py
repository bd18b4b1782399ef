"""A box: bytes under AES-256-GCM with a random nonce, bound to the place where they belong.

The layout is the nonce, the ciphertext, the 16-byte authentication tag. Random nonces allow
2^32 boxes a key (NIST SP 800-38D, 8.3); every key here closes far fewer.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16


class TamperedError(Exception):
    """The bytes were changed or cut, belong to another place, or another key closed them."""


def close_box(key: bytes, content: bytes, place: bytes) -> bytes:
    """Encrypt `content` so that it opens only with `key` and at `place`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, place)


def open_box(key: bytes, box: bytes, place: bytes) -> bytes:
    """Return what `close_box` was given.

    Raises:
        TamperedError: it does not open.
    """
    if len(box) < NONCE_BYTES + GCM_TAG_BYTES:
        raise TamperedError("too short to be a box")
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place)
    except InvalidTag:
        raise TamperedError("the box does not open with this key at this place") from None
