"""Tickets: the platform's word that a browser may report one subject for one person."""

from base64 import urlsafe_b64encode
from datetime import datetime
from hmac import digest

import msgspec


def sign_ticket(
    key: str,
    ticket_secret: str,
    *,
    subject: tuple[str, str],
    reporter: str | None,
    expires_at: datetime,
) -> str:
    """Return a ticket for `Authorization: Ticket …`.

    Args:
        key: the API key that the secret came with; only its public part is in the ticket.
        ticket_secret: the secret.
        subject: kind and the platform's id.
        reporter: the platform's id of the person; None for somebody without an account.
        expires_at: at most an hour away.
    """
    payload = {
        "key": key.split("_")[1],
        "subject": {"kind": subject[0], "id": subject[1]},
        "reporter": reporter,
        "expires_at": int(expires_at.timestamp()),
    }
    signed = _encode(msgspec.json.encode(payload))
    return f"{signed}.{_encode(digest(ticket_secret.encode(), signed.encode(), 'sha256'))}"


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
