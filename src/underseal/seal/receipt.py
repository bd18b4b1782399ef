"""The receipt: the reporter's secret to look up their report, computed and never stored.

The same report always gives the same receipt on the same day, so that a repeat tells its sender
nothing new. The token names its subject, which is where its report lies, and the day on which it was
given, which nothing else keeps: a stored report has no day. Its proof is the same on every day, and
what is stored is the SHA-256 of that; in the token it is hidden, so that nobody sees of two receipts
of different days whether they are of one report.

Source:
    RFC 5297: a synthetic IV. The seal authenticates the content and is the IV under which the proof is
    hidden, so that the same content always gives the same token and nothing else can be read off it.
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
"""32 bytes: the SHA-256 of subject and proof, the same on every day, which is what the store keeps."""

PREFIX: Final = "rcpt_"
PROOF_BYTES: Final = 16
"""128 bits cannot be guessed."""

SEAL_BYTES: Final = 6
"""So much vouches for proof and day: nobody but its holder gains by another day, and another proof leads
nowhere. With it, a receipt is 40 bytes, which are 64 letters of base32 and none to spare."""

_SUBJECT_BYTES: Final = 16
_DAY_BYTES: Final = 2
_BYTES: Final = _SUBJECT_BYTES + PROOF_BYTES + _DAY_BYTES + SEAL_BYTES
_FIRST: Final = date(1970, 1, 1)
_SEAL: Final = b"underseal/receipt-seal/1\0"
_MASK: Final = b"underseal/receipt-mask/1\0"


class InvalidReceiptError(ValueError):
    """The text is not a receipt; whether a well-formed one was ever given, the store knows."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt(Redacted):
    """What the reporter is given, and what is stored."""

    token: str
    digest: ReceiptDigest


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ParsedReceipt(Redacted):
    """What a token says: where the report lies, what its receipt is stored as, and when it was given."""

    subject_id: SubjectId
    digest: ReceiptDigest
    given_on: date


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
    proof = digest(keys.receipt, report, "sha256")[:PROOF_BYTES]
    dated = (day - _FIRST).days.to_bytes(_DAY_BYTES)
    seal = _seal(keys, subject_id, proof, dated)
    hidden = _masked(keys, subject_id, proof, dated + seal)
    return Receipt(
        token=_write(subject_id.bytes + hidden + dated + seal), digest=_digest(subject_id, proof)
    )


def parse(keys: KeyRing, token: str) -> ParsedReceipt:
    """Return what a receipt says.

    Raises:
        InvalidReceiptError: it is not one that was ever given, or not the one way to write it.
    """
    content = _read(token)
    subject_id = SubjectId(UUID(bytes=content[:_SUBJECT_BYTES]))
    hidden, rest = content[_SUBJECT_BYTES:][:PROOF_BYTES], content[_SUBJECT_BYTES + PROOF_BYTES :]
    dated, seal = rest[:_DAY_BYTES], rest[_DAY_BYTES:]
    proof = _masked(keys, subject_id, hidden, rest)
    if not compare_digest(_seal(keys, subject_id, proof, dated), seal):
        raise InvalidReceiptError("this is not a receipt")
    return ParsedReceipt(
        subject_id=subject_id,
        digest=_digest(subject_id, proof),
        given_on=_FIRST + timedelta(days=int.from_bytes(dated)),
    )


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


def _seal(keys: KeyRing, subject_id: SubjectId, proof: bytes, dated: bytes) -> bytes:
    return digest(keys.receipt, _SEAL + subject_id.bytes + proof + dated, "sha256")[:SEAL_BYTES]


def _masked(keys: KeyRing, subject_id: SubjectId, proof: bytes, day_and_seal: bytes) -> bytes:
    """Hide a proof, or show it again: twice is not at all."""
    mask = digest(keys.receipt, _MASK + subject_id.bytes + day_and_seal, "sha256")[:PROOF_BYTES]
    return bytes(one ^ other for one, other in zip(proof, mask, strict=True))


def _digest(subject_id: SubjectId, proof: bytes) -> ReceiptDigest:
    return ReceiptDigest(sha256(subject_id.bytes + proof).digest())
