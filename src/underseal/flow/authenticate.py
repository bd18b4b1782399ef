"""Find out whose key a request came with, and give out and take back keys.

A key is `us_<key id>_<secret>`. The secret is shown once, when the key is made; what is stored is
its hash. Requests ask a copy of all keys in memory, so that none of them costs a query.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from hmac import compare_digest
from string import ascii_lowercase, digits
from typing import Final

from underseal.core.caller import Caller, KeyId, ModeratorRole, PrincipalId, Scope
from underseal.core.person import Person
from underseal.flow.system import System
from underseal.seal.keys import KeyRing
from underseal.seal.link import CreatorLink, parse_link, verify_link
from underseal.seal.redacted import Redacted
from underseal.seal.ticket import Ticket, TicketSecret, parse_ticket, verify_ticket
from underseal.seal.vault import unwrap_secret, wrap_secret
from underseal.store.keys import (
    StoredKey,
    add_key,
    add_principal,
    load_keys,
    revoke_key,
    withdraw_principal,
)
from underseal.store.people import load_person
from underseal.store.pool import Connection, Database
from underseal.store.roles import Role

FRESH_S: Final = 5.0
"""A revoked key is refused after so long at the latest. A setting."""

MISS_S: Final = 0.5
"""An unknown key makes the copy be read again, but not more often than this. A setting."""

KEY_ID_LENGTH: Final = 12
SECRET_BYTES: Final = 32

_KEY: Final = re.compile(r"us_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")


class UnknownKeyError(Exception):
    """No key that may be used is this one; whether its id or its secret is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("this API key is not known, or no longer")


class UnknownPrincipalError(Exception):
    """There is no such principal in service."""

    def __init__(self, principal_id: PrincipalId) -> None:
        super().__init__(f"there is no principal {principal_id} in service")
        self.principal_id = principal_id


class KeySignsNoTicketsError(Exception):
    """The key that the ticket names was not given the scope to sign tickets."""

    def __init__(self) -> None:
        super().__init__("the key that this ticket names signs no tickets")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewKey(Redacted):
    """What is shown once. `ticket_secret` is None unless the key signs tickets."""

    key_id: KeyId
    principal_id: PrincipalId
    token: str
    ticket_secret: str | None


class Callers:
    """A copy of all keys, as fresh as `FRESH_S` says."""

    def __init__(self, db: Database, keys: KeyRing) -> None:
        self._db = db
        self._ring = keys
        self._known: Mapping[str, StoredKey] = {}
        self._read_at_s = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def by_token(self, token: str) -> Caller:
        """Return whose key `token` is.

        Raises:
            UnknownKeyError: nobody's.
            DatabaseAwayError: the keys cannot be read.
        """
        form = _KEY.fullmatch(token)
        key = await self._find(form[1]) if form else None
        if form is None or key is None:
            raise UnknownKeyError
        if not compare_digest(sha256(form[2].encode()).digest(), key.secret_sha256):
            raise UnknownKeyError
        return key.caller

    async def by_ticket(self, text: str, now: datetime) -> Ticket:
        """Return what the platform vouches for that signed the ticket `text`.

        Raises:
            TicketError: it cannot be used.
            UnknownKeyError: it names no key that may be used.
            KeySignsNoTicketsError: it names one that signs none.
            DatabaseAwayError: the keys cannot be read.
        """
        ticket = parse_ticket(text)
        return verify_ticket(ticket, await self._ticket_secret(ticket.key_id), now)

    async def by_link(self, text: str, now: datetime) -> CreatorLink:
        """Return what the platform vouches for that signed the link `text` for a creator.

        Raises:
            LinkError: it cannot be used.
            UnknownKeyError, KeySignsNoTicketsError, DatabaseAwayError: as `by_ticket`.
        """
        link = parse_link(text)
        return verify_link(link, await self._ticket_secret(link.key_id), now)

    async def _ticket_secret(self, key_id: KeyId) -> TicketSecret:
        key = await self._find(key_id)
        if key is None:
            raise UnknownKeyError
        if key.ticket_secret is None:
            raise KeySignsNoTicketsError
        place = _place(key.caller.key_id)
        return TicketSecret(unwrap_secret(self._ring.webhooks, key.ticket_secret, place))

    async def _find(self, key_id: str) -> StoredKey | None:
        now_s = asyncio.get_running_loop().time()
        key = self._known.get(key_id)
        if now_s - self._read_at_s > (MISS_S if key is None else FRESH_S):
            # One reading for all who wait, and it goes on if the one who began it hangs up.
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read(now_s))
            await asyncio.shield(self._reading)
            key = self._known.get(key_id)
        return key

    async def _read(self, now_s: float) -> None:
        async with self._db.transaction(Role.INTAKE) as conn:
            keys = await load_keys(conn)
        self._known = {key.caller.key_id: key for key in keys}
        self._read_at_s = now_s


