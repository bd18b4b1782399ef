"""The sealed identity: a reporter's id that only the offline escrow key opens.

It is HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) straight to the escrow key, bound to the
pseudonym and year that it belongs to. The server that sealed it cannot open it.
"""

from collections import OrderedDict
from typing import Final

from cryptography.exceptions import InternalError, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from underseal.core.report import Pseudonym
from underseal.core.subject import EXTERNAL_ID_BYTES_MAX, check_external_id
from underseal.seal.padding import LENGTH_BYTES, pad, unpad

ID_BUCKETS: Final = (64, EXTERNAL_ID_BYTES_MAX + LENGTH_BYTES)
"""An id fills 64 bytes, or as many as the longest one. Settings."""

SEALED_ONCE_MAX: Final = 500_000
"""Pseudonyms remembered as sealed, some 75 MiB of them. A setting."""

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class IdentityNotSealedError(Exception):
    """The encryption failed."""


class IdentityNotOpenedError(Exception):
    """It is another escrow key, pseudonym or year, or the bytes are not a sealed identity."""

    def __init__(self) -> None:
        super().__init__(
            "the identity does not open: it was sealed to another escrow key (try the one from "
            "before, if the pair was ever changed), or the file was changed since it was taken"
        )


class SealedOnce:
    """The pseudonyms whose identity is known to be stored, the least recently seen forgotten first.

    Add one only when its transaction is committed. Whoever deletes a sealed identity of the
    current year restarts the processes that remember it, or the next one will be missing.
    """

    def __init__(self, size_max: int = SEALED_ONCE_MAX) -> None:
        self._seen: OrderedDict[Pseudonym, None] = OrderedDict()
        self._size_max = size_max

    def __contains__(self, pseudonym: Pseudonym) -> bool:
        if pseudonym not in self._seen:
            return False
        self._seen.move_to_end(pseudonym)
        return True

    def add(self, pseudonym: Pseudonym) -> None:
        """Remember that the identity behind `pseudonym` is sealed and stored."""
        self._seen[pseudonym] = None
        self._seen.move_to_end(pseudonym)
        if len(self._seen) > self._size_max:
            self._seen.popitem(last=False)


def seal_identity(
    public_key: X25519PublicKey, reporter_id: str, pseudonym: Pseudonym, year: int
) -> bytes:
    """Seal a reporter's id to the escrow key.

    Raises:
        InvalidExternalIdError: it is not an acceptable id.
        IdentityNotSealedError: the encryption failed.
    """
    check_external_id(reporter_id)
    padded = pad(reporter_id.encode(), ID_BUCKETS)
    try:
        return _SUITE.encrypt(padded, public_key, _binding(pseudonym, year))
    except (ValueError, InternalError):
        raise IdentityNotSealedError("the identity could not be sealed") from None


def open_identity(
    private_key: X25519PrivateKey, sealed: bytes, pseudonym: Pseudonym, year: int
) -> str:
    """Return the reporter's id; `pseudonym.is_pseudonym_of` says whether it is true.

    Raises:
        IdentityNotOpenedError: it does not open.
    """
    try:
        padded = _SUITE.decrypt(sealed, private_key, _binding(pseudonym, year))
        return unpad(padded).decode()
    except (InvalidTag, InternalError, ValueError):
        raise IdentityNotOpenedError from None


def _binding(pseudonym: Pseudonym, year: int) -> bytes:
    return b"underseal/identity/1\0" + year.to_bytes(2) + pseudonym
