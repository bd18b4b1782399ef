"""Signing in: a page for the password, a page for the code; and signing out."""

import math
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post

from underseal.flow.session import end_session
from underseal.flow.sign_in import (
    STEP_LASTS,
    LockedOutError,
    PasswordProof,
    StepOverError,
    WrongCodeError,
    WrongPasswordError,
    give_code,
    give_password,
)
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import (
    COOKIE,
    HOME,
    SIGN_IN,
    cookie,
    people,
    see,
    session_cookie,
    within,
)
from underseal.web.forms import form_of, read_form
from underseal.web.pages import page

CODE: Final = f"{SIGN_IN}/code"
STEP_COOKIE: Final = "__Host-underseal-step"
REFUSED: Final = 403
WAIT: Final = 429

AnyRequest = Request[Any, Any, Any]


class Back(msgspec.Struct, frozen=True):
    """Where somebody wanted to go."""

    back: str = HOME


class PasswordForm(msgspec.Struct, frozen=True):
    """The first page of signing in."""

    user_name: str
    password: str
    back: str = HOME

    def __repr__(self) -> str:
        return "PasswordForm(redacted)"


class CodeForm(msgspec.Struct, frozen=True):
    """The second page: a code of the clock, or a recovery code."""

    code: str
    back: str = HOME

    def __repr__(self) -> str:
        return "CodeForm(redacted)"


@get("/console", opt=people())
async def home() -> Response[str]:
    """Begin where the work is."""
    return see(HOME)


@get(SIGN_IN)
async def ask_password(request: AnyRequest, system: Injected[System]) -> Response[str]:
    """Ask for the user name and the password."""
    asked = form_of(request.scope["query_string"], Back)
    return _password_page(system, within(asked.back))


@post(SIGN_IN)
async def take_password(
    request: AnyRequest, system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Go on to the code, or say that something was not right."""
    form = await read_form(request, PasswordForm)
    back = within(form.back)
    try:
        proof = PasswordProof(user_name=form.user_name, password=form.password)
        step = await give_password(system, proof, now)
    except (WrongPasswordError, LockedOutError) as error:
        status, told = told_of(error, now)
        return _password_page(system, back, form.user_name, told, status)
    answer = see(f"{CODE}?back={quote(back, safe='/')}")
    answer.set_cookie(cookie(STEP_COOKIE, step, int(STEP_LASTS.total_seconds())))
    return answer


@get(CODE)
async def ask_code(request: AnyRequest) -> Response[str]:
    """Ask for the code, if a password was given."""
    asked = form_of(request.scope["query_string"], Back)
    back = within(asked.back)
    if STEP_COOKIE not in request.cookies:
        return _begin_again(back)
    return page("console_code.html", back=back, error="")


@post(CODE)
async def take_code(
    request: AnyRequest, system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Sign somebody in, or say that something was not right."""
    form = await read_form(request, CodeForm)
    back = within(form.back)
    try:
        token = await give_code(system, request.cookies.get(STEP_COOKIE, ""), form.code, now)
    except StepOverError:
        return _begin_again(back)
    except (WrongCodeError, LockedOutError) as error:
        status, told = told_of(error, now)
        return page("console_code.html", status=status, back=back, error=told)
    answer = see(back)
    answer.set_cookie(session_cookie(token))
    answer.set_cookie(cookie(STEP_COOKIE, "", 0))
    return answer


@post("/console/sign-out", opt=people())
async def sign_out(request: AnyRequest, system: Injected[System]) -> Response[str]:
    """End this session."""
    await end_session(system, request.cookies[COOKIE])
    return signed_out()


def signed_out() -> Response[str]:
    """Send somebody to where they sign in, without a cookie."""
    answer = see(SIGN_IN)
    answer.set_cookie(cookie(COOKIE, "", 0))
    return answer


def told_of(error: Exception, now: datetime) -> tuple[int, str]:
    """Return the status and the sentence that tell of something that was not right."""
    if not isinstance(error, LockedOutError):
        return REFUSED, f"{str(error).capitalize()}."
    wait_s = math.ceil((error.until - now).total_seconds())
    return WAIT, f"There were too many wrong tries. The next one is taken in {wait_s} seconds."


def _password_page(
    system: System, back: str, user_name: str = "", error: str = "", status: int = 200
) -> Response[str]:
    return page(
        "console_sign_in.html",
        status=status,
        back=back,
        user_name=user_name,
        error=error,
        has_provider=system.settings.oidc is not None,
    )


def _begin_again(back: str) -> Response[str]:
    return see(f"{SIGN_IN}?back={quote(back, safe='/')}")


handlers = (home, ask_password, take_password, ask_code, take_code, sign_out)
