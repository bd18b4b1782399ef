"""What can be done at an address, and what pages of other origins may do there.

A report dialog on a platform's page files reports (`web.intake`) and reads the taxonomy, with a
ticket. That answer may be read by any page, because its ticket is all that it takes to get it:
nothing here goes by cookies. API keys belong on servers: no answer to one is readable by a page.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from litestar import HttpMethod, Response, route
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from underseal.web.answering import header_of

TAXONOMY: Final = "/v1/taxonomy"

ORIGINS: Final = (b"access-control-allow-origin", b"*")
"""Any page that has a ticket: which origins a platform has, its tickets know best."""

PREFLIGHT: Final = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "authorization",
    "access-control-max-age": "86400",
}


def options_of(handlers: Iterable[HTTPRouteHandler]) -> Iterator[HTTPRouteHandler]:
    """Make handlers that answer OPTIONS for all addresses of `handlers`."""
    at = {
        (path, method) for each in handlers for path in each.paths for method in each.http_methods
    }
    for path, group in groupby(sorted(at), key=lambda each: each[0]):
        yield _options(path, sorted([*(method for _, method in group), "OPTIONS"]))


def _options(path: str, methods: list[str]) -> HTTPRouteHandler:
    headers = {"allow": ", ".join(methods)} | (PREFLIGHT if path == TAXONOMY else {})

    @route(path, http_method=[HttpMethod.OPTIONS], status_code=204, sync_to_thread=False)
    def options() -> Response[None]:
        return Response(None, headers=headers)

    return options


def readable_with_ticket(app: ASGIApp) -> ASGIApp:
    """Let pages of other origins read the taxonomy where they bring a ticket."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], ORIGINS]
            await send(message)

        is_readable = scope["type"] == ScopeType.HTTP and _brings_ticket(scope)
        await app(scope, receive, send_readable if is_readable else send)

    return front


def _brings_ticket(scope: Scope) -> bool:
    authorization = header_of(scope, b"authorization") or ""
    return scope["path"] == TAXONOMY and authorization.casefold().startswith("ticket ")
