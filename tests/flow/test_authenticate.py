import asyncio
from datetime import date
from uuid import uuid4

import pytest

from underseal.core.caller import ModeratorRole, PrincipalId, Scope
from underseal.flow import authenticate
from underseal.flow.authenticate import (
    Callers,
    UnknownKeyError,
    UnknownPrincipalError,
    add_key_beside,
    admit_moderator,
    admit_platform,
    dismiss,
    retire_key,
)
from underseal.store.connection import session
from underseal.store.roles import Role

TODAY = date(2026, 11, 22)


@pytest.fixture
def callers(system, monkeypatch):
    """Callers who read the keys anew for each request."""
    monkeypatch.setattr(authenticate, "FRESH_S", -1)
    monkeypatch.setattr(authenticate, "MISS_S", -1)
    return Callers(system.db, system.keys)


async def test_a_platforms_key_has_its_scopes_and_a_moderators_its_role(system, callers):
    platform = await admit_platform(system, "Loop", [Scope.REPORTS_WRITE], TODAY)
    moderator = await admit_moderator(system, "Mo", ModeratorRole.LEAD, TODAY)
    caller = await callers.by_token(platform.token)
    assert (caller.role, caller.scopes) == (None, {Scope.REPORTS_WRITE})
    caller = await callers.by_token(moderator.token)
    assert (caller.role, caller.scopes) == (ModeratorRole.LEAD, frozenset())
    assert caller.principal_id == moderator.principal_id


async def test_a_secret_is_shown_once_and_stored_nowhere(system, server, address):
    key = await admit_platform(system, "Loop", [Scope.TICKET_SIGN], TODAY)
    assert key.token not in repr(key)
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        stored = await conn.fetchval("select string_agg(k::text, '') from api_keys k")
    for secret in (key.token[-43:], key.ticket_secret or ""):
        assert len(secret) == 43
        assert secret not in stored
        assert secret.encode().hex() not in stored


async def test_a_key_is_replaced_by_one_beside_it(system, callers):
    old = await admit_platform(system, "Loop", [Scope.VIEWS_WRITE], TODAY)
    new = await add_key_beside(system, old.key_id, TODAY)
    await retire_key(system, old.key_id, TODAY)
    with pytest.raises(UnknownKeyError):
        await callers.by_token(old.token)
    caller = await callers.by_token(new.token)
    assert (caller.principal_id, caller.scopes) == (old.principal_id, {Scope.VIEWS_WRITE})
    with pytest.raises(UnknownKeyError):
        await add_key_beside(system, old.key_id, TODAY)
    with pytest.raises(UnknownKeyError):
        await retire_key(system, old.key_id, TODAY)


async def test_no_key_of_somebody_dismissed_is_of_use(system, callers):
    key = await admit_moderator(system, "Mo", ModeratorRole.MODERATOR, TODAY)
    other = await add_key_beside(system, key.key_id, TODAY)
    await dismiss(system, key.principal_id, TODAY)
    for token in (key.token, other.token):
        with pytest.raises(UnknownKeyError):
            await callers.by_token(token)
    with pytest.raises(UnknownPrincipalError):
        await dismiss(system, PrincipalId(uuid4()), TODAY)


async def test_requests_that_come_together_read_the_keys_once(system, monkeypatch):
    key = await admit_platform(system, "Loop", [], TODAY)
    readings = []
    load_keys = authenticate.load_keys

    async def counted(conn):
        readings.append(conn)
        return await load_keys(conn)

    monkeypatch.setattr(authenticate, "load_keys", counted)
    callers = Callers(system.db, system.keys)
    await asyncio.gather(*(callers.by_token(key.token) for _ in range(50)))
    await callers.by_token(key.token)
    assert len(readings) == 1


async def test_a_new_key_is_known_at_once_to_those_who_have_not_missed_one_lately(
    system, monkeypatch
):
    callers = Callers(system.db, system.keys)
    first = await admit_platform(system, "Loop", [], TODAY)
    await callers.by_token(first.token)
    monkeypatch.setattr(authenticate, "MISS_S", 0)
    second = await admit_platform(system, "Other", [], TODAY)
    assert (await callers.by_token(second.token)).key_id == second.key_id
