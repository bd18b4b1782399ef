"""The ledger: every change of a case as an event in a hash chain, and checkpoints over the heads.

All hashes are SHA-256 over a name of what is hashed and its parts, each with its length in
front, so that no two different things have the same bytes. A chain finds what was changed,
removed or swapped inside; what was cut off at its end shows in the checkpoints.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from underseal.core.subject import SubjectId

Canonical: TypeAlias = "bool | int | str | Sequence[Canonical] | Mapping[str, Canonical] | None"
"""What an event may say: no floats, whose digits depend on who prints them (nats are stored as
whole micronats), and no times but as `rfc3339` strings."""


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict
)


class EventKind(StrEnum):
    """What can happen to a subject, in the past tense; the last five, to the installation."""

    REGISTERED = "registered"
    VERSIONED = "versioned"
    SUPERSEDED = "superseded"
    KEPT_BACK = "kept_back"
    LET_GO = "let_go"
    SCANNED = "scanned"
    SCAN_FAILED = "scan_failed"
    ASSESSED = "assessed"
    QUEUED = "queued"
    LEASED = "leased"
    RELEASED = "released"
    EFFECT_INTENDED = "effect_intended"
    EFFECT_WITHDRAWN = "effect_withdrawn"
    DISCLOSED = "disclosed"
    DECIDED = "decided"
    HOLD_EXPIRED = "hold_expired"
    APPEAL_LODGED = "appeal_lodged"
    APPEAL_DECIDED = "appeal_decided"
    STRUCK = "struck"
    STRIKE_VOIDED = "strike_voided"
    CREDITED = "credited"
    CREDIT_REVERSED = "credit_reversed"
    CHARGE_CONFIRMED = "charge_confirmed"
    IDENTITY_SOUGHT = "identity_sought"
    NOTE_DESTROYED = "note_destroyed"
    YEAR_DESTROYED = "year_destroyed"
    PRIORS_LEARNT = "priors_learnt"
    CALIBRATED = "calibrated"
    BREAKER_TRIPPED = "breaker_tripped"
    BREAKER_RESET = "breaker_reset"


INSTALLATION: Final = SubjectId(UUID(int=0))
"""The chain of what concerns no subject: ids of subjects are hashes, and never this."""


class NotCanonicalError(ValueError):
    """A value has no canonical bytes; `path` says where it stands."""

    def __init__(self, path: str, found: str) -> None:
        super().__init__(f"{path} is {found}, which has no canonical form")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One link of a subject's chain; `seq` counts from 1, `body` holds canonical bytes."""

    subject_id: SubjectId
    seq: int
    kind: EventKind
    body: bytes
    prev_hash: bytes
    hash: bytes


def canonical(payload: Mapping[str, Canonical]) -> bytes:
    """Return the one form of `payload`: JSON in UTF-8, keys by code point, no spaces.

    Raises:
        NotCanonicalError: it holds a float, a key that is no string, text that is not valid
            Unicode, or an object of another type.
    """
    _check(payload, "payload")
    return _ENCODER.encode(payload).encode()


def _check(value: object, path: str) -> None:
    match value:
        case None | bool() | int():
            return
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise NotCanonicalError(path, "not valid Unicode") from None
        case list() | tuple():
            for index, each in enumerate(value):
                _check(each, f"{path}[{index}]")
        case Mapping():
            for key, each in value.items():
                if not isinstance(key, str):
                    raise NotCanonicalError(path, f"keyed by {type(key).__name__}")
                if not (key.isascii() and _is_plain(each)):
                    _check(key, path)
                    _check(each, f"{path}.{key}")
        case _:
            raise NotCanonicalError(path, type(value).__name__)


def _is_plain(value: object) -> bool:
    """Whether `value` needs no further look; every report that is filed has a dozen of them."""
    return value is None or (isinstance(value, str) and value.isascii())


def rfc3339(at: datetime) -> str:
    """Return a time as events hold it: UTC, with microseconds, ending in Z.

    Raises:
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time has a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event_hash(
    prev_hash: bytes, subject_id: SubjectId, seq: int, kind: EventKind, body: bytes
) -> bytes:
    """Return the 32 bytes that stand for an event and, through `prev_hash`, all before it."""
    return _hash(
        "underseal/event/1", prev_hash, subject_id.bytes, seq.to_bytes(8), kind.encode(), body
    )


def append(
    prev: Event | None, subject_id: SubjectId, kind: EventKind, payload: Mapping[str, Canonical]
) -> Event:
    """Return the event that follows `prev`, or opens the chain.

    Raises:
        NotCanonicalError: `payload` has no canonical bytes.
    """
    seq = 1 if prev is None else prev.seq + 1
    prev_hash = GENESIS if prev is None else prev.hash
    body = canonical(payload)
    return Event(
        subject_id=subject_id,
        seq=seq,
        kind=kind,
        body=body,
        prev_hash=prev_hash,
        hash=event_hash(prev_hash, subject_id, seq, kind, body),
    )


def verify_chain(events: Iterable[Event], head: bytes | None = None) -> int | None:
    """Return the number of the first event of one subject that is not as it was, or None.

    With `head`, the hash of the last event as a checkpoint knows it, events cut off at the end
    are found as well.
    """
    expected, prev_hash, subject_id = 1, GENESIS, None
    for event in events:
        subject_id = subject_id or event.subject_id
        if (
            event.seq != expected
            or event.subject_id != subject_id
            or event.prev_hash != prev_hash
            or event.hash
            != event_hash(prev_hash, event.subject_id, event.seq, event.kind, event.body)
        ):
            return expected
        expected, prev_hash = expected + 1, event.hash
    return expected if head is not None and head != prev_hash else None


def report_digest(fields: Mapping[str, Canonical]) -> bytes:
    """Return the digest of a stored report: of all fields that stay when its note is destroyed.

    A note takes part as the hash of its ciphertext: one of the text could be guessed.

    Raises:
        NotCanonicalError: a field has no canonical bytes.
    """
    return _hash("underseal/report/1", canonical(fields))


def commitment(digests: Iterable[bytes]) -> bytes:
    """Return what an assessment says of the reports it counted, whatever their order."""
    return _hash("underseal/commitment/1", merkle_root(sorted(digests)))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of `leaves`.

    Source:
        RFC 6962, section 2.1.
    """
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        # A last one without a partner moves up as it is: the same tree as the RFC's recursion.
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def head_leaf(subject_id: SubjectId, seq: int, head: bytes) -> bytes:
    """Return the leaf with which a subject's last event stands in a checkpoint's tree."""
    return _hash("underseal/head/1", subject_id.bytes, seq.to_bytes(8), head)


def checkpoint_hash(prev: bytes, root: bytes, number: int, made_at: datetime) -> bytes:
    """Return the hash of checkpoint `number`; the one before the first is `GENESIS`."""
    return _hash(
        "underseal/checkpoint/1", prev, root, number.to_bytes(8), rfc3339(made_at).encode()
    )


def _hash(domain: str, *parts: bytes) -> bytes:
    hashed = hashlib.sha256()
    for part in (domain.encode(), *parts):
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.digest()


GENESIS: Final = _hash("underseal/genesis/1")
"""What the first event of every chain, and the first checkpoint, has before it."""
