"""Walls around the reporter's mark in the database: who may do what with which table.

A right that is not on these lists fails. Columns, and whatever leaves, are listed for themselves:
tests/privacy/test_everything_listed.py.
"""

import re

import pytest
from columns import LINEAGE, allowed_columns, stored_columns

from underseal.store.connection import session
from underseal.store.roles import Role

READ = {
    Role.INTAKE: "api_keys guideline_versions principals",
    Role.CREATOR: "creator_appeals creator_statements creator_strikes visibility visibility_changes",
    Role.RETENTION: "",
    Role.VAULT: "vault.sealed_identities",
    Role.BACKTEST: "audiences cases credits decisions effects findings prevalence_days prevalence_draws priors reach_outlook "
    "scans signals standing_decisions strikes subjects track_records vault.pseudonym_links versions views visibility",
    Role.CONSOLE: "api_keys appeals assessments audiences cases chain_heads checkpoint_heads checkpoints commitments "
    "decisions delivery_counts disclosures effects events guideline_versions incidents known_content latest_ticks media "
    "principals report_counts report_supplements reports scans signals statements strikes subjects "
    "complaints people recovery_codes invitations sign_in_steps sign_in_tries preferences "
    "people_events sessions transparency_months versions visibility vault.note_keys "
    "stays strips timed_texts drafts charges questions own_accounts inquiries told_answers "
    "prevalence_days prevalence_draws standing_decisions breaks calibrations",
}
"""What each role reads. The core reads everything but identities and how people sign in."""

SIGNING_IN = {
    *("sessions", "stays", "people", "recovery_codes", "invitations", "sign_in_steps"),
    *("sign_in_tries", "preferences", "people_events"),
}
"""Tables that the console alone works with: they say how moderators sign in."""

ADD = {
    Role.CREATOR: "appeals",
    Role.CONSOLE: "sessions stays drafts questions inquiries own_accounts principals people recovery_codes invitations "
    "sign_in_steps sign_in_tries preferences people_events",
    Role.CORE: "api_keys appeals assessments audiences cases chain_heads checkpoint_heads checkpoints "
    "commitments credits decisions deliveries disclosures effects events frame_hashes "
    "guideline_versions idempotent_answers incidents known_content media messages "
    "pending_assessments principals reach_outlook receipt_spans receipt_states scans signals statements strikes subjects ticks "
    "track_records unsealings versions views visibility visibility_changes webhook_endpoints "
    "complaints transparency_months strips timed_texts inquiry_answers prevalence_days prevalence_draws priors "
    "breaks calibrations charges touches",
}
CHANGE = {
    Role.CONSOLE: "sessions stays drafts questions people recovery_codes invitations sign_in_steps "
    "sign_in_tries preferences",
    Role.CORE: "api_keys assessments audiences cases chain_heads charges commitments deliveries drafts effects "
    "idempotent_answers incidents known_content pending_assessments principals reach_outlook receipt_states "
    "scans strikes subjects touches track_records unsealings visibility webhook_endpoints",
}
REMOVE = {
    Role.CORE: "idempotent_answers",
    Role.CONSOLE: "sessions own_accounts people recovery_codes invitations sign_in_steps sign_in_tries "
    "preferences",
}
CHANGE_COLUMNS = {
    (
        Role.CONSOLE,
        "cases",
    ): "escalated_by escalation for_leads is_duty leased_by leased_until not_for state",
    (Role.CONSOLE, "principals"): "role withdrawn_on",
    (Role.CORE, "inquiries"): "is_answered",
}
READ_COLUMNS = {
    (
        Role.BACKTEST,
        "reports",
    ): "after_outcome by_trusted_flagger guideline is_notice may_be_guessed pseudonym reported_in round subject_id tag",
}
ONLY_BY_RIGHT = {"frame_hashes", "ticks", "versions"}
"""What no role may change, but the owner could: nothing is decided by how they were before."""

CALL = {
    Role.INTAKE: "add_supplements file_reports look_up_receipt open_rounds",
    Role.CORE: "add_supplements is_withheld living_records receipt_round_on reports_of_receipt want_assessments",
    Role.RETENTION: "destroy_note_key end_links erase_identities erase_year links_to_end schedule_erasure year_needed",
}


