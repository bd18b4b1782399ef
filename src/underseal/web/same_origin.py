"""Forms are taken from our own pages only: no other site can send one in somebody's name.

Browsers say where a request comes from (`Sec-Fetch-Site`, W3C Fetch Metadata; before that,
`Origin`); whatever says neither is no browser, and has no cookies that somebody else could use.
"""

from typing import Final
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from underseal.web.answering import header_of, send_answer
from underseal.web.pages import HEADERS, render

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def same_origin(app: ASGIApp) -> ASGIApp:
    """Refuse what another origin's page sends to `app`, unless it only reads."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and is_foreign(scope):
            body = render("refused.html").encode()
            await send_answer(
                send, 403, body, {**HEADERS, "content-type": "text/html; charset=utf-8"}
            )
        else:
            await app(scope, receive, send)

    return front


def is_foreign(scope: HTTPScope) -> bool:
    """Whether a request would change something and comes from a page of another origin."""
    if scope["method"] in SAFE:
        return False
    site = header_of(scope, b"sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = header_of(scope, b"origin")
    return origin is not None and urlsplit(origin).netloc != header_of(scope, b"host")
