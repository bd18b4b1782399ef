"""The messages that the platform gets: thin, and with no field that could tell of a report.

A message names what changed; whoever wants to know more asks the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from underseal.core.appeal import AppealId
from underseal.core.ledger import Canonical, canonical, rfc3339
from underseal.core.statement import StatementId, StatementKind
from underseal.core.subject import SubjectRef
from underseal.core.visibility import Visibility

MESSAGE_BYTES_MAX: Final = 20_000
"""Largest message, in bytes. Source: the Standard Webhooks specification's advice, 20 kB."""


class MessageType(StrEnum):
    """What a message is about, as the platform subscribes to it."""

    VISIBILITY_CHANGED = "visibility.changed"
    STATEMENT_ISSUED = "statement.issued"
    APPEAL_DECIDED = "appeal.decided"
    SUBJECT_CLEARED = "subject.cleared"
    INCIDENT_RAISED = "incident.raised"


class IncidentKind(StrEnum):
    """What went wrong on the side of the moderation, so that somebody must look."""

    HOLD_EXPIRED = "hold_expired"
    REVIEW_OVERDUE = "review_overdue"
    DELIVERY_GIVEN_UP = "delivery_given_up"
    DETECTOR_DRIFTED = "detector_drifted"
    BREAKER_TRIPPED = "breaker_tripped"


class MessageTooLongError(ValueError):
    """The message would have more than `MESSAGE_BYTES_MAX` bytes."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"a message has at most {MESSAGE_BYTES_MAX} bytes, not {size_bytes}")
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityChanged:
    """Who may see a subject from now on. `revision` grows by one with each change of it."""

    subject: SubjectRef
    visibility: Visibility
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementIssued:
    """A statement can be read by the creator."""

    subject: SubjectRef
    statement_id: StatementId
    kind: StatementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided:
    """An appeal has been decided; `statement_id` is the statement that says why."""

    subject: SubjectRef
    appeal_id: AppealId
    statement_id: StatementId
    is_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCleared:
    """A version of a subject was scanned before publication, and nothing keeps it back."""

    subject: SubjectRef
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRaised:
    """Something went wrong that the platform's staff must know."""

    subject: SubjectRef
    kind: IncidentKind


Message = VisibilityChanged | StatementIssued | AppealDecided | SubjectCleared | IncidentRaised


def type_of(message: Message) -> MessageType:
    """Return the type under which `message` is sent."""
    match message:
        case VisibilityChanged():
            return MessageType.VISIBILITY_CHANGED
        case StatementIssued():
            return MessageType.STATEMENT_ISSUED
        case AppealDecided():
            return MessageType.APPEAL_DECIDED
        case SubjectCleared():
            return MessageType.SUBJECT_CLEARED
        case IncidentRaised():
            return MessageType.INCIDENT_RAISED
        case _:
            assert_never(message)


def encode(message: Message, occurred_at: datetime) -> bytes:
    """Return the body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks has it.

    `occurred_at` is the tick of the effect, where there is one: never a finer time.

    Raises:
        MessageTooLongError: it would be too long.
    """
    body = canonical(
        {
            "type": type_of(message),
            "timestamp": rfc3339(occurred_at),
            "data": {"subject": _subject(message.subject), **_data(message)},
        }
    )
    if len(body) > MESSAGE_BYTES_MAX:
        raise MessageTooLongError(len(body))
    return body


def _subject(subject: SubjectRef) -> Mapping[str, Canonical]:
    return {"kind": subject.kind, "id": subject.external_id}


def _data(message: Message) -> Mapping[str, Canonical]:
    match message:
        case VisibilityChanged():
            return {
                "visibility": _visibility(message.visibility),
                "revision": message.revision,
            }
        case StatementIssued():
            return {"statement_id": str(message.statement_id), "kind": message.kind}
        case AppealDecided():
            return {
                "appeal_id": str(message.appeal_id),
                "statement_id": str(message.statement_id),
                "is_granted": message.is_granted,
            }
        case SubjectCleared():
            return {"version": message.version}
        case IncidentRaised():
            return {"kind": message.kind}
        case _:
            assert_never(message)


def _visibility(visibility: Visibility) -> Mapping[str, Canonical]:
    return {
        "level": visibility.level,
        "age_restricted": visibility.age_restricted,
        "labelled": visibility.labelled,
        "interaction_limited": visibility.interaction_limited,
        "geo_blocked": visibility.geo_blocked,
    }
