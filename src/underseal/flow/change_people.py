"""Change who moderates and as what; what a person changes about their own way to sign in."""

from dataclasses import dataclass
from datetime import datetime

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.password import check_password
from underseal.core.person import LastAdminError, Person, PersonEventKind
from underseal.flow.hashing import in_turn
from underseal.flow.invite import UnknownPersonError, record, renew_recovery_codes
from underseal.flow.session import begin_session
from underseal.flow.sign_in import prove_password
from underseal.flow.system import System
from underseal.seal.password import hash_password
from underseal.store import credentials, own_accounts, people
from underseal.store.people import Colleague, TellingEvent
from underseal.store.pool import Connection
from underseal.store.roles import Role

EVENTS_SHOWN = 100
"""A setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Everybody in service, and what happened last to anybody's access."""

    colleagues: tuple[Colleague, ...]
    events: tuple[TellingEvent, ...]


async def read_team(system: System) -> Team:
    """Return who moderates."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return Team(
            colleagues=await people.load_people(conn),
            events=await people.load_events(conn, EVENTS_SHOWN),
        )


async def find_colleague(system: System, principal_id: PrincipalId) -> Person:
    """Return somebody in service.

    Raises:
        UnknownPersonError: nobody is this.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await find_person(conn, principal_id)


async def change_role(
    system: System, by: Person, principal_id: PrincipalId, role: ModeratorRole, now: datetime
) -> None:
    """Give somebody another role, from their next request on.

    Raises:
        UnknownPersonError: nobody is this.
        LastAdminError: no admin would be left.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.lock_people(conn)
        person = await find_person(conn, principal_id)
        if person.role is role:
            return
        await _keep_an_admin(conn, person)
        await people.change_role(conn, principal_id, role)
        changed = Person(principal_id=principal_id, name=person.name, role=role)
        await record(conn, system, PersonEventKind.ROLE_CHANGED, changed, by=by, now=now)


async def dismiss_person(
    system: System, by: Person, principal_id: PrincipalId, now: datetime
) -> None:
    """End somebody's service: sessions, API keys and way to sign in, at once and for good.

    Raises:
        UnknownPersonError: nobody is this.
        LastAdminError: no admin would be left.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.lock_people(conn)
        person = await find_person(conn, principal_id)
        await _keep_an_admin(conn, person)
        await people.withdraw(conn, principal_id, now.date())
        await people.end_sessions(conn, principal_id)
        await own_accounts.forget_accounts(conn, principal_id)
        await record(conn, system, PersonEventKind.DISMISSED, person, by=by, now=now)


async def change_password(
    system: System, person: Person, present: str, wanted: str, now: datetime
) -> str:
    """Give oneself another password; return a new session, the only one that is left.

    Raises:
        WrongPasswordError, LockedOutError: the present one is not right.
        WeakPasswordError: the wanted one is not taken.
    """
    user_name = await prove_password(system, person, present, now)
    password_hash = await in_turn(hash_password, check_password(wanted, user_name, person.name))
    async with system.db.transaction(Role.CONSOLE) as conn:
        await credentials.set_password(conn, person.principal_id, password_hash)
        await people.end_sessions(conn, person.principal_id)
        await credentials.drop_steps(conn, person.principal_id)
        await record(conn, system, PersonEventKind.PASSWORD_CHANGED, person, by=person, now=now)
        return await begin_session(conn, person.principal_id, now)


async def renew_codes(
    system: System, person: Person, present: str, now: datetime
) -> tuple[str, ...]:
    """Give oneself new recovery codes; the old ones are worth nothing any more.

    Raises:
        WrongPasswordError, LockedOutError: the present password is not right.
    """
    await prove_password(system, person, present, now)
    async with system.db.transaction(Role.CONSOLE) as conn:
        codes = await renew_recovery_codes(conn, person.principal_id)
        await record(conn, system, PersonEventKind.CODES_RENEWED, person, by=person, now=now)
    return codes


async def count_codes(system: System, person: Person) -> int:
    """Return how many recovery codes somebody has left."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await credentials.count_recovery_codes(conn, person.principal_id)


async def find_person(conn: Connection, principal_id: PrincipalId) -> Person:
    """Return somebody in service, within a transaction, as `find_colleague` does."""
    for each in await people.load_people(conn):
        if each.person.principal_id == principal_id:
            return each.person
    raise UnknownPersonError


async def _keep_an_admin(conn: Connection, person: Person) -> None:
    if person.role is ModeratorRole.ADMIN and not await people.count_admins(
        conn, person.principal_id
    ):
        raise LastAdminError
