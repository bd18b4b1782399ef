"""How answers are given: what each carries beside its body, and how a problem becomes one.

What goes wrong on our side is logged by the name of the error under an id that the answer gives;
the text of an error may hold what was sent, and goes nowhere.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from underseal.web.problems import (
    INTERNAL,
    MEDIA_TYPE,
    RangeNotSatisfiableError,
    headers_of,
    kind_of,
    problem_of,
)

log: Final = logging.getLogger("underseal.web")

SECURITY: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""What every answer says unless it says otherwise itself. Source: OWASP REST Security Cheat Sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemAnswer:
    """A problem as it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def problem_answer(error: Exception, new_id: Callable[[], UUID]) -> ProblemAnswer:
    """Return what is answered to an error, and log it if it is a fault of ours."""
    instance = ""
    if kind_of(error) is INTERNAL:
        instance = f"urn:uuid:{new_id()}"
        log.error("request_failed instance=%s error=%s", instance, type(error).__name__)
    kind, body = problem_of(error, instance)
    headers = {"content-type": MEDIA_TYPE, **headers_of(kind)}
    if isinstance(error, RangeNotSatisfiableError):
        headers["content-range"] = f"bytes */{error.size_bytes}"
    return ProblemAnswer(status=kind.status, body=body, headers=headers)


async def send_answer(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    """Send an answer; an empty body means that there is none (204)."""
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    if body:
        sent.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def header_of(scope: Scope, name: bytes) -> str | None:
    """Return a header of a request; the last one, if it stands there twice."""
    value = dict(scope["headers"]).get(name)
    return None if value is None else value.decode("latin-1")


def secured(app: ASGIApp) -> ASGIApp:
    """Let every answer of `app` say what browsers may not do with it."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        await app(scope, receive, send_secured if scope["type"] == ScopeType.HTTP else send)

    return front