async def read_person(system: System, caller: Caller) -> Person:
    """Return the moderator whose key a request came with.

    Raises:
        UnknownKeyError: they are in service no longer.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        person = await load_person(conn, caller.principal_id)
    if person is None:
        raise UnknownKeyError
    return person


async def admit_platform(system: System, name: str, scopes: Iterable[Scope], today: date) -> NewKey:
    """Add a platform, with its first key."""
    return await _admit(system, name, None, frozenset(scopes), today)


async def admit_moderator(system: System, name: str, role: ModeratorRole, today: date) -> NewKey:
    """Add a moderator, with their first key; such keys have no scopes."""
    return await _admit(system, name, role, frozenset(), today)


async def add_key_beside(system: System, key_id: KeyId, today: date) -> NewKey:
    """Make another key with the principal and scopes of one in use, to take its place.

    Raises:
        UnknownKeyError: there is no such key in use.
    """
    async with system.db.transaction(Role.CORE) as conn:
        beside = [key.caller for key in await load_keys(conn) if key.caller.key_id == key_id]
        if not beside:
            raise UnknownKeyError
        return await _make_key(system, conn, beside[0].principal_id, beside[0].scopes, today)


async def retire_key(system: System, key_id: KeyId, today: date) -> None:
    """End the use of a key.

    Raises:
        UnknownKeyError: there is no such key in use.
    """
    async with system.db.transaction(Role.CORE) as conn:
        if not await revoke_key(conn, key_id, today):
            raise UnknownKeyError


async def dismiss(system: System, principal_id: PrincipalId, today: date) -> None:
    """End the use of all keys of a principal, now and for ever.

    Raises:
        UnknownPrincipalError: there is no such principal, or it was dismissed before.
    """
    async with system.db.transaction(Role.CORE) as conn:
        if not await withdraw_principal(conn, principal_id, today):
            raise UnknownPrincipalError(principal_id)


async def _admit(
    system: System, name: str, role: ModeratorRole | None, scopes: frozenset[Scope], today: date
) -> NewKey:
    principal_id = PrincipalId(system.new_id())
    async with system.db.transaction(Role.CORE) as conn:
        await add_principal(conn, principal_id, name, role, today)
        return await _make_key(system, conn, principal_id, scopes, today)


async def _make_key(
    system: System,
    conn: Connection,
    principal_id: PrincipalId,
    scopes: frozenset[Scope],
    today: date,
) -> NewKey:
    key_id = KeyId("".join(secrets.choice(ascii_lowercase + digits) for _ in range(KEY_ID_LENGTH)))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    ticket_secret = secrets.token_urlsafe(SECRET_BYTES) if Scope.TICKET_SIGN in scopes else None
    wrapped = (
        wrap_secret(system.keys.webhooks, ticket_secret.encode(), _place(key_id))
        if ticket_secret
        else None
    )
    await add_key(
        conn,
        key_id=key_id,
        principal_id=principal_id,
        scopes=scopes,
        secret_sha256=sha256(secret.encode()).digest(),
        ticket_secret=wrapped,
        today=today,
    )
    return NewKey(
        key_id=key_id,
        principal_id=principal_id,
        token=f"us_{key_id}_{secret}",
        ticket_secret=ticket_secret,
    )


def _place(key_id: KeyId) -> bytes:
    """Where the ticket secret of a key belongs; an endpoint's id is 16 bytes, so never this."""
    return b"ticket/" + key_id.encode()
