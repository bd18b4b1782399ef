"""Step 4: let people report, and let them find out what became of it.

The report itself never passes through Loop: the browser sends it straight to Underseal, with a
ticket that says for whom, and the dialog shows the receipt to its reporter alone. Who wants Loop
to keep it may hand it over. It is kept so that a stolen database names nobody: under a keyed hash
of the person, encrypted, without a time, in an order that says nothing. The key is a file of its
own.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loop.people import Person, Visitor
from loop.site import Site, write_secret
from underseal.client import requests, sign_ticket
from underseal.client.answers import ReceiptState
from underseal.client.requests import SubjectName

TICKET_LIFE: Final = timedelta(minutes=30)
"""Long enough to fill the dialog in. Underseal takes up to an hour."""

KEY: Final = "receipts.key"
NONCE_BYTES: Final = 12
"""Source: NIST SP 800-38D, §5.2.1.1: what AES-GCM is made for."""


def ticket_for(site: Site, visitor: Visitor, subject: SubjectName) -> str:
    """Sign a ticket: this visitor may report this one subject, for half an hour.

    Whoever is not signed in gets one as well: everybody may report.
    """
    return sign_ticket(
        site.settings.key,
        site.settings.ticket_secret,
        subject=subject,
        reporter=None if visitor.person is None else visitor.person.id,
        expires_at=site.clock() + TICKET_LIFE,
    )


async def keep_receipt(site: Site, person: Person, receipt: str) -> None:
    """Keep a receipt for its reporter; one that is kept already is not kept twice.

    Raises:
        ApiError: Underseal knows no such receipt.
        httpx.TransportError: Underseal did not answer.
    """
    await site.underseal.send(requests.look_up_receipt(receipt))
    if receipt not in receipts_of(site, person):
        nonce = secrets.token_bytes(NONCE_BYTES)
        owner = _owner(site, person)
        sealed = nonce + AESGCM(_key(site)).encrypt(nonce, receipt.encode(), owner)
        site.db.execute(
            "insert into receipts values (?, ?, ?)", [secrets.token_bytes(16), owner, sealed]
        )


def receipts_of(site: Site, person: Person) -> list[str]:
    """Return the receipts of a person."""
    owner, cipher = _owner(site, person), AESGCM(_key(site))
    rows = site.db.execute("select sealed from receipts where owner = ? order by id", [owner])
    return [
        cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner).decode()
        for (sealed,) in rows
    ]


async def reports_of(site: Site, person: Person) -> list[tuple[str, ReceiptState]]:
    """Ask what has become of each report of a person, the latest day first; with their receipts.

    Raises:
        ApiError, httpx.TransportError: Underseal did not answer.
    """
    found = [
        (receipt, await site.underseal.send(requests.look_up_receipt(receipt)))
        for receipt in receipts_of(site, person)
    ]
    return sorted(found, key=lambda each: each[1].reported_on, reverse=True)


def forget_receipts(site: Site, person: Person) -> None:
    """Delete the receipts of a person; the reports stay."""
    site.db.execute("delete from receipts where owner = ?", [_owner(site, person)])


def _owner(site: Site, person: Person) -> bytes:
    return hmac.digest(_key(site), f"owner {person.id}".encode(), "sha256")


def _key(site: Site) -> bytes:
    path = site.secret(KEY)
    if not path.exists():
        write_secret(path, AESGCM.generate_key(bit_length=256))
    return path.read_bytes()
