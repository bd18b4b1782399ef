import asyncio
import secrets
import stat
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from underseal.store.bootstrap import (
    DATABASE,
    UnsuitableDatabaseError,
    prepare_embedded,
    prepare_external,
)
from underseal.store.cluster import log_file
from underseal.store.connection import DatabaseUrlError, read_url, session
from underseal.store.passwords import PasswordsExposedError, keep_passwords
from underseal.store.roles import Role, load_passwords, password_file

TODAY = date(2026, 11, 22)


def url_of(server, database: str, user: str, password: str) -> str:
    return f"{server.address(database).url}&user={user}&password={password}"


@pytest.fixture
def started(data, embed):
    """A running server in which nothing has been made ready."""
    server = embed(data)
    server.start()
    return server


@pytest.fixture
async def external(started):
    """The URL of a database whose user owns it and may create roles."""
    async with session(started.address("postgres"), started.superuser()) as superuser:
        await superuser.execute("create role platform login createrole password 'its own'")
        await superuser.execute('create database "plat form" owner platform')
        await superuser.execute("create role guest login password 'its own'")
    return url_of(started, "plat form", "platform", "its own").replace("plat form", "plat%20form")


@pytest.mark.slow
async def test_processes_that_start_at_once_make_the_database_ready_together(data, started):
    passwords = load_passwords(data)
    addresses = await asyncio.gather(
        *(prepare_embedded(started, passwords, today=TODAY) for _ in range(4))
    )
    assert len(set(addresses)) == 1
    for role in Role:
        async with session(addresses[0], passwords.login(role)) as connection:
            assert await connection.fetchval("select current_database()") == DATABASE


@pytest.mark.slow
async def test_making_ready_again_changes_nothing(data, started):
    passwords = load_passwords(data)
    facts = (
        "select (select jsonb_object_agg(rolname, rolpassword) from pg_authid),"
        " (select jsonb_object_agg(relname, relacl::text) from pg_class)"
    )
    seen = []
    for _ in range(2):
        address = await prepare_embedded(started, passwords, today=TODAY)
        async with session(address, started.superuser()) as connection:
            seen.append(tuple(await connection.fetchrow(facts)))
    assert seen[0] == seen[1]


@pytest.mark.slow
async def test_no_role_may_do_more_than_its_grants_say(data, started):
    address = await prepare_embedded(started, load_passwords(data), today=TODAY)
    async with session(address, started.superuser()) as connection:
        able = await connection.fetch(
            "select rolname from pg_roles where rolname = any($1::text[]) and (rolsuper or"
            " rolcreatedb or rolcreaterole or rolreplication or rolbypassrls or rolinherit)",
            list(Role),
        )
        members = await connection.fetchval(
            "select count(*) from pg_auth_members join pg_roles on pg_roles.oid = member"
            " where rolname = any($1::text[])",
            list(Role),
        )
    assert (able, members) == ([], 0)
    for role in set(Role) - {Role.OWNER}:
        async with session(address, load_passwords(data).login(role)) as connection:
            for statement in (
                "create table public.t (n int)",
                "create table underseal.t (n int)",
                "create temporary table t (n int)",
                "create schema s",
                "create role r",
                f"set role {Role.OWNER}",
            ):
                with pytest.raises(
                    (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError)
                ):
                    await connection.execute(statement)


@pytest.mark.slow
async def test_the_server_does_not_know_the_passwords(data, started):
    passwords = load_passwords(data)
    address = await prepare_embedded(started, passwords, today=TODAY)
    async with session(address, started.superuser()) as connection:
        rows = await connection.fetch(
            "select rolname, rolpassword from pg_authid where rolcanlogin"
        )
    assert {row["rolname"] for row in rows} == {"postgres", *Role}
    for row in rows:
        assert row["rolpassword"].startswith("SCRAM-SHA-256$4096:")
        assert passwords.login(row["rolname"]).password not in row["rolpassword"]


@pytest.mark.slow
async def test_an_external_database_is_made_ready_by_a_user_who_is_no_superuser(external, data):
    passwords = load_passwords(data)
    for _ in range(2):
        address = await prepare_external(external, passwords, today=TODAY)
    assert "platform" not in address.url
    async with session(address, passwords.login(Role.CORE)) as connection:
        assert await connection.fetchval("select count(*) from schema_migrations") > 0


