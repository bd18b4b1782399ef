"""The Python SDK: Underseal's API, typed, for synchronous and asynchronous code.

Requests are values, made by `underseal.client.requests`; a client sends them and returns the typed
answer. It needs `httpx`, `msgspec` and `standardwebhooks`, and none of the rest of this package.

    from underseal.client import Client, requests

    with Client("https://underseal.example", key="us_…") as underseal:
        filed = underseal.send(requests.report(("video", "v-123"), "u-456", "spam"))

`AsyncClient` does the same, awaited. Webhooks: `open_webhook`. For browsers: `sign_ticket`, with
which they report, and `sign_creator_link`, with which creators read their statements.
"""

from underseal.client.clients import AsyncClient, Client
from underseal.client.tickets import sign_creator_link, sign_ticket
from underseal.client.transport import ApiError, FieldProblem, Request
from underseal.client.webhooks import InvalidWebhookError, Webhook, open_webhook

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "FieldProblem",
    "InvalidWebhookError",
    "Request",
    "Webhook",
    "open_webhook",
    "sign_creator_link",
    "sign_ticket",
]
