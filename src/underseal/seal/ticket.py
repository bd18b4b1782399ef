"""The ticket: lets a browser file one person's reports of one subject, in the platform's name.

A platform signs it with the ticket secret of its API key: unpadded base64url of a JSON object, a
full stop, and the unpadded base64url of the HMAC-SHA256 of the part before the full stop, keyed
by the secret as it was shown, in ASCII. What the ticket says of subject and reporter is taken
from it alone; so is whether they report for a trusted flagger.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest, digest
from typing import Final, NewType

import msgspec

from underseal.core.caller import KeyId
from underseal.core.subject import (
    InvalidExternalIdError,
    SubjectKind,
    SubjectRef,
    check_external_id,
)
from underseal.seal.redacted import Redacted

TicketSecret = NewType("TicketSecret", bytes)
"""What the platform was shown, in ASCII."""

TICKET_LIFE_MAX: Final = timedelta(hours=1)
"""So long at most may a ticket be valid from now on. A limit of ours."""

TICKET_LENGTH_MAX: Final = 10_000
"""Characters; two of the longest ids, escaped, fit. A limit of ours."""

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})")


class TicketError(Exception):
    """The ticket cannot be used; each subclass says why."""


class MalformedTicketError(TicketError):
    """The text is not a ticket."""


class ForgedTicketError(TicketError):
    """The signature is not that of the key that the ticket names."""


class ExpiredTicketError(TicketError):
    """Its time is over."""


class TooLongLivedTicketError(TicketError):
    """It would be valid for longer than `TICKET_LIFE_MAX`."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Ticket(Redacted):
    """What a platform vouches for. `reporter_id` is None for somebody without an account.

    `by_trusted_flagger`: the person reports for one (DSA, Article 22).
    """

    key_id: KeyId
    subject: SubjectRef
    reporter_id: str | None
    expires_at: datetime
    by_trusted_flagger: bool = False


class _Subject(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    kind: SubjectKind
    id: str


class _Payload(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    key: str
    subject: _Subject
    reporter: str | None
    expires_at: int
    trusted_flagger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnverifiedTicket(Redacted):
    """A well-formed ticket; `key_id` is who it says to be signed by, and nothing else is told."""

    key_id: KeyId
    payload: _Payload
    signed: bytes
    signature: bytes


_decoder: Final = msgspec.json.Decoder(_Payload)


def sign_ticket(secret: TicketSecret, ticket: Ticket) -> str:
    """Write a ticket as a platform does."""
    payload = _Payload(
        key=ticket.key_id,
        subject=_Subject(kind=ticket.subject.kind, id=ticket.subject.external_id),
        reporter=ticket.reporter_id,
        expires_at=int(ticket.expires_at.timestamp()),
        trusted_flagger=ticket.by_trusted_flagger,
    )
    signed = _encode(msgspec.json.encode(payload))
    return f"{signed}.{_encode(digest(secret, signed.encode(), 'sha256'))}"


def parse_ticket(text: str) -> UnverifiedTicket:
    """Take a ticket apart, so that the secret of the key it names can be found.

    Raises:
        MalformedTicketError: it is not a ticket.
    """
    form = _FORM.fullmatch(text) if len(text) <= TICKET_LENGTH_MAX else None
    if form is None:
        raise MalformedTicketError("this is not a ticket")
    try:
        payload = _decoder.decode(_decode(form[1]))
        if payload.reporter is not None:
            check_external_id(payload.reporter)
        check_external_id(payload.subject.id)
    except InvalidExternalIdError:
        raise MalformedTicketError("an id in the ticket is not acceptable") from None
    except (msgspec.DecodeError, ValueError):
        raise MalformedTicketError("the ticket does not say what a ticket says") from None
    return UnverifiedTicket(
        key_id=KeyId(payload.key),
        payload=payload,
        signed=form[1].encode(),
        signature=_decode(form[2]),
    )


def verify_ticket(ticket: UnverifiedTicket, secret: TicketSecret, now: datetime) -> Ticket:
    """Return what the platform vouches for.

    Raises:
        ForgedTicketError: it was not signed with `secret`.
        ExpiredTicketError: its time is over.
        TooLongLivedTicketError: its time is too long.
    """
    if not compare_digest(digest(secret, ticket.signed, "sha256"), ticket.signature):
        raise ForgedTicketError("the ticket was not signed with the secret of its key")
    left_s = ticket.payload.expires_at - now.timestamp()
    if left_s <= 0:
        raise ExpiredTicketError("the ticket has expired")
    if left_s > TICKET_LIFE_MAX.total_seconds():
        raise TooLongLivedTicketError("a ticket is valid for an hour at most")
    return Ticket(
        key_id=ticket.key_id,
        subject=SubjectRef(kind=ticket.payload.subject.kind, external_id=ticket.payload.subject.id),
        reporter_id=ticket.payload.reporter,
        expires_at=datetime.fromtimestamp(ticket.payload.expires_at, UTC),
        by_trusted_flagger=ticket.payload.trusted_flagger,
    )


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
