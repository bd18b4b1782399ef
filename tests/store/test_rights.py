"""What each role of the database may do: its rights and the triggers, one table after the other."""

import asyncpg
import pytest

from underseal.store.connection import session
from underseal.store.roles import Role

APPEND_ONLY = frozenset({
    "appeals", "breaks", "calibrations", "carried_records", "checkpoint_heads", "checkpoints", "complaints", "credits", "decisions",
    "disclosures", "events", "guideline_versions", "inquiry_answers", "media", "messages", "people_events",
    "prevalence_days", "prevalence_draws", "priors", "receipt_spans", "report_supplements", "reports", "signals", "statements", "strips", "timed_texts",
    "transparency_months", "views", "visibility_changes",
})  # fmt: skip

OF_CREATORS = frozenset({
    "creator_appeals", "creator_statements", "creator_strikes", "visibility", "visibility_changes",
})  # fmt: skip

SERVING = [role for role in Role if role is not Role.OWNER]


@pytest.fixture
async def owner(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


@pytest.fixture
async def superuser(server, address):
    async with session(address, server.embedded.superuser()) as conn:
        yield conn


async def relations(conn, *kinds: str) -> list[str]:
    rows = await conn.fetch(
        "select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n "
        "on n.oid = c.relnamespace where n.nspname in ('underseal', 'vault') "
        "and c.relkind::text = any ($1) order by 1",
        list(kinds),
    )
    return [row["name"] for row in rows]


async def is_refused(database, role: Role, statement: str) -> bool:
    try:
        async with database.transaction(role) as conn:
            await conn.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


async def test_a_creator_can_read_what_was_disclosed_and_nothing_else(database, owner):
    readable = {
        name
        for name in await relations(owner, "r", "v", "S")
        if not await is_refused(database, Role.CREATOR, f"select from {name}")
    }
    assert readable == {f"underseal.{name}" for name in OF_CREATORS}


async def test_a_creator_can_write_nothing_but_an_appeal(database, owner):
    for name in await relations(owner, "r"):
        for statement in (f"delete from {name}", f"truncate {name}"):
            assert await is_refused(database, Role.CREATOR, statement), statement
    rights = await owner.fetch(
        "select table_name, privilege_type from information_schema.role_table_grants "
        "where grantee = $1 and privilege_type <> 'SELECT'",
        Role.CREATOR,
    )
    assert [tuple(row) for row in rights] == [("appeals", "INSERT")]


async def test_a_creator_can_call_no_function_of_ours(database, owner):
    callable_ = await owner.fetch(
        "select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n "
        "on n.oid = p.pronamespace where n.nspname in ('underseal', 'vault') "
        "and has_function_privilege($1, p.oid, 'execute')",
        Role.CREATOR,
    )
    assert callable_ == []


@pytest.mark.parametrize("role", SERVING)
async def test_no_serving_role_changes_removes_or_empties_history(database, owner, role):
    for name in sorted(APPEND_ONLY):
        for statement in await changes_of(owner, name):
            assert await is_refused(database, role, statement), (role, statement)


async def test_not_even_the_owner_changes_removes_or_empties_history(owner, superuser):
    for name in sorted(APPEND_ONLY):
        async with superuser.transaction():
            await superuser.execute("set local session_replication_role = replica")
            await insert_anything(superuser, name)
        for statement in await changes_of(owner, name):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
                await owner.execute(statement)
        assert await owner.fetchval(f"select count(*) from {name}") == 1


async def changes_of(conn, table: str) -> tuple[str, str, str]:
    """The three ways to change what a table holds."""
    column = await conn.fetchval(
        "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 "
        "and attidentity = '' order by attnum limit 1",
        f"underseal.{table}",
    )
    return (
        f"update underseal.{table} set {column} = {column}",
        f"delete from underseal.{table}",
        f"truncate underseal.{table} cascade",
    )


async def insert_anything(conn, table: str) -> None:
    """Insert a row without regard to what it refers to; triggers are off."""
    values = {
        "uuid": "gen_random_uuid()",
        "integer": "1",
        "smallint": "1",
        "bigint": "1",
        "boolean": "false",
        "date": "'2026-11-22'",
        "quarter": "'2026-10-01'",
        "timestamp with time zone": "'2026-11-22 12:00Z'",
        "bytea": "decode(repeat('00', 32), 'hex')",
        "digest": "decode(repeat('00', 32), 'hex')",
        "visibility_level": "'public'",
        "real": "0.5",
        "double precision": "0.5",
        "jsonb": "'{}'",
        "text[]": "'{}'",
        "uuid[]": "'{}'",
        "integer[]": "'{}'",
        "text": "'x'",
    }
    known = {
        "kind": {"people_events": "'invited'", "breaks": "'detector'"}.get(table, "'review'"),
        "role": "'moderator'",
        "month": "'2026-11-01'",
        "heard_in": "2",
        "round": "2" if table == "receipt_spans" else "1",
        "outcome": "'no_violation'",
        "finding": "'no_violation'",
        "automation": "'not_automated'",
        "guideline": "null" if table == "decisions" else "'x'",
        "reviews": "null",
        "first_deciders": "null",
        "confirmed_by": "null",
        "modality": "'text'",
        "start_ms": "null",
        "end_ms": "null",
        "law": "null",
        "frames_ms": "'{0}'",
        "source": "'file'",
        "starts_ms": "'{0}'",
        "ends_ms": "'{0}'",
        "lines": "'{x}'",
    }
    columns = await conn.fetch(
        "select attname, format_type(atttypid, atttypmod) as type from pg_attribute "
        "where attrelid = $1::text::regclass and attnum > 0 and not attisdropped "
        "and attidentity = '' and attgenerated = ''",
        table,
    )
    names = [row["attname"] for row in columns]
    given = [known.get(row["attname"], values[row["type"].split(".")[-1]]) for row in columns]
    await conn.execute(f"insert into {table} ({', '.join(names)}) values ({', '.join(given)})")


async def test_every_table_that_only_grows_is_among_those_that_are_tested(owner):
    guarded = await owner.fetch(
        "select distinct tgrelid::regclass::text as name from pg_trigger where tgname like 'refuse_%'"
    )
    assert {row["name"] for row in guarded} == APPEND_ONLY
    for name in APPEND_ONLY:
        count = await owner.fetchval(
            "select count(*) from pg_trigger where tgrelid = $1::text::regclass and tgname like 'refuse_%'",
            name,
        )
        assert count == 2, name


@pytest.mark.parametrize(
    ("role", "tables"),
    [
        (Role.INTAKE, {"reports", "report_supplements", "vault.sealed_identities"}),
        (Role.CORE, {"vault.sealed_identities"}),
        (Role.CONSOLE, {"vault.sealed_identities"}),
        (Role.VAULT, {"reports", "report_supplements", "vault.note_keys", "vault.pseudonym_links"}),
        (Role.RETENTION, {"reports", "vault.sealed_identities", "vault.note_keys"}),
        (Role.BACKTEST, {"report_supplements", "vault.sealed_identities", "vault.note_keys"}),
    ],
)
async def test_no_role_reads_both_who_somebody_is_and_what_they_reported(database, role, tables):
    for name in tables:
        place = name if "." in name else f"underseal.{name}"
        assert await is_refused(database, role, f"select from {place}"), (role, name)


async def test_a_backtest_can_write_nothing_and_call_nothing(database, owner):
    for name in await relations(owner, "r"):
        for statement in (
            f"delete from {name}",
            f"truncate {name}",
            f"insert into {name} default values",
        ):
            assert await is_refused(database, Role.BACKTEST, statement), statement
    granted = await owner.fetch(
        "select table_name, privilege_type from information_schema.role_table_grants "
        "where grantee = $1 and privilege_type <> 'SELECT'",
        Role.BACKTEST,
    )
    assert granted == []
    callable_ = await owner.fetch(
        "select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n "
        "on n.oid = p.pronamespace where n.nspname in ('underseal', 'vault') "
        "and has_function_privilege($1, p.oid, 'execute')",
        Role.BACKTEST,
    )
    assert callable_ == []


async def test_a_backtest_reads_of_reports_what_is_weighed_and_no_words_and_no_receipts(database):
    for column in ("note", "law", "moments", "content", "receipt", "earlier_receipt", "sealed"):
        assert await is_refused(database, Role.BACKTEST, f"select {column} from reports"), column


async def test_moderators_have_no_way_to_how_often_somebody_was_right(database):
    for table in ("track_records", "carried_records", "credits", "vault.pseudonym_links"):
        assert await is_refused(database, Role.CONSOLE, f"select from {table}"), table


async def test_moderators_take_cases_and_change_nothing_else_of_them(database):
    for column in ("rate", "due_at", "kind", "round", "subject_id", "closed_at", "reviews"):
        statement = f"update cases set {column} = {column}"
        assert await is_refused(database, Role.CONSOLE, statement), column
    for name in ("decisions", "events", "effects", "strikes"):
        statement = f"insert into {name} default values"
        assert await is_refused(database, Role.CONSOLE, statement), name
