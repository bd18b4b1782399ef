"""The link: lets a creator read statements and appeal, in the platform's name.

A platform signs it with the ticket secret of its API key, as it signs tickets: unpadded base64url
of a JSON object, a full stop, and the unpadded base64url of the HMAC-SHA256 of the part before the
full stop. The object says what it is for, so that neither can be taken for the other.
"""

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest, digest
from typing import Final, Literal
from uuid import UUID

import msgspec

from underseal.core.caller import KeyId
from underseal.core.statement import StatementId
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.seal.redacted import Redacted
from underseal.seal.ticket import TicketSecret

LINK_LIFE_MAX: Final = timedelta(days=7)
"""So long at most may a link be valid from now on: it may come by mail. A limit of ours."""

LINK_LENGTH_MAX: Final = 5_000
"""Characters; the longest id, escaped, fits. A limit of ours."""

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})")


class LinkError(Exception):
    """The link cannot be used; each subclass says why."""


class MalformedLinkError(LinkError):
    """The text is not a link."""


class ForgedLinkError(LinkError):
    """The signature is not that of the key that the link names."""


class ExpiredLinkError(LinkError):
    """Its time is over."""


class TooLongLivedLinkError(LinkError):
    """It would be valid for longer than `LINK_LIFE_MAX`."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CreatorLink(Redacted):
    """What a platform vouches for; `statement_id` is None where all statements may be read."""

    account: SubjectRef
    statement_id: StatementId | None


class _Payload(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    purpose: Literal["creator"]
    key: str
    creator: str
    statement: UUID | None
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnverifiedLink(Redacted):
    """A well-formed link; `key_id` is who it says to be signed by, and nothing else is told."""

    key_id: KeyId
    payload: _Payload
    signed: bytes
    signature: bytes


_decoder: Final = msgspec.json.Decoder(_Payload)


def parse_link(text: str) -> UnverifiedLink:
    """Take a link apart, so that the secret of the key it names can be found.

    Raises:
        MalformedLinkError: it is not a link.
    """
    form = _FORM.fullmatch(text) if len(text) <= LINK_LENGTH_MAX else None
    if form is None:
        raise MalformedLinkError("this is not a link")
    try:
        payload = _decoder.decode(_decode(form[1]))
    except (msgspec.DecodeError, ValueError):
        raise MalformedLinkError("the link does not say what a link says") from None
    return UnverifiedLink(
        key_id=KeyId(payload.key),
        payload=payload,
        signed=form[1].encode(),
        signature=_decode(form[2]),
    )


def verify_link(link: UnverifiedLink, secret: TicketSecret, now: datetime) -> CreatorLink:
    """Return what the platform vouches for.

    Raises:
        ForgedLinkError: it was not signed with `secret`.
        ExpiredLinkError: its time is over.
        TooLongLivedLinkError: its time is too long.
        MalformedLinkError: it names an account that cannot be one.
    """
    if not compare_digest(digest(secret, link.signed, "sha256"), link.signature):
        raise ForgedLinkError("the link was not signed with the secret of its key")
    left_s = link.payload.expires_at - now.timestamp()
    if left_s <= 0:
        raise ExpiredLinkError("the link has expired")
    if left_s > LINK_LIFE_MAX.total_seconds():
        raise TooLongLivedLinkError("a link is valid for a week at most")
    try:
        account = SubjectRef(kind=SubjectKind.ACCOUNT, external_id=link.payload.creator)
    except InvalidExternalIdError:
        raise MalformedLinkError("the id in the link is not acceptable") from None
    found = link.payload.statement
    return CreatorLink(account=account, statement_id=None if found is None else StatementId(found))


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