@pytest.mark.slow
async def test_a_server_that_logs_statements_learns_no_password(started, external, data):
    passwords = load_passwords(data)
    async with session(started.address("postgres"), started.superuser()) as superuser:
        await superuser.execute("alter role platform set log_statement = 'all'")
    await prepare_external(external, passwords, today=TODAY)
    log = log_file(data).read_text()
    assert "create role underseal_core" in log
    assert not any(passwords.login(role).password in log for role in Role)


@pytest.mark.slow
async def test_once_it_is_ready_a_user_without_rights_starts_the_service(started, external, data):
    passwords = load_passwords(data)
    address = await prepare_external(external, passwords, today=TODAY)
    guest = f"{address.url}&user=guest&password=its%20own"
    assert await prepare_external(guest, passwords, today=TODAY) == address


@pytest.mark.slow
async def test_a_user_who_may_not_create_roles_is_told_so(started, external, data):
    guest = external.replace("user=platform", "user=guest")
    with pytest.raises(UnsuitableDatabaseError, match="user guest must be able to create roles"):
        await prepare_external(guest, load_passwords(data), today=TODAY)


@pytest.mark.slow
async def test_a_user_who_does_not_own_the_database_is_told_so(started, external, data):
    async with session(started.address("postgres"), started.superuser()) as superuser:
        await superuser.execute('alter database "plat form" owner to postgres')
    with pytest.raises(UnsuitableDatabaseError, match=r"own the database|does not own"):
        await prepare_external(external, load_passwords(data), today=TODAY)


@pytest.mark.slow
async def test_a_database_that_cannot_hold_every_letter_is_refused(started, external, data):
    async with session(started.address("postgres"), started.superuser()) as superuser:
        await superuser.execute(
            "create database narrow owner platform encoding 'LATIN1' locale 'C' template template0"
        )
    url = external.replace("plat%20form", "narrow")
    with pytest.raises(UnsuitableDatabaseError, match="encoding of the database is LATIN1"):
        await prepare_external(url, load_passwords(data), today=TODAY)


@pytest.mark.parametrize(
    ("url", "address", "user", "password"),
    [
        ("postgres://u:p@h:6000/d", "postgresql://h:6000/d", "u", "p"),
        ("postgresql://u@h/d", "postgresql://h/d", "u", None),
        (
            "postgresql://u%40x:p%2F@h/d?sslmode=require",
            "postgresql://h/d?sslmode=require",
            "u@x",
            "p/",
        ),
        ("postgresql://u:p@h1:1,h2:2/d", "postgresql://h1:1,h2:2/d", "u", "p"),
        ("postgresql:///d?host=%2Fs&user=u&password=p", "postgresql:///d?host=%2Fs", "u", "p"),
    ],
)
def test_a_url_is_taken_apart_into_a_place_and_a_login(url, address, user, password):
    there, login = read_url(url)
    assert (there.url, login.user, login.password) == (address, user, password)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/d",
        "postgresql://u:secret@h/",
        "postgresql://:secret@h/d",
        "postgresql://u:secret@/d",
        "secret",
    ],
)
def test_what_is_no_url_is_refused_and_not_repeated(url):
    with pytest.raises(DatabaseUrlError) as caught:
        read_url(url)
    assert "secret" not in str(caught.value)


def test_passwords_are_made_once_and_for_their_owner_only(tmp_path: Path):
    path = tmp_path / "secrets" / "database.json"
    first = keep_passwords(path, ["a", "b"])
    again = keep_passwords(path, ["a", "b", "c"])
    assert [first.login(user) for user in "ab"] == [again.login(user) for user in "ab"]
    assert len({again.login(user).password for user in "abc"}) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert again.login("a").password not in repr(again) + repr(again.login("a"))


async def test_passwords_made_at_once_are_the_same(tmp_path: Path):
    path = tmp_path / "secrets" / "database.json"
    made = await asyncio.gather(*(asyncio.to_thread(keep_passwords, path, ["a"]) for _ in range(8)))
    assert len({passwords.login("a") for passwords in made}) == 1


def test_a_file_of_passwords_that_others_may_read_is_refused(tmp_path: Path):
    load_passwords(tmp_path)
    password_file(tmp_path).chmod(0o640)
    with pytest.raises(PasswordsExposedError, match="chmod 600"):
        load_passwords(tmp_path)


@pytest.mark.slow
async def test_an_unknown_password_opens_nothing(data, started):
    address = await prepare_embedded(started, load_passwords(data), today=TODAY)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address.url, user=Role.VAULT.value, password=secrets.token_hex())
