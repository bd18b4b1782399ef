"""The people of the demonstration's console, and how they sign in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.invite import Acceptance, accept_invitation, invite, open_invitation
from underseal.flow.system import System
from underseal.seal.redacted import Redacted

CAST: Final = (
    ("Mona", ModeratorRole.MODERATOR),
    ("Nils", ModeratorRole.MODERATOR),
    ("Omar", ModeratorRole.MODERATOR),
    ("Lea", ModeratorRole.LEAD),
    ("Aude", ModeratorRole.AUDITOR),
    ("Adam", ModeratorRole.ADMIN),
)

PASSWORD: Final = "twelve paper boats at {name}'s window"  # noqa: S105 - it is told to everybody
"""Known to everybody who reads this: for a demonstration on one's own machine, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConsoleAccount(Redacted):
    """Somebody of the demonstration; `secret` goes into an authenticator (RFC 6238, base32)."""

    person: Person
    user_name: str
    password: str
    secret: str

    def code(self, now: datetime) -> str:
        """Return the six digits that are good at a moment."""
        return pyotp.TOTP(self.secret).at(now)


async def let_in(system: System, now: datetime) -> tuple[ConsoleAccount, ...]:
    """Invite everybody, and let them accept."""
    return tuple([await _join(system, name, role, now) for name, role in CAST])


async def _join(system: System, name: str, role: ModeratorRole, now: datetime) -> ConsoleAccount:
    user_name = name.lower()
    token = await invite(system, None, name=name, user_name=user_name, role=role, now=now)
    invitation = await open_invitation(system, token, now)
    account = ConsoleAccount(
        person=invitation.person,
        user_name=user_name,
        password=PASSWORD.format(name=name),
        secret=invitation.secret,
    )
    given = Acceptance(password=account.password, code=account.code(now), box=invitation.box)
    await accept_invitation(system, token, given, now)
    return account
