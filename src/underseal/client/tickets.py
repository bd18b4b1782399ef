"""What a platform signs for browsers: tickets to report with, and links to a creator's statements."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hmac import digest
from uuid import UUID

import msgspec


def sign_ticket(
    key: str,
    ticket_secret: str,
    *,
    subject: tuple[str, str],
    reporter: str | None,
    expires_at: datetime,
    trusted_flagger: bool = False,
) -> str:
    """Return a ticket for `Authorization: Ticket …`.

    Args:
        key: the API key that the secret came with; only its public part is in the ticket.
        ticket_secret: the secret.
        subject: kind and the platform's id.
        reporter: the platform's id of the person; None for somebody without an account.
        expires_at: at most an hour away.
        trusted_flagger: the person reports for one, and notices say so (DSA, Article 22).
    """
    payload: dict[str, object] = {
        "key": key.split("_")[1],
        "subject": {"kind": subject[0], "id": subject[1]},
        "reporter": reporter,
        "expires_at": int(expires_at.timestamp()),
    }
    if trusted_flagger:
        payload["trusted_flagger"] = True
    return _sign(ticket_secret, payload)


def sign_creator_link(
    key: str,
    ticket_secret: str,
    *,
    creator: str,
    statement_id: UUID | None = None,
    expires_at: datetime,
) -> str:
    """Return what stands for `link` in `/statement?link=…`, the page of a creator's statements.

    Whoever has it reads the statements and can appeal, so give it to nobody else.

    Args:
        key: the API key that the secret came with; only its public part is in the link.
        ticket_secret: the secret.
        creator: the platform's id of the account.
        statement_id: the one statement that can be read; None for all, and the account's standing.
        expires_at: at most a week away.
    """
    payload = {
        "purpose": "creator",
        "key": key.split("_")[1],
        "creator": creator,
        "statement": statement_id,
        "expires_at": int(expires_at.timestamp()),
    }
    return _sign(ticket_secret, payload)


def _sign(ticket_secret: str, payload: Mapping[str, object]) -> str:
    signed = _encode(msgspec.json.encode(payload))
    return f"{signed}.{_encode(digest(ticket_secret.encode(), signed.encode(), 'sha256'))}"


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
