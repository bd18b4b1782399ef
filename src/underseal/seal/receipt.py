"""The receipt: the reporter's secret to look up their report, computed and never stored.

The same report always gives the same receipt, so that a repeat tells its sender nothing new. What
is stored is the SHA-256 of the token. The token names its subject, which is where its report lies.
"""

from base64 import b32decode, b32encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import Final, NewType
from uuid import UUID

from underseal.core.guideline import GuidelineId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing
from underseal.seal.redacted import Redacted

ReceiptDigest = NewType("ReceiptDigest", bytes)
"""32 bytes: the SHA-256 of a token, which is what the store keeps."""

PREFIX: Final = "rcpt_"
PROOF_BYTES: Final = 20
"""160 bits cannot be guessed, and are 32 letters of base32."""

_SUBJECT_BYTES: Final = 16
_LETTERS: Final = 58
"""36 bytes in base32 without padding."""


class InvalidReceiptError(ValueError):
    """The text is not a receipt; whether a well-formed one was ever given, the store knows."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt(Redacted):
    """What the reporter is given, and what is stored."""

    token: str
    digest: ReceiptDigest


def receipt(
    keys: KeyRing, subject_id: SubjectId, round_: int, guideline: GuidelineId, tag: Tag
) -> Receipt:
    """Compute the receipt of a report; `tag` is the one that it was stored under."""
    report = subject_id.bytes + round_.to_bytes(8) + tag + guideline.encode()
    proof = digest(keys.receipt, report, "sha256")[:PROOF_BYTES]
    token = _write(subject_id.bytes + proof)
    return Receipt(token=token, digest=_digest(token))


def parse(token: str) -> tuple[SubjectId, ReceiptDigest]:
    """Return where the report lies and what its receipt is stored as.

    Raises:
        InvalidReceiptError: it is not the one way to write a receipt.
    """
    letters = token.removeprefix(PREFIX)
    try:
        content = b32decode(letters.upper().ljust(64, "="))
    except ValueError:
        content = b""
    if len(content) != _SUBJECT_BYTES + PROOF_BYTES or _write(content) != token:
        raise InvalidReceiptError("this is not a receipt")
    return SubjectId(UUID(bytes=content[:_SUBJECT_BYTES])), _digest(token)


def _write(content: bytes) -> str:
    return PREFIX + b32encode(content).decode()[:_LETTERS].lower()


def _digest(token: str) -> ReceiptDigest:
    return ReceiptDigest(sha256(token.encode()).digest())
