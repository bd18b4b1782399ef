"""Who comes in: sessions by cookie, and forms from Loop's own pages only."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from loop.injected import AnyRequest, Injected
from loop.people import Person, Visitor, visitor_of
from loop.site import Site

COOKIE: Final = "__Host-loop"
"""The prefix makes browsers insist on `Secure`, no `Domain` and the whole path."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FOR_MACHINES: Final = "for_machines"
"""In a handler's `opt`: it is called by servers, which prove themselves otherwise."""


class SignedOutError(HTTPException):
    """This is for people who are signed in."""

    status_code = 401


def session_cookie(token: str) -> Cookie:
    """Return the cookie that keeps somebody signed in; an empty token ends it."""
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
        max_age=None if token else 0,
    )


def visitor(request: AnyRequest, site: Injected[Site]) -> Visitor:
    """Return who sends a request."""
    return visitor_of(site, request.cookies.get(COOKIE))


def person(request: AnyRequest, site: Injected[Site]) -> Person:
    """Return the person who sends a request.

    Raises:
        SignedOutError: nobody is signed in.
    """
    found = visitor(request, site).person
    if found is None:
        raise SignedOutError(detail="sign in first")
    return found


def own_pages_only(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Refuse what another site's page sends in a visitor's name.

    Browsers say where a request comes from (`Sec-Fetch-Site`, and `Origin` before that); a
    request that changes something and says neither is refused, too.

    Raises:
        PermissionDeniedException: it comes from elsewhere.
    """
    if connection.scope.get("method") in SAFE or handler.opt.get(FOR_MACHINES):
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        host, origin = connection.headers.get("host"), connection.headers.get("origin", "")
        is_ours = origin in {f"http://{host}", f"https://{host}"}
    if not is_ours:
        raise PermissionDeniedException(detail="This form was not sent from one of Loop's pages.")
