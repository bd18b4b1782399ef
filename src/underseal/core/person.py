"""A person who moderates: signed in to the console, invited to it, or gone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from underseal.core.caller import ModeratorRole, PrincipalId

USER_NAME_MAX = 254
"""As long as an address of e-mail can be (RFC 5321, 4.5.3.1.3)."""

NAME_MAX = 100
"""A limit of ours."""

OWN_ACCOUNTS_MAX = 10
"""So many accounts of their own somebody declares. A limit of ours."""


class InvalidPersonError(Exception):
    """Somebody cannot be called like this."""


class TooManyAccountsError(Exception):
    """Somebody has declared more accounts of their own than are taken."""

    def __init__(self) -> None:
        super().__init__(f"{OWN_ACCOUNTS_MAX} accounts are declared already: talk to an admin")


class LastAdminError(Exception):
    """Without an admin nobody could be invited any more."""

    def __init__(self) -> None:
        super().__init__("this is the last admin: make somebody else one first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in; the `name` is what colleagues call them."""

    principal_id: PrincipalId
    name: str
    role: ModeratorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How somebody wants to meet what they review."""

    blur: bool = True
    greyscale: bool = True
    mute: bool = True


class PersonEventKind(StrEnum):
    """What may happen to somebody's access to the console."""

    INVITED = "invited"
    INVITED_ANEW = "invited_anew"
    JOINED = "joined"
    ROLE_CHANGED = "role_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    CODES_RENEWED = "codes_renewed"
    ACCOUNT_DECLARED = "account_declared"
    ACCOUNTS_FORGOTTEN = "accounts_forgotten"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent:
    """What happened to somebody's access; `by` is None if it came from the command line."""

    principal_id: PrincipalId
    by: PrincipalId | None
    kind: PersonEventKind
    role: ModeratorRole
    happened_at: datetime


def user_name_of(given: str) -> str:
    """Return a user name as it is kept: an address of e-mail or a word, without capitals.

    Raises:
        InvalidPersonError: it is empty, too long, or has spaces in it.
    """
    name = given.strip().lower()
    if not 0 < len(name) <= USER_NAME_MAX or not name.isprintable() or " " in name:
        raise InvalidPersonError(
            f"a user name is an address of e-mail or one word, of at most {USER_NAME_MAX} letters"
        )
    return name


def called(given: str) -> str:
    """Return what colleagues will call somebody.

    Raises:
        InvalidPersonError: it is empty or too long.
    """
    name = " ".join(given.split())
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise InvalidPersonError(f"a name has 1 to {NAME_MAX} letters")
    return name
