import asyncio
import os
import signal
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from underseal.store import pool
from underseal.store.bootstrap import prepare_embedded
from underseal.store.cluster import cluster_folder
from underseal.store.connection import PasswordMismatchError, session
from underseal.store.passwords import keep_passwords
from underseal.store.pool import Database, DatabaseAwayError, RoleNotOpenedError
from underseal.store.roles import Role, load_passwords

TODAY = date(2026, 11, 22)


async def _run(database: Database, *statements: str) -> None:
    async with database.transaction(Role.OWNER) as connection:
        for statement in statements:
            await connection.execute(statement)


@pytest.mark.parametrize("role", Role)
async def test_each_role_signs_in_as_itself_with_limits(database, role):
    async with database.transaction(role) as connection:
        row = await connection.fetchrow(
            "select session_user, current_setting('application_name'),"
            " current_setting('statement_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('search_path')"
        )
    assert tuple(row) == (role, role, "30s", "1min", "underseal")


async def test_a_transaction_is_kept_or_undone_as_a_whole(database):
    async with database.transaction(Role.OWNER) as connection:
        await connection.execute("create table underseal.t (n int)")
        await connection.execute("insert into t values (1)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _run(database, "insert into t values (2)", "select 1 / 0")
    async with database.transaction(Role.OWNER) as connection:
        assert await connection.fetchval("select array_agg(n) from t") == [1]


async def test_jsonb_comes_back_as_it_went(database):
    value = {"a": [1, 2.5, None, True], "ü": "\N{GRINNING FACE}"}
    async with database.transaction(Role.CORE) as connection:
        assert await connection.fetchval("select $1::jsonb", value) == value
        assert await connection.fetchval("select $1::jsonb[]", [value, {}]) == [value, {}]
        assert await connection.fetchval("select $1::jsonb ->> 'ü'", value) == value["ü"]


async def test_a_part_of_the_service_has_no_other_roles_than_its_own(server, address):
    database = await Database.open(address, server.passwords, {Role.INTAKE: 1})
    with pytest.raises(RoleNotOpenedError, match="underseal_vault"):
        async with database.transaction(Role.VAULT):
            pass
    await database.close()


async def test_nobody_connects_before_the_first_transaction(server, address):
    database = await Database.open(address, server.passwords, {Role.INTAKE: 2, Role.CORE: 2})
    async with database.transaction(Role.CORE) as connection:
        present = "select array_agg(usename::text) from pg_stat_activity where datname = $1"
        name = await connection.fetchval("select current_database()")
        assert await connection.fetchval(present, name) == [Role.CORE]
    await database.close()


async def test_another_installations_passwords_are_refused_by_name(address, tmp_path: Path):
    strange = keep_passwords(tmp_path / "secrets" / "database.json", Role)
    database = await Database.open(address, strange, {Role.CORE: 1})
    with pytest.raises(PasswordMismatchError, match=r"underseal_core has another password"):
        async with database.transaction(Role.CORE):
            pass
    await database.close()


@pytest.mark.slow
async def test_pools_outlive_a_server_that_is_killed(data, embed):
    server = embed(data)
    await asyncio.to_thread(server.start)
    passwords = load_passwords(data)
    address = await prepare_embedded(server, passwords, today=TODAY)
    database = await Database.open(address, passwords, {Role.CORE: 3})

    async def started_at(_: int) -> object:
        try:
            async with database.transaction(Role.CORE) as connection:
                return await connection.fetchval("select pg_postmaster_start_time()")
        except DatabaseAwayError:  # of the transactions that were under way
            return None

    for _ in range(3):
        (before,) = set(await asyncio.gather(*map(started_at, range(3))))
        postmaster = (cluster_folder(data) / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)
        while (
            None in (seen := set(await asyncio.gather(*map(started_at, range(9)))))
            or before in seen
        ):
            pass
        assert len(seen) == 1
    await database.close()


@pytest.mark.slow
async def test_a_transaction_that_a_crash_cuts_off_fails_and_the_next_one_works(data, embed):
    server = embed(data)
    await asyncio.to_thread(server.start)
    passwords = load_passwords(data)
    database = await Database.open(
        await prepare_embedded(server, passwords, today=TODAY), passwords, {Role.OWNER: 1}
    )
    await _run(database, "create table underseal.t (n int)")
    with pytest.raises(DatabaseAwayError):
        await _run(
            database, "insert into t values (1)", "select pg_terminate_backend(pg_backend_pid())"
        )
    async with database.transaction(Role.OWNER) as connection:
        assert await connection.fetchval("select count(*) from t") == 0
        pid = await connection.fetchval("select pg_backend_pid()")
    task = asyncio.create_task(_run(database, "insert into t values (1)", "select pg_sleep(9)"))
    async with session(server.address("underseal"), server.superuser()) as other:
        sleeping = "select query like '%pg_sleep%' from pg_stat_activity where pid = $1"
        while not await other.fetchval(sleeping, pid):
            pass
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(DatabaseAwayError):
        await task
    async with database.transaction(Role.OWNER) as connection:
        assert await connection.fetchval("select count(*) from t") == 0
    await database.close()


@pytest.mark.slow
async def test_who_waits_too_long_for_the_server_is_told(data, embed, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE_S", 0.2)
    server = embed(data)
    await asyncio.to_thread(server.start)
    database = await Database.open(server.address("postgres"), load_passwords(data), {Role.CORE: 1})
    server.stop()
    with pytest.raises(DatabaseAwayError):
        async with database.transaction(Role.CORE):
            pass
    await database.close()


async def test_closing_does_not_wait_for_ever(server, address, monkeypatch):
    monkeypatch.setattr(pool, "CLOSE_S", 0.05)
    database = await Database.open(address, server.passwords, {Role.OWNER: 1})
    begun = asyncio.Event()

    async def hang() -> None:
        async with database.transaction(Role.OWNER) as connection:
            begun.set()
            await connection.execute("select pg_sleep(9)")

    task = asyncio.create_task(hang())
    await begun.wait()
    await database.close()
    with pytest.raises((asyncpg.InterfaceError, DatabaseAwayError)):
        await task
