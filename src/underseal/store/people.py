"""People who moderate: who is in service, their sessions, invitations and preferences.

Of the token of a session or an invitation there is only the hash.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.person import Person, PersonEvent, PersonEventKind, Preferences
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of somebody, as they are shown it."""

    token_sha256: bytes
    opened_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody in service; without a `user_name` they have an API key and no way to sign in."""

    person: Person
    user_name: str | None
    has_joined: bool
    invited_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingEvent:
    """What happened to somebody's access, in names; `by` is None for the command line."""

    name: str
    by: str | None
    kind: PersonEventKind
    role: ModeratorRole
    happened_at: datetime


async def add_session(
    conn: Connection, token_sha256: bytes, principal_id: PrincipalId, now: datetime
) -> None:
    """Keep that a person has signed in."""
    await conn.execute(_SQL["add_session"], token_sha256, principal_id, now)


async def use_session(
    conn: Connection,
    token_sha256: bytes,
    now: datetime,
    *,
    opened_after: datetime,
    used_after: datetime,
) -> Person | None:
    """Return whose session it is, if it was opened and last used after these times."""
    row = await conn.fetchrow(_SQL["use_session"], token_sha256, now, opened_after, used_after)
    return None if row is None else person_of(row)


async def load_sessions(
    conn: Connection, principal_id: PrincipalId, *, opened_after: datetime, used_after: datetime
) -> tuple[Session, ...]:
    """Return the sessions of a person that were opened and last used after these times."""
    rows = await conn.fetch(_SQL["load_sessions"], principal_id, opened_after, used_after)
    return tuple(
        Session(
            token_sha256=row["token_sha256"], opened_at=row["opened_at"], used_at=row["used_at"]
        )
        for row in rows
    )


async def end_session(conn: Connection, token_sha256: bytes) -> None:
    """Forget a session."""
    await conn.execute(_SQL["end_session"], token_sha256)


async def end_sessions(conn: Connection, principal_id: PrincipalId) -> None:
    """Forget all sessions of a person."""
    await conn.execute(_SQL["end_sessions"], principal_id)


async def end_old_sessions(
    conn: Connection, *, opened_before: datetime, used_before: datetime
) -> None:
    """Forget the sessions that time has ended."""
    await conn.execute(_SQL["end_old_sessions"], opened_before, used_before)


async def lock_people(conn: Connection) -> None:
    """Wait until nobody else changes who is in service, and let nobody until the end."""
    await conn.execute(_SQL["lock_people"])


async def add_person(conn: Connection, person: Person, user_name: str, today: date) -> bool:
    """Take somebody into service; tell whether the user name was free."""
    await conn.execute(_SQL["add_principal"], person.principal_id, person.name, person.role, today)
    return bool(await conn.fetchval(_SQL["add_person"], person.principal_id, user_name))


async def load_person(conn: Connection, principal_id: PrincipalId) -> Person | None:
    """Return somebody in service."""
    row = await conn.fetchrow(_SQL["load_person"], principal_id)
    return None if row is None else person_of(row)


async def find_person(conn: Connection, user_name: str) -> Person | None:
    """Return who in service has the user name."""
    row = await conn.fetchrow(_SQL["find_person"], user_name)
    return None if row is None else person_of(row)


async def load_people(conn: Connection) -> tuple[Colleague, ...]:
    """Return everybody in service, by name."""
    return tuple(
        Colleague(
            person=person_of(row),
            user_name=row["user_name"],
            has_joined=bool(row["has_joined"]),
            invited_at=row["invited_at"],
            seen_at=row["seen_at"],
        )
        for row in await conn.fetch(_SQL["load_people"])
    )


async def count_admins(conn: Connection, principal_id: PrincipalId) -> int:
    """Return how many admins can sign in, without the one who is given."""
    count: int = await conn.fetchval(_SQL["count_admins"], principal_id)
    return count


async def change_role(conn: Connection, principal_id: PrincipalId, role: ModeratorRole) -> bool:
    """Give somebody another role; tell whether they are in service."""
    return await conn.fetchval(_SQL["change_role"], principal_id, role) is not None


async def withdraw(
    conn: Connection, principal_id: PrincipalId, today: date
) -> ModeratorRole | None:
    """End somebody's service and forget their user name; return the role they had, if any."""
    role = await conn.fetchval(_SQL["withdraw"], principal_id, today)
    await conn.execute(_SQL["forget_person"], principal_id)
    return None if role is None else ModeratorRole(role)


async def reset_credentials(conn: Connection, principal_id: PrincipalId) -> bool:
    """Take back what somebody could sign in with; tell whether they have a user name."""
    await conn.execute(_SQL["drop_recovery_codes"], principal_id)
    await conn.execute(_SQL["drop_steps"], principal_id)
    return await conn.fetchval(_SQL["reset_credentials"], principal_id) is not None


async def put_invitation(
    conn: Connection, principal_id: PrincipalId, token_sha256: bytes, now: datetime
) -> None:
    """Keep the invitation of a person; an older one is worth nothing any more."""
    await conn.execute(_SQL["put_invitation"], principal_id, token_sha256, now)


async def find_invitation(
    conn: Connection, token_sha256: bytes, invited_after: datetime
) -> tuple[Person, str] | None:
    """Return who was invited and their user name, if it was after a time."""
    row = await conn.fetchrow(_SQL["find_invitation"], token_sha256, invited_after)
    return None if row is None else (person_of(row), row["user_name"])


async def take_invitation(conn: Connection, token_sha256: bytes) -> bool:
    """Use an invitation up; tell whether it was there."""
    return bool(await conn.fetchval(_SQL["take_invitation"], token_sha256))


async def load_preferences(conn: Connection, principal_id: PrincipalId) -> Preferences | None:
    """Return how somebody wants to meet what they review, if they have said so."""
    row = await conn.fetchrow(_SQL["load_preferences"], principal_id)
    if row is None:
        return None
    return Preferences(blur=row["blur"], greyscale=row["greyscale"], mute=row["mute"])


async def save_preferences(
    conn: Connection, principal_id: PrincipalId, preferences: Preferences
) -> None:
    """Keep how somebody wants to meet what they review."""
    await conn.execute(
        _SQL["save_preferences"],
        principal_id,
        preferences.blur,
        preferences.greyscale,
        preferences.mute,
    )


async def add_event(conn: Connection, event_id: UUID, event: PersonEvent) -> None:
    """Keep what happened to somebody's access."""
    await conn.execute(
        _SQL["add_person_event"],
        event_id,
        event.principal_id,
        event.by,
        event.kind,
        event.role,
        event.happened_at,
    )


async def load_events(conn: Connection, count: int) -> tuple[TellingEvent, ...]:
    """Return what happened last to anybody's access, the newest first."""
    return tuple(
        TellingEvent(
            name=row["name"],
            by=row["actor"],
            kind=PersonEventKind(row["kind"]),
            role=ModeratorRole(row["role"]),
            happened_at=row["happened_at"],
        )
        for row in await conn.fetch(_SQL["load_person_events"], count)
    )


def person_of(row: Row) -> Person:
    """Return the person of a row that has `principal_id`, `name` and `role`."""
    return Person(
        principal_id=PrincipalId(row["principal_id"]),
        name=row["name"],
        role=ModeratorRole(row["role"]),
    )
