"""Who moderates, and as what: for admins."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.person import (
    InvalidPersonError,
    LastAdminError,
    Person,
    TooManyAccountsError,
)
from underseal.core.subject import InvalidExternalIdError
from underseal.flow.change_people import (
    change_role,
    dismiss_person,
    find_colleague,
    read_team,
)
from underseal.flow.declare_account import count_accounts, declare_account, forget_accounts
from underseal.flow.invite import (
    INVITATION_LASTS,
    UnknownPersonError,
    UserNameTakenError,
    invite,
    invite_anew,
)
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.gate import is_quick, origin_of, people, see
from underseal.web.console.invitation import INVITATION
from underseal.web.forms import read_form
from underseal.web.pages import page
from underseal.web.problems import InvalidRequestError, NoSuchPlaceError

PEOPLE: Final = "/console/people"
REFUSED: Final = 422
CONFLICT: Final = 409

AnyRequest = Request[Any, Any, Any]


class InviteForm(msgspec.Struct, frozen=True):
    """Who is to be invited."""

    name: str = ""
    user_name: str = ""
    role: ModeratorRole = ModeratorRole.MODERATOR


class RoleForm(msgspec.Struct, frozen=True):
    """The role that somebody is to have."""

    role: ModeratorRole


class AccountForm(msgspec.Struct, frozen=True):
    """An account that a colleague uses on the platform, as the platform names it."""

    account: str = ""

    def __repr__(self) -> str:
        return "AccountForm(redacted)"


NOTHING_TYPED: Final = InviteForm()


@get(PEOPLE, opt=people(ModeratorRole.ADMIN))
async def show(person: Injected[Person], system: Injected[System]) -> Response[str]:
    """Show who moderates."""
    return await _page(person, system)


@post(f"{PEOPLE}/invite", opt=people(ModeratorRole.ADMIN))
async def take_invitation(
    request: AnyRequest,
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Invite somebody, and show the link this once."""
    form = await read_form(request, InviteForm)
    try:
        token = await invite(
            system, person, name=form.name, user_name=form.user_name, role=form.role, now=now
        )
    except (InvalidPersonError, UserNameTakenError) as error:
        if is_quick(request):
            raise InvalidRequestError(str(error)) from None
        told = f"{str(error).capitalize()}."
        return await _page(person, system, status=REFUSED, typed=form, invite_error=told)
    return _link(request, person, form.name, token)


@post(f"{PEOPLE}/{{who:uuid}}/invite-anew", opt=people(ModeratorRole.ADMIN))
async def take_new_invitation(
    request: AnyRequest,
    who: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Take back what somebody signs in with, and show the link of another invitation."""
    colleague = await _colleague(system, who)
    try:
        token = await invite_anew(system, person, colleague, now)
    except UnknownPersonError as error:
        raise NoSuchPlaceError(str(error)) from None
    return _link(request, person, colleague.name, token)


@post(f"{PEOPLE}/{{who:uuid}}/role", opt=people(ModeratorRole.ADMIN))
async def take_role(
    request: AnyRequest,
    who: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Give somebody another role."""
    form = await read_form(request, RoleForm)
    colleague = await _colleague(system, who)
    try:
        await change_role(system, person, colleague.principal_id, form.role, now)
    except LastAdminError as error:
        return await _page(person, system, status=CONFLICT, error=f"{str(error).capitalize()}.")
    return see(PEOPLE)


@post(f"{PEOPLE}/{{who:uuid}}/accounts", opt=people(ModeratorRole.ADMIN))
async def take_account(
    request: AnyRequest,
    who: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Note an account that somebody uses on the platform."""
    form = await read_form(request, AccountForm)
    colleague = await _colleague(system, who)
    try:
        await declare_account(system, person, colleague.principal_id, form.account, now)
    except (InvalidExternalIdError, TooManyAccountsError) as error:
        told = f"{str(error).capitalize()}."
        return await _page(person, system, status=REFUSED, error=told)
    return see(PEOPLE)


@post(f"{PEOPLE}/{{who:uuid}}/forget-accounts", opt=people(ModeratorRole.ADMIN))
async def take_accounts_back(
    who: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Forget the accounts that were noted of somebody."""
    colleague = await _colleague(system, who)
    await forget_accounts(system, person, colleague.principal_id, now)
    return see(PEOPLE)


@get(f"{PEOPLE}/{{who:uuid}}/dismiss", opt=people(ModeratorRole.ADMIN))
async def ask_to_dismiss(
    who: FromPath[UUID], person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Ask whether that is meant: nobody is taken back."""
    colleague = await _colleague(system, who)
    return page("console_dismiss.html", person=person, colleague=colleague)


@post(f"{PEOPLE}/{{who:uuid}}/dismiss", opt=people(ModeratorRole.ADMIN))
async def take_dismissal(
    who: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Dismiss somebody."""
    colleague = await _colleague(system, who)
    try:
        await dismiss_person(system, person, colleague.principal_id, now)
    except LastAdminError as error:
        return await _page(person, system, status=CONFLICT, error=f"{str(error).capitalize()}.")
    return see(PEOPLE)


async def _colleague(system: System, who: UUID) -> Person:
    try:
        return await find_colleague(system, PrincipalId(who))
    except UnknownPersonError as error:
        raise NoSuchPlaceError(str(error)) from None


def _link(request: AnyRequest, person: Person, name: str, token: str) -> Response[str]:
    return page(
        "console_invited.html",
        person=person,
        name=name,
        link=f"{origin_of(request)}{INVITATION}/{token}",
        hours=int(INVITATION_LASTS.total_seconds()) // 3600,
    )


async def _page(
    person: Person,
    system: System,
    *,
    status: int = 200,
    typed: InviteForm = NOTHING_TYPED,
    invite_error: str = "",
    error: str = "",
) -> Response[str]:
    return page(
        "console_people.html",
        status=status,
        person=person,
        team=await read_team(system),
        accounts=await count_accounts(system),
        roles=tuple(ModeratorRole),
        typed=typed,
        invite_error=invite_error,
        error=error,
    )


handlers = (
    show,
    take_invitation,
    take_new_invitation,
    take_role,
    take_account,
    take_accounts_back,
    ask_to_dismiss,
    take_dismissal,
)
