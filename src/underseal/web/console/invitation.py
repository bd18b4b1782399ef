"""The page that an invitation leads to: a password, an authenticator, and recovery codes."""

from datetime import datetime
from typing import Any, Final

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.password import LENGTH_MIN, WeakPasswordError
from underseal.flow.invite import (
    Acceptance,
    Invitation,
    InvitationOverError,
    accept_invitation,
    open_invitation,
)
from underseal.flow.sign_in import WrongCodeError
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import session_cookie
from underseal.web.forms import read_form
from underseal.web.pages import page

INVITATION: Final = "/console/invitation"
GONE: Final = 410
REFUSED: Final = 422

AnyRequest = Request[Any, Any, Any]


class AcceptanceForm(msgspec.Struct, frozen=True):
    """What an invited person sends."""

    password: str
    code: str
    box: str

    def __repr__(self) -> str:
        return "AcceptanceForm(redacted)"


@get(f"{INVITATION}/{{token:str}}")
async def show(
    token: FromPath[str], system: Injected[System], now: Injected[datetime]
) -> Response[str]:
    """Show who is invited, and what to do."""
    try:
        invitation = await open_invitation(system, token, now)
    except InvitationOverError as error:
        return _over(error)
    return _page(invitation)


@post(f"{INVITATION}/{{token:str}}")
async def accept(
    request: AnyRequest,
    token: FromPath[str],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Sign the invited person in, and show their recovery codes this once."""
    form = await read_form(request, AcceptanceForm)
    given = Acceptance(password=form.password, code=form.code, box=form.box)
    try:
        joined = await accept_invitation(system, token, given, now)
    except InvitationOverError as error:
        return _over(error)
    except (WeakPasswordError, WrongCodeError) as error:
        invitation = await open_invitation(system, token, now, form.box)
        is_weak = isinstance(error, WeakPasswordError)
        return _page(
            invitation,
            status=REFUSED,
            **{"password_error" if is_weak else "code_error": f"{str(error).capitalize()}."},
        )
    answer = page("console_recovery_codes.html", codes=joined.recovery_codes)
    answer.set_cookie(session_cookie(joined.session_token))
    return answer


def _page(
    invitation: Invitation, *, status: int = 200, password_error: str = "", code_error: str = ""
) -> Response[str]:
    return page(
        "console_invitation.html",
        status=status,
        invitation=invitation,
        picture=segno.make(invitation.address, error="m").svg_data_uri(scale=5, light="#fff"),
        length_min=LENGTH_MIN,
        password_error=password_error,
        code_error=code_error,
    )


def _over(error: InvitationOverError) -> Response[str]:
    return page("console_invitation_over.html", status=GONE, detail=str(error))


handlers = (show, accept)
