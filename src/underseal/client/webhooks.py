"""Webhooks as they arrive at the platform, by the Standard Webhooks specification."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import standardwebhooks


class InvalidWebhookError(Exception):
    """The message was not signed by this endpoint's secret, is too old, or is no message."""


class Webhook(msgspec.Struct, frozen=True):
    """A message that Underseal sent. `timestamp` is the tick of the effect."""

    type: str
    timestamp: datetime
    data: dict[str, Any]


def open_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> Webhook:
    """Verify a message and return what it says.

    Remember `webhook-id` of what you have handled: a message may come twice.

    Raises:
        InvalidWebhookError: it is not to be trusted.
    """
    endpoint = standardwebhooks.Webhook(secret)
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        endpoint.verify(body, lower)
        return msgspec.json.decode(body, type=Webhook)
    except (standardwebhooks.WebhookVerificationError, ValueError) as error:
        raise InvalidWebhookError(str(error)) from error
