"""The second factor of people who moderate: codes by the clock (RFC 6238), and recovery codes."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

import pyotp

from underseal.seal.box import close_box, open_box
from underseal.seal.keys import WebhooksKey

STEP_S: Final = 30
"""How long a code is shown: RFC 6238, 5.2."""

DRIFT_STEPS: Final = 1
"""A phone's clock may be so many steps off: RFC 6238, 5.2."""

ISSUER: Final = "Underseal"

_PLACE: Final = b"underseal/totp-secret/1\0"


def new_totp_secret() -> str:
    """Draw a secret, in base32 as authenticators write it."""
    return pyotp.random_base32()


def totp_address(secret: str, user_name: str) -> str:
    """Return what an authenticator reads from a QR code."""
    return pyotp.TOTP(secret, name=user_name, issuer=ISSUER).provisioning_uri()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code it is, or None: whoever takes it remembers it."""
    present = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    matching = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if compare_digest(totp.generate_otp(step).encode(), code.encode()):
            matching = step
    return matching


def wrap_totp_secret(key: WebhooksKey, secret: str, principal: UUID) -> bytes:
    """Encrypt the secret of a person, to be stored."""
    return close_box(key, secret.encode(), _PLACE + principal.bytes)


def unwrap_totp_secret(key: WebhooksKey, wrapped: bytes, principal: UUID) -> str:
    """Return the secret of a person.

    Raises:
        TamperedError: it is not this person's, or not this key's.
    """
    return open_box(key, wrapped, _PLACE + principal.bytes).decode()


def recovery_digest(code: str) -> bytes:
    """Return what is kept of a recovery code: a code has 80 random bits, so a hash hides it."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    return sha256(plain.encode()).digest()
