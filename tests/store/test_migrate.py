import asyncio
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from underseal.store import migrate as migrating
from underseal.store.connection import session
from underseal.store.migrate import (
    DatabaseNewerError,
    Migration,
    MigrationChangedError,
    MigrationGapError,
    MigrationNameError,
    migrate,
    own_migrations,
    read_migrations,
    status,
)
from underseal.store.roles import Role

TODAY = date(2026, 11, 22)
FIRST = Migration(number=1, name="first", sql="create schema underseal; create table a (n int);")
SECOND = Migration(
    number=2, name="second", sql="alter table a add m int; insert into a values (1);"
)
BROKEN = Migration(number=2, name="broken", sql="insert into a values (1); select 1 / 0;")


async def test_migrations_run_in_order_and_are_recorded(owner):
    await migrate(owner, TODAY, [FIRST, SECOND])
    assert await owner.fetchval("select count(m) + count(n) from a") == 1
    rows = await owner.fetch("select number, name, applied_on from schema_migrations order by 1")
    assert [tuple(row) for row in rows] == [(1, "first", TODAY), (2, "second", TODAY)]


async def test_a_migration_that_has_run_does_not_run_again(owner):
    await migrate(owner, TODAY, [FIRST])
    await migrate(owner, TODAY, [FIRST, SECOND])
    await migrate(owner, TODAY, [FIRST, SECOND])
    assert await owner.fetchval("select count(*) from a") == 1


async def test_the_status_tells_what_has_run_and_what_has_not(owner):
    assert (await status(owner, [FIRST, SECOND])).pending == (FIRST, SECOND)
    await migrate(owner, TODAY, [FIRST])
    after = await status(owner, [FIRST, SECOND])
    assert (after.applied, after.pending) == ((FIRST,), (SECOND,))


async def test_a_migration_that_fails_leaves_nothing_and_those_before_it_stay(owner):
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, TODAY, [FIRST, BROKEN])
    assert await owner.fetchval("select count(*) from a") == 0
    assert (await status(owner, [FIRST, BROKEN])).pending == (BROKEN,)
    await migrate(owner, TODAY, [FIRST, SECOND])


async def test_no_migrations_change_nothing(owner):
    await migrate(owner, TODAY, [])
    assert await owner.fetchval("select to_regnamespace('underseal')") is None


async def test_a_file_that_changed_after_it_ran_is_refused(owner):
    await migrate(owner, TODAY, [FIRST, SECOND])
    changed = Migration(number=1, name="first", sql=FIRST.sql + " ")
    with pytest.raises(MigrationChangedError, match="0001_first has changed"):
        await migrate(owner, TODAY, [changed, SECOND])


async def test_a_file_that_got_another_name_after_it_ran_is_refused(owner):
    await migrate(owner, TODAY, [FIRST])
    with pytest.raises(MigrationChangedError):
        await status(owner, [Migration(number=1, name="other", sql=FIRST.sql)])


async def test_a_database_newer_than_the_code_is_refused(owner):
    await migrate(owner, TODAY, [FIRST, SECOND])
    with pytest.raises(DatabaseNewerError, match="0002_second"):
        await migrate(owner, TODAY, [FIRST])


async def test_processes_that_migrate_at_once_run_each_migration_once(server, empty, owner):
    login = server.passwords.login(Role.OWNER)

    async def start() -> None:
        async with session(empty, login, statement_timeout_s=0) as connection:
            await migrate(connection, TODAY, [FIRST, SECOND])

    await asyncio.gather(*(start() for _ in range(4)))
    assert await owner.fetchval("select count(*) from a") == 1


async def test_a_migration_waits_for_locks_and_work_no_longer_than_it_may(owner):
    sql = "create table limits as select current_setting(n) from unnest($${%s}$$::text[]) n"
    limits = Migration(number=2, name="limits", sql=sql % "lock_timeout,statement_timeout")
    await migrate(owner, TODAY, [FIRST, limits])
    assert [row[0] for row in await owner.fetch("select * from limits")] == ["4s", "1min"]
    assert await owner.fetchval("show statement_timeout") == "0"


async def _until_waiting_for_locks(connection, sessions: int) -> None:
    waiting = (
        "select count(*) from pg_locks join pg_database on pg_database.oid = database "
        "where datname = current_database() and not granted"
    )
    while await connection.fetchval(waiting) != sessions:
        pass


async def test_a_migration_that_does_not_get_its_lock_is_tried_again(
    server, empty, owner, monkeypatch
):
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_S", 0.1)
    monkeypatch.setattr(migrating, "ATTEMPT_PAUSE_S", 0.01)
    await migrate(owner, TODAY, [FIRST])
    async with session(empty, server.passwords.login(Role.OWNER)) as other:
        async with other.transaction():
            await other.execute("lock table a in access share mode")
            task = asyncio.create_task(migrate(owner, TODAY, [FIRST, SECOND]))
            await _until_waiting_for_locks(other, 1)
            await _until_waiting_for_locks(other, 0)  # the first attempt has been given up
        await task
        assert await other.fetchval("select count(*) from a") == 1


async def test_a_migration_that_never_gets_its_lock_fails_and_leaves_nothing(
    server, empty, owner, monkeypatch
):
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_S", 0.02)
    monkeypatch.setattr(migrating, "ATTEMPT_PAUSE_S", 0.01)
    await migrate(owner, TODAY, [FIRST])
    async with session(empty, server.passwords.login(Role.OWNER)) as other, other.transaction():
        await other.execute("lock table a in access share mode")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await migrate(owner, TODAY, [FIRST, SECOND])
    assert (await status(owner, [FIRST, SECOND])).pending == (SECOND,)


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (["0001_a.sql", "0003_b.sql"], MigrationGapError),
        (["0002_a.sql"], MigrationGapError),
        (["0001_a.sql", "0001_b.sql"], MigrationGapError),
        (["0001_a.sql", "2_b.sql"], MigrationNameError),
        (["0001_a.sql", "notes.txt"], MigrationNameError),
    ],
)
def test_files_out_of_order_are_refused(tmp_path: Path, names, error):
    for name in names:
        (tmp_path / name).write_text("select 1")
    with pytest.raises(error):
        read_migrations(tmp_path)


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path):
    for number in (3, 1, 2):
        (tmp_path / f"000{number}_step_{number}.sql").write_text(f"select {number}")
    assert [str(migration) for migration in read_migrations(tmp_path)] == [
        "0001_step_1",
        "0002_step_2",
        "0003_step_3",
    ]


async def test_the_migrations_of_this_version_make_a_database_that_only_the_owner_owns(database):
    async with database.transaction(Role.OWNER) as connection:
        assert (await status(connection)).pending == ()
        owners = await connection.fetch(
            "select distinct pg_get_userbyid(relowner) from pg_class "
            "where relnamespace in (select oid from pg_namespace "
            "where nspname !~ '^(pg_|information_schema$)')"
        )
    assert own_migrations()
    assert [row[0] for row in owners] == [Role.OWNER]
