"""The escrow key pair: the public half seals identities, the private half never meets a server.

Both halves are 32 bytes, so one can be taken for the other. The pairs made here differ visibly:
a private half is clamped (RFC 7748, section 5), and a public half that looks clamped, one in
sixteen, is thrown away and made again.
"""

import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from underseal.seal.box import KEY_BYTES

_PRIME: Final = 2**255 - 19
_A: Final = 486662
"""Curve25519 is v² = u³ + A·u² + u over the integers modulo the prime: RFC 7748, section 4.1."""


class EscrowKeyError(ValueError):
    """The escrow key cannot be used."""


class EscrowKeyInvalidError(EscrowKeyError):
    """The bytes are not a key of this kind."""


class EscrowKeyIsPrivateError(EscrowKeyError):
    """The bytes offered as the public key are the private one."""

    def __init__(self) -> None:
        super().__init__(
            "escrow.pub holds a private key: keep that half off every server, put the public half "
            "here, and if the file was ever readable make a new pair with `underseal keys create`"
        )


def new_private_key() -> X25519PrivateKey:
    """Make a pair; its public half is `.public_key()`."""
    while True:
        private_key = X25519PrivateKey.generate()
        if not _is_clamped(private_key.public_key().public_bytes_raw()):
            return private_key


def parse_public_key(raw: bytes) -> X25519PublicKey:
    """Return the public key in `raw`.

    Raises:
        EscrowKeyIsPrivateError: it is the private half of a pair.
        EscrowKeyInvalidError: it is no point of prime order on the curve, as public keys are.
    """
    if _is_clamped(raw):
        raise EscrowKeyIsPrivateError
    try:
        public_key = X25519PublicKey.from_public_bytes(raw)
        X25519PrivateKey.generate().exchange(public_key)  # refuses points of small order
    except ValueError:
        public_key = None
    if public_key is None or not _is_on_curve(int.from_bytes(raw, "little")):
        raise EscrowKeyInvalidError(
            "escrow.pub is not an X25519 public key: "
            "copy it again from the machine that made the pair"
        )
    return public_key


def private_key_text(private_key: X25519PrivateKey) -> str:
    """Write the private half as one line of hexadecimal, for a medium that is kept offline."""
    return private_key.private_bytes_raw().hex() + "\n"


def parse_private_key(text: str) -> X25519PrivateKey:
    """Read what `private_key_text` wrote.

    Raises:
        EscrowKeyInvalidError: it is not such a line; a public key is not.
    """
    written = re.fullmatch(r"\s*([0-9a-f]{64})\s*", text)
    raw = bytes.fromhex(written[1]) if written else b""
    if not _is_clamped(raw):
        raise EscrowKeyInvalidError(
            "this is not the private half of an escrow key: that is one line of 64 digits, in the "
            "file that `underseal keys create --escrow` made"
        )
    return X25519PrivateKey.from_private_bytes(raw)


def _is_clamped(raw: bytes) -> bool:
    number = int.from_bytes(raw, "little")
    return len(raw) == KEY_BYTES and number % 8 == 0 and number >> 254 == 1


def _is_on_curve(u: int) -> bool:
    squared = u**3 + _A * u**2 + u
    return u < _PRIME and pow(squared, (_PRIME - 1) // 2, _PRIME) == 1
