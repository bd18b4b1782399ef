"""The gate of the console: who is signed in, and what their role opens.

A handler says whom it is for by `opt=people(...)`; one that does not is for everybody.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from underseal.core.caller import ModeratorRole, RoleMissingError
from underseal.core.person import Person
from underseal.flow.session import find_session
from underseal.flow.system import System
from underseal.web.pages import page

ROLES: Final = "roles"
SIGN_IN: Final = "/console/sign-in"
HOME: Final = "/console/queue"
COOKIE: Final = "__Host-underseal"
"""Only ever sent to this host, over TLS (or to the machine itself): RFC 6265bis, 4.1.3.2."""

_WITHIN: Final = re.compile(r"/console(?:[/?][A-Za-z0-9/?._~%!$&'()*+,;=:@-]*)?")
"""Places of the console, and no others: not `//elsewhere`, no backslash, no address with a host."""

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class SignedOutError(Exception):
    """Nobody is signed in, or no longer."""


def people(*roles: ModeratorRole) -> dict[str, Any]:
    """Return what a handler says of itself: for people of these roles; of any, if none is named."""
    return {ROLES: frozenset(roles or ModeratorRole)}


def make_guard(
    system: System, clock: Callable[[], datetime]
) -> Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]:
    """Let in whom a page is for, and nobody else."""

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        roles: frozenset[ModeratorRole] | None = handler.opt.get(ROLES)
        if roles is None:
            return
        token = connection.cookies.get(COOKIE)
        found = await find_session(system, token, clock()) if token else None
        if found is None:
            raise SignedOutError
        if found.role not in roles:
            raise RoleMissingError(roles)
        connection.state.person = found

    return guard


def person(request: Request[Any, Any, Any]) -> Person:
    """Return who is signed in: what handlers ask for as `person`."""
    found: Person = request.state.person
    return found


def session_cookie(token: str) -> Cookie:
    """Return the cookie that keeps somebody signed in."""
    return cookie(COOKIE, token)


def cookie(key: str, value: str, max_age_s: int | None = None) -> Cookie:
    """Return a cookie that no script reads and no other site makes browsers send."""
    return Cookie(
        key=key,
        value=value,
        path="/",
        max_age=max_age_s,
        secure=True,
        httponly=True,
        samesite="strict",
    )


def see(place: str) -> Response[str]:
    """Send somebody to another page of ours, as is answered to a form (303, RFC 9110, 15.4.4)."""
    return page("empty.html", status=303, headers={"location": place})


def is_quick(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks: the page stays, with all that was typed, and takes a piece."""
    return "hx-request" in request.headers


def go_on(request: Request[Any, Any, Any], place: str) -> Response[str]:
    """Send somebody on from a form.

    htmx is told to fetch the next page and to put its middle in the place of this one's: a page
    that need not be begun anew is there in half the time (`underseal bench pages`).
    """
    if is_quick(request):
        next_main = {
            "path": place,
            "target": "#main",
            "swap": "outerHTML show:window:top settle:0ms",
        }
        return page("empty.html", headers={"hx-location": msgspec.json.encode(next_main).decode()})
    return see(place)


def within(place: str) -> str:
    """Return the place if it is one of the console, and the queue otherwise."""
    return place if _WITHIN.fullmatch(place) else HOME


def origin_of(request: Request[Any, Any, Any]) -> str:
    """Return where the console is for whoever asks.

    A proxy before us ends TLS, so that our own scheme says nothing; but no browser keeps our cookie
    without TLS, except of its own machine.
    """
    host = request.headers["host"]
    is_own_machine = urlsplit(f"//{host}").hostname in {"localhost", "127.0.0.1", "::1"}
    return f"{'http' if is_own_machine else 'https'}://{host}"


def to_sign_in(request: Request[Any, Any, Any], _: Exception) -> Response[str]:
    """Send somebody who is not signed in to where they can, and back afterwards.

    htmx is told to do so itself, and what was typed stays in the browser (`console.ts`).
    """
    if is_quick(request):
        return page("signed_out_piece.html", status=401, sign_in=SIGN_IN)
    url = request.url
    asked = f"{url.path}?{url.query}" if url.query else url.path
    back = asked if request.method == "GET" else HOME
    return see(f"{SIGN_IN}?back={quote(back, safe='/')}")
