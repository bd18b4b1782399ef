"""One's own page: where one is signed in, password, recovery codes, and how videos are shown."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from underseal.core.password import LENGTH_MIN, WeakPasswordError
from underseal.core.person import Person, TooManyAccountsError
from underseal.core.subject import InvalidExternalIdError
from underseal.flow import preferences
from underseal.flow.change_people import change_password, count_codes, renew_codes
from underseal.flow.declare_account import count_accounts, declare_account
from underseal.flow.preferences import Preferences
from underseal.flow.session import digest, end_all_sessions, list_sessions
from underseal.flow.sign_in import LockedOutError, WrongPasswordError
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import COOKIE, people, see, session_cookie
from underseal.web.console.sign_in import signed_out, told_of
from underseal.web.forms import form_of, read_form
from underseal.web.pages import page

ME: Final = "/console/me"
REFUSED: Final = 422

DONE: Final = {
    "password": "Your password is changed, and you are signed out everywhere else.",
    "preferences": "Videos will be shown like this.",
    "account": "It is noted. What belongs to that account is not given to you.",
}

AnyRequest = Request[Any, Any, Any]


class MeQuery(msgspec.Struct, frozen=True):
    """What was just done."""

    done: str = ""


class ChangeForm(msgspec.Struct, frozen=True):
    """Another password."""

    present: str
    wanted: str

    def __repr__(self) -> str:
        return "ChangeForm(redacted)"


class CodesForm(msgspec.Struct, frozen=True):
    """New recovery codes, for whoever knows the password."""

    present: str

    def __repr__(self) -> str:
        return "CodesForm(redacted)"


class PreferencesForm(msgspec.Struct, frozen=True):
    """How videos are shown; what is not ticked is not sent."""

    blur: str = ""
    greyscale: str = ""
    mute: str = ""


class AccountForm(msgspec.Struct, frozen=True):
    """An account that somebody uses on the platform, as the platform names it."""

    account: str = ""

    def __repr__(self) -> str:
        return "AccountForm(redacted)"


@get(ME, opt=people())
async def show(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show somebody what is theirs."""
    asked = form_of(request.scope["query_string"], MeQuery)
    return await _page(request, person, system, now, done=DONE.get(asked.done, ""))


@post(f"{ME}/password", opt=people())
async def take_password(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Change one's password."""
    form = await read_form(request, ChangeForm)
    try:
        token = await change_password(system, person, form.present, form.wanted, now)
    except (WrongPasswordError, LockedOutError) as error:
        status, told = told_of(error, now)
        return await _page(request, person, system, now, status=status, present_error=told)
    except WeakPasswordError as error:
        told = f"{str(error).capitalize()}."
        return await _page(request, person, system, now, status=REFUSED, wanted_error=told)
    answer = see(f"{ME}?done=password")
    answer.set_cookie(session_cookie(token))
    return answer


@post(f"{ME}/recovery-codes", opt=people())
async def take_codes(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show new recovery codes, this once."""
    form = await read_form(request, CodesForm)
    try:
        codes = await renew_codes(system, person, form.present, now)
    except (WrongPasswordError, LockedOutError) as error:
        status, told = told_of(error, now)
        return await _page(request, person, system, now, status=status, codes_error=told)
    return page("console_recovery_codes.html", codes=codes)


@post(f"{ME}/preferences", opt=people())
async def take_preferences(
    request: AnyRequest, person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Keep how videos are to be shown."""
    form = await read_form(request, PreferencesForm)
    wanted = Preferences(blur=bool(form.blur), greyscale=bool(form.greyscale), mute=bool(form.mute))
    await preferences.save(system, person, wanted)
    return see(f"{ME}?done=preferences")


@post(f"{ME}/accounts", opt=people())
async def take_account(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Note an account that one uses oneself: what belongs to it is not one's own to judge."""
    form = await read_form(request, AccountForm)
    try:
        await declare_account(system, person, person.principal_id, form.account, now)
    except (InvalidExternalIdError, TooManyAccountsError) as error:
        told = f"{str(error).capitalize()}."
        return await _page(request, person, system, now, status=REFUSED, account_error=told)
    return see(f"{ME}?done=account")


@post(f"{ME}/sign-out-everywhere", opt=people())
async def sign_out_everywhere(person: Injected[Person], system: Injected[System]) -> Response[str]:
    """End all sessions of whoever asks."""
    await end_all_sessions(system, person)
    return signed_out()


async def _page(
    request: AnyRequest,
    person: Person,
    system: System,
    now: datetime,
    *,
    status: int = 200,
    **told: str,
) -> Response[str]:
    names = ("done", "present_error", "wanted_error", "codes_error", "account_error")
    errors = dict.fromkeys(names, "")
    return page(
        "console_me.html",
        status=status,
        person=person,
        sessions=await list_sessions(system, person, now),
        present_session=digest(request.cookies[COOKIE]),
        codes_left=await count_codes(system, person),
        preferences=await preferences.load(system, person),
        accounts=(await count_accounts(system)).get(person.principal_id, 0),
        length_min=LENGTH_MIN,
        now=now,
        told=errors | told,
    )


handlers = (
    show,
    take_password,
    take_codes,
    take_preferences,
    take_account,
    sign_out_everywhere,
)
