"""Signing in with an OpenID provider: the way there, and back."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import Cookie

from underseal.flow.sign_in import STEP_LASTS
from underseal.flow.sign_in_elsewhere import (
    Journey,
    NoProviderError,
    ProviderError,
    StrangerError,
    come_back,
    depart,
)
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import HOME, SIGN_IN, origin_of, see, session_cookie, within
from underseal.web.forms import form_of
from underseal.web.pages import page
from underseal.web.problems import NoSuchPlaceError

PROVIDER: Final = f"{SIGN_IN}/provider"
RETURN: Final = f"{PROVIDER}/return"
JOURNEY_COOKIE: Final = "__Host-underseal-journey"
REFUSED: Final = 403

AnyRequest = Request[Any, Any, Any]


class Departure(msgspec.Struct, frozen=True):
    """Where somebody wants to be in the end."""

    back: str = HOME


class Return(msgspec.Struct, frozen=True):
    """What the provider says by the browser: a code, or nothing that we can use."""

    state: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return "Return(redacted)"


@get(PROVIDER)
async def go(request: AnyRequest, system: Injected[System]) -> Response[str]:
    """Send the browser to the provider."""
    asked = form_of(request.scope["query_string"], Departure)
    try:
        place, journey = await depart(system, _redirect_uri(request), within(asked.back))
    except NoProviderError as error:
        raise NoSuchPlaceError(str(error)) from None
    except ProviderError as error:
        return _refused(error)
    answer = see(place)
    back = quote(journey.back, safe="")
    kept = f"{journey.state}.{journey.nonce}.{journey.verifier}.{back}"
    answer.set_cookie(_journey_cookie(kept, int(STEP_LASTS.total_seconds())))
    return answer


@get(RETURN)
async def arrive(
    request: AnyRequest, system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Sign in whom the provider vouches for.

    The cookie of the session goes along with requests of our own pages alone (SameSite=Strict), so
    the way on leads over a page of ours: a redirect would still come from the provider's.
    """
    asked = form_of(request.scope["query_string"], Return)
    try:
        journey = _journey_of(request.cookies.get(JOURNEY_COOKIE, ""))
        token = await come_back(
            system, journey, asked.state, asked.code, _redirect_uri(request), now=now
        )
    except NoProviderError as error:
        raise NoSuchPlaceError(str(error)) from None
    except (ProviderError, StrangerError) as error:
        answer = _refused(error)
    else:
        answer = page("console_arrived.html", back=within(journey.back))
        answer.set_cookie(session_cookie(token))
    answer.set_cookie(_journey_cookie("", 0))
    return answer


def _refused(error: Exception) -> Response[str]:
    return page("console_not_arrived.html", status=REFUSED, detail=str(error))


def _redirect_uri(request: AnyRequest) -> str:
    return f"{origin_of(request)}{RETURN}"


def _journey_of(kept: str) -> Journey:
    """Return what the browser has kept.

    Raises:
        ProviderError: it has kept nothing.
    """
    state, nonce, verifier, back, *_ = *kept.split("."), "", "", "", ""
    if not (state and nonce and verifier):
        raise ProviderError("this did not begin in this browser: begin again")
    return Journey(state=state, nonce=nonce, verifier=verifier, back=unquote(back))


def _journey_cookie(value: str, max_age_s: int) -> Cookie:
    """Return a cookie that comes along when the provider sends the browser back (Lax)."""
    return Cookie(
        key=JOURNEY_COOKIE,
        value=value,
        path="/",
        max_age=max_age_s,
        secure=True,
        httponly=True,
        samesite="lax",
    )


handlers = (go, arrive)
