"""Somebody who moderates declares the accounts they use on the platform, or an admin does.

Only an admin takes a declaration back: whoever could do so themself would judge their own video
afterwards. What they have reported is not looked up: docs/decisions/0012-bulk-and-conflict.md says
why.
"""

from collections.abc import Mapping
from datetime import datetime

from underseal.core.caller import PrincipalId
from underseal.core.person import (
    OWN_ACCOUNTS_MAX,
    Person,
    PersonEventKind,
    TooManyAccountsError,
)
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.change_people import find_person
from underseal.flow.invite import record
from underseal.flow.own_subjects import own_subjects
from underseal.flow.system import System
from underseal.seal.own_account import seal_account
from underseal.store import own_accounts, people
from underseal.store.roles import Role


async def declare_account(
    system: System, by: Person, whose: PrincipalId, external_id: str, now: datetime
) -> None:
    """Note that somebody uses an account, as the platform names it; twice is once.

    It need not be known here, and nobody learns whether it is.

    Raises:
        InvalidExternalIdError: no account can be named like that.
        UnknownPersonError: nobody is this.
        TooManyAccountsError: they have enough of them.
    """
    account = SubjectRef(kind=SubjectKind.ACCOUNT, external_id=external_id.strip()).subject_id
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.lock_people(conn)
        person = await find_person(conn, whose)
        own = await own_subjects(conn, system, whose)
        if account in own:
            return
        if len(own) >= OWN_ACCOUNTS_MAX:
            raise TooManyAccountsError
        sealed = seal_account(system.keys.notes, account, whose)
        await own_accounts.add_account(conn, system.new_id(), whose, sealed, now.date())
        await record(conn, system, PersonEventKind.ACCOUNT_DECLARED, person, by=by, now=now)


async def forget_accounts(system: System, by: Person, whose: PrincipalId, now: datetime) -> None:
    """Take back, as an admin, all that was declared of somebody.

    Raises:
        UnknownPersonError: nobody is this.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.lock_people(conn)
        person = await find_person(conn, whose)
        await own_accounts.forget_accounts(conn, whose)
        await record(conn, system, PersonEventKind.ACCOUNTS_FORGOTTEN, person, by=by, now=now)


async def count_accounts(system: System) -> Mapping[PrincipalId, int]:
    """Return how many accounts everybody has declared, and not which."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await own_accounts.count_accounts(conn)