@pytest.fixture
async def owner(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


async def test_no_column_that_a_report_leaves_behind_tells_a_time_or_an_order(owner):
    columns = await stored_columns(owner)
    assert set(columns) >= LINEAGE
    for table in LINEAGE:
        for name, type_ in columns[table].items():
            assert not re.search("time|interval", type_), (table, name)
            why = allowed_columns()[table][name][1]
            assert type_ != "date" or why in {"decided", "forgotten", "month"}, (table, name)
    counted = await owner.fetch(
        "select attrelid::regclass::text as place from pg_attribute where attidentity <> ''"
    )
    assert [row["place"] for row in counted] == ["visibility_changes"]
    defaults = await owner.fetch(
        "select c.oid::regclass::text as place, pg_get_expr(d.adbin, d.adrelid) as value "
        "from pg_attrdef d join pg_class c on c.oid = d.adrelid"
    )
    assert not [row["place"] for row in defaults if re.search("now|time|nextval", row["value"])]


async def test_only_what_is_allowed_holds_text_that_a_reporter_has_written(owner):
    words = {
        f"{table}.{name}"
        for table, columns in allowed_columns().items()
        for name, (_, why) in columns.items()
        if why == "law"
    }
    assert words == {"underseal.reports.law"}


async def rights(conn, privilege: str) -> dict[str, set[str]]:
    """Who may do something with which tables, by grant, by membership or by owning them."""
    rows = await conn.fetch(
        "select r.rolname, case n.nspname when 'underseal' then c.relname "
        "else n.nspname || '.' || c.relname end as place "
        "from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where r.rolname = any ($1) and n.nspname in ('underseal', 'vault') "
        "and c.relkind in ('r', 'v', 'm', 'S') and has_table_privilege(r.oid, c.oid, $2)",
        [role for role in Role if role is not Role.OWNER],
        privilege,
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["rolname"], set()).add(row["place"])
    return found


def listed(allowed: dict[Role, str]) -> dict[str, set[str]]:
    return {role: set(names.split()) for role, names in allowed.items() if names}


async def test_each_role_reads_what_it_is_allowed_to_and_nothing_else(owner):
    found = await rights(owner, "select")
    everything = {
        name.removeprefix("underseal.")
        for name in await stored_columns(owner)
        if name != "vault.sealed_identities"
    }
    assert found.pop(Role.CORE) == everything - SIGNING_IN
    assert found == listed(READ)


@pytest.mark.parametrize(
    ("privilege", "allowed"),
    [
        ("insert", ADD),
        ("update", CHANGE),
        ("delete", REMOVE),
        ("truncate", {}),
        ("references", {}),
        ("trigger", {}),
    ],
)
async def test_each_role_writes_what_it_is_allowed_to_and_nothing_else(owner, privilege, allowed):
    assert await rights(owner, privilege) == listed(allowed)


async def test_no_role_has_a_right_on_single_columns_but_those_allowed(owner):
    rows = await owner.fetch(
        "select g.grantee::regrole::text as who, c.relname, g.privilege_type, "
        "string_agg(a.attname, ' ' order by a.attname) as names "
        "from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g "
        "where c.relnamespace::regnamespace::text in ('underseal', 'vault') group by 1, 2, 3"
    )
    found = {
        privilege: {
            (row["who"], row["relname"]): row["names"]
            for row in rows
            if row["privilege_type"] == privilege
        }
        for privilege in {row["privilege_type"] for row in rows}
    }
    assert found == {"UPDATE": CHANGE_COLUMNS, "SELECT": READ_COLUMNS}


async def test_each_role_calls_the_functions_it_is_allowed_to_and_nothing_else(owner):
    rows = await owner.fetch(
        "select r.rolname, p.proname from pg_roles r, pg_proc p "
        "where r.rolname = any ($1) and p.pronamespace::regnamespace::text in ('underseal', 'vault') "
        "and has_function_privilege(r.oid, p.oid, 'execute')",
        [role for role in Role if role is not Role.OWNER],
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["rolname"], set()).add(row["proname"])
    assert found == listed(CALL)


async def test_no_role_is_more_than_it_seems(owner):
    rows = await owner.fetch(
        "select rolname, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication "
        "as is_mighty, exists (select from pg_auth_members m where m.member = r.oid) as is_member "
        "from pg_roles r where rolname = any ($1)",
        list(Role),
    )
    assert {row["rolname"] for row in rows} == set(Role)
    assert not [row["rolname"] for row in rows if row["is_mighty"] or row["is_member"]]
    for role in Role:
        if role is not Role.OWNER:
            for schema in ("underseal", "vault", "public"):
                may = await owner.fetchval(
                    "select has_schema_privilege($1, $2, 'create')", role, schema
                )
                assert not may, (role, schema)


async def test_every_table_that_only_grows_refuses_changes_of_rows_and_of_all(owner):
    rows = await owner.fetch(
        "select tgrelid::regclass::text as place, "
        "bool_or(tgtype & 1 = 1 and tgtype & 8 = 8 and tgtype & 16 = 16) as of_rows, "
        "bool_or(tgtype & 32 = 32) as of_all, bool_and(tgenabled = 'O') as is_on "
        "from pg_trigger where not tgisinternal and tgname like 'refuse%' group by 1"
    )
    assert all(row["of_rows"] and row["of_all"] and row["is_on"] for row in rows)
    guarded = {row["place"] for row in rows}
    added, changed = await rights(owner, "insert"), await rights(owner, "update")
    grows = added[Role.CORE] | {"reports", "report_supplements"}
    assert grows - changed[Role.CORE] - guarded == ONLY_BY_RIGHT
