"""The gate of the console: who is signed in, and what their role opens.

A handler says whom it is for by `opt=people(...)`; one that does not is for everybody.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

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
COOKIE: Final = "__Host-underseal"
"""Only ever sent to this host, over TLS (or to the machine itself): RFC 6265bis, 4.1.3.2."""

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
    return Cookie(key=COOKIE, value=token, path="/", secure=True, httponly=True, samesite="strict")


def to_sign_in(request: Request[Any, Any, Any], _: Exception) -> Response[str]:
    """Send somebody who is not signed in to where they can, and back afterwards.

    htmx is told to do so itself, and what was typed stays in the browser (`console.ts`).
    """
    if "hx-request" in request.headers:
        return page("signed_out_piece.html", status=401, sign_in=SIGN_IN)
    back = quote(request.url.path, safe="/")
    return page("empty.html", status=303, headers={"location": f"{SIGN_IN}?back={back}"})
