from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from underseal.core.caller import KeyId, ModeratorRole, PrincipalId, Scope
from underseal.store.keys import (
    add_key,
    add_principal,
    load_keys,
    revoke_key,
    withdraw_principal,
)
from underseal.store.roles import Role

TODAY = date(2026, 11, 22)
KEY_ID = KeyId("abcdefghijk1")


async def add(database, *, key_id=KEY_ID, role=None, scopes=(), ticket_secret=None) -> PrincipalId:
    principal_id = PrincipalId(uuid4())
    async with database.transaction(Role.CORE) as conn:
        await add_principal(conn, principal_id, "Loop", role, TODAY)
        await add_key(
            conn,
            key_id=key_id,
            principal_id=principal_id,
            scopes=scopes,
            secret_sha256=bytes(32),
            ticket_secret=ticket_secret,
            today=TODAY,
        )
    return principal_id


async def loaded(database):
    async with database.transaction(Role.INTAKE) as conn:
        return await load_keys(conn)


async def test_a_platforms_key_comes_back_with_its_scopes(database):
    scopes = {Scope.REPORTS_WRITE, Scope.TICKET_SIGN}
    principal_id = await add(database, scopes=scopes, ticket_secret=b"wrapped")
    (key,) = await loaded(database)
    assert (key.caller.key_id, key.caller.principal_id) == (KEY_ID, principal_id)
    assert (key.caller.role, key.caller.scopes) == (None, scopes)
    assert (key.secret_sha256, key.ticket_secret) == (bytes(32), b"wrapped")


async def test_a_moderators_key_comes_back_with_their_role(database):
    await add(database, role=ModeratorRole.LEAD)
    (key,) = await loaded(database)
    assert (key.caller.role, key.caller.scopes) == (ModeratorRole.LEAD, frozenset())


async def test_a_revoked_key_is_not_loaded_and_can_be_revoked_once(database):
    await add(database)
    async with database.transaction(Role.CORE) as conn:
        assert await revoke_key(conn, KEY_ID, TODAY)
        assert not await revoke_key(conn, KEY_ID, TODAY)
    assert await loaded(database) == ()


async def test_no_key_of_a_withdrawn_principal_is_loaded(database):
    principal_id = await add(database)
    await add(database, key_id=KeyId("abcdefghijk2"))
    async with database.transaction(Role.CORE) as conn:
        assert await withdraw_principal(conn, principal_id, TODAY)
        assert not await withdraw_principal(conn, principal_id, TODAY)
    assert [key.caller.key_id for key in await loaded(database)] == ["abcdefghijk2"]


async def test_who_files_reports_gives_out_no_keys(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(Role.INTAKE) as conn:
            await add_principal(conn, PrincipalId(uuid4()), "me", ModeratorRole.ADMIN, TODAY)
