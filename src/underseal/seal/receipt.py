"""The receipt: the reporter's secret to look up their report, computed and never stored.

The same report always gives the same receipt on the same day, so that a repeat tells its sender
nothing new. The token names its subject, which is where its report lies, and the day on which it was
given, which nothing else keeps: a stored report has no day. What is stored is the SHA-256 of the
rest of it, which is the same on every day.
"""

from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final, NewType
from uuid import UUID

from underseal.core.guideline import GuidelineId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import KeyRing
from underseal.seal.redacted import Redacted

ReceiptDigest = NewType("ReceiptDigest", bytes)
"""32 bytes: the SHA-256 of what a token says but for its day, which is what the store keeps."""

PREFIX: Final = "rcpt_"
PROOF_BYTES: Final = 16
"""128 bits cannot be guessed."""

SEAL_BYTES: Final = 6
"""So much vouches for the day: nobody but its holder gains by another one. With it, a receipt is 40
bytes, which are 64 letters of base32 and none to spare."""

_SUBJECT_BYTES: Final = 16
_DAY_BYTES: Final = 2
_BYTES: Final = _SUBJECT_BYTES + PROOF_BYTES + _DAY_BYTES + SEAL_BYTES
_FIRST: Final = date(1970, 1, 1)
_DAY: Final = b"underseal/receipt-day/1\0"


class InvalidReceiptError(ValueError):
    """The text is not a receipt; whether a well-formed one was ever given, the store knows."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt(Redacted):
    """What the reporter is given, and what is stored."""

    token: str
    digest: ReceiptDigest


def receipt(
    keys: KeyRing,
    subject_id: SubjectId,
    round_: int,
    guideline: GuidelineId,
    tag: Tag,
    *,
    day: date,
) -> Receipt:
    """Compute the receipt that is given for a report on a day.

    `round_` is the one that receipts are made of, which may be earlier than the report's. `tag` is
    the one that the report was stored under.
    """
    report = subject_id.bytes + round_.to_bytes(8) + tag + guideline.encode()
    proof = subject_id.bytes + digest(keys.receipt, report, "sha256")[:PROOF_BYTES]
    dated = proof + (day - _FIRST).days.to_bytes(_DAY_BYTES)
    return Receipt(token=_write(dated + _seal(keys, dated)), digest=_digest(proof))


def parse(token: str) -> tuple[SubjectId, ReceiptDigest]:
    """Return where the report lies and what its receipt is stored as.

    Raises:
        InvalidReceiptError: it is not the one way to write a receipt.
    """
    proof = _read(token)[: _SUBJECT_BYTES + PROOF_BYTES]
    return SubjectId(UUID(bytes=proof[:_SUBJECT_BYTES])), _digest(proof)


def day_of(keys: KeyRing, token: str) -> date:
    """Return the day on which a receipt was given.

    Raises:
        InvalidReceiptError: it is not a receipt, or was not given on the day that it names.
    """
    content = _read(token)
    dated = content[:-SEAL_BYTES]
    if not compare_digest(_seal(keys, dated), content[-SEAL_BYTES:]):
        raise InvalidReceiptError("this is not a receipt")
    return _FIRST + timedelta(days=int.from_bytes(dated[-_DAY_BYTES:]))


def _read(token: str) -> bytes:
    letters = token.removeprefix(PREFIX)
    try:
        content = b32decode(letters.upper())
    except ValueError:
        content = b""
    if len(content) != _BYTES or _write(content) != token:
        raise InvalidReceiptError("this is not a receipt")
    return content


def _write(content: bytes) -> str:
    return PREFIX + b32encode(content).decode().lower()


def _seal(keys: KeyRing, dated: bytes) -> bytes:
    return digest(keys.receipt, _DAY + dated, "sha256")[:SEAL_BYTES]


def _digest(proof: bytes) -> ReceiptDigest:
    return ReceiptDigest(sha256(proof).digest())
