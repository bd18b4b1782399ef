"""Walls around the reporter's mark: what is new has to be allowed here, with the reason why.

A column, a message or a right that is not on these lists fails: whoever adds one says in a line why
nobody can learn from it who reported, or when. Answers of the API have a wall of their own
(tests/web/test_answer_walls.py).
"""

import re
from dataclasses import fields
from inspect import signature
from typing import get_args

import pytest

from underseal.core import message
from underseal.core.message import Message
from underseal.jobs.worker import Worker
from underseal.store.connection import session
from underseal.store.roles import Role

WHY = {
    "random": "an id that we draw at random",
    "names": "names a subject, a version, a decision, a statement or a case; never a reporter",
    "staff": "names who works for the platform",
    "ours": "a word, a number or a flag of our own lists",
    "sums": "adds up over many, or counts what machines, moderators or viewers do",
    "day": "a day: nobody reports alone on a day",
    "tick": "a tick, the same for all that happens in it",
    "acts": "when the platform, a machine or a moderator acted; no report makes any of them act",
    "said": "what the platform says of its subjects, or a creator or moderator writes",
    "hash": "a hash of what no reporter has given",
    "chosen": "what a reporter chose from our lists",
    "law": "which law a notice alleges, in the reporter's words: moderators and the law need it",
    "pseudonym": "a hash under a key outside the database, destroyed with its year",
    "tag": "a hash under a key outside the database, unlinkable between subjects",
    "sealed": "encrypted under a key outside the database",
    "brief": "a time that is gone once the assessment is made, or is of thousands of reports",
}

COLUMNS = """
underseal.api_keys: key_id text random, principal_id uuid staff, secret_sha256 digest hash, scopes text[] ours, ticket_secret bytea sealed, added_on date day, revoked_on date day
underseal.appeals: appeal_id uuid random, statement_id uuid names, decision_id uuid names, creator_id uuid names, grounds text said, lodged_at timestamptz acts
underseal.assessments: subject_id uuid names, round integer ours, guideline text ours, log_odds float8 sums, machine float8 sums, terms jsonb sums, assessed_on date day
underseal.audiences: subject_id uuid names, organic bigint sums, qualifying bigint sums, last_tick timestamptz tick, last_organic integer sums, window_number integer sums, window_opened_at timestamptz tick, window_viewers integer sums, scanned_organic bigint sums
underseal.cases: case_id uuid random, subject_id uuid names, round integer ours, version integer names, kind text ours, state text ours, lane text ours, rate float8 sums, due_at timestamptz day, duty_from timestamptz day, is_duty boolean ours, because text ours, guideline text ours, views_per_hour float8 sums, reviews uuid names, opened_on date day, leased_by uuid staff, leased_until timestamptz acts, not_for uuid[] staff, closed_at timestamptz acts, for_leads boolean ours, escalated_by uuid staff, escalation text said, first_leased_until timestamptz acts
underseal.chain_heads: subject_id uuid names, seq integer sums, hash digest hash, checkpointed_seq integer sums
underseal.checkpoint_heads: number integer ours, subject_id uuid names, seq integer sums, hash digest hash
underseal.checkpoints: number integer ours, root digest hash, prev_hash digest hash, hash digest hash, heads integer sums, made_at timestamptz acts
underseal.commitments: subject_id uuid names, round integer ours, reports integer sums, root digest hash, wanted bigint sums, closed boolean ours
underseal.complaints: subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, heard_in integer ours, complained_on date day
underseal.creator_appeals: appeal_id uuid random, statement_id uuid names, creator_id uuid names, lodged_at timestamptz acts, state text ours, reasons text said, decided_at timestamptz tick
underseal.creator_statements: statement_id uuid random, creator_id uuid names, decision_id uuid names, body jsonb ours, disclosed_at timestamptz tick, appeal_until timestamptz tick, expires_at timestamptz tick
underseal.creator_strikes: creator_id uuid names, guideline text ours, weight integer ours, issued_on date day, expires_on date day, is_voided boolean ours
underseal.credits: decision_id uuid names, pseudonym digest pseudonym, guideline text chosen, topic text ours, finding text ours, right_weight float8 ours, wrong_weight float8 ours, resolved smallint ours, takes_back boolean ours, credited_on date day
underseal.decisions: decision_id uuid random, subject_id uuid names, round integer ours, version integer names, kind text ours, outcome text ours, guideline text ours, guidelines_version text ours, finding text ours, automation text ours, decided_by uuid staff, reviews uuid names, first_decider uuid staff, reasons text said, decided_at timestamptz acts
underseal.deliveries: message_id uuid names, endpoint_id uuid names, state text ours, attempts integer sums, next_at timestamptz acts, lease_until timestamptz acts, last_status integer said
underseal.delivery_counts: state text ours, is_tried boolean ours, deliveries bigint sums
underseal.disclosures: statement_id uuid names, effect_id uuid names, disclosed_at timestamptz tick, appeal_until timestamptz tick
underseal.drafts: draft_id uuid random, case_id uuid names, outcome text ours, guideline text ours, finding text ours, observed integer[] ours, moments integer[] said, reasons text said, made_by uuid staff, made_at timestamptz acts, final_at timestamptz acts, bulk_id uuid random, needs_second boolean ours, confirmed_by uuid staff, state text ours, word text said, is_read boolean ours, failures integer sums, ended_at timestamptz acts
underseal.effects: effect_id uuid random, subject_id uuid names, round integer ours, cause text ours, level visibility_level ours, age_restricted boolean ours, labelled boolean ours, interaction_limited boolean ours, geo_blocked text[] ours, guideline text ours, disclosure text ours, from_window integer sums, decision_id uuid names, statement_id uuid names, hold_hours integer ours, state text ours, intended_on date day, disclosed_at timestamptz tick, expires_at timestamptz tick
underseal.events: subject_id uuid names, seq integer sums, kind text ours, body bytea ours, prev_hash digest hash, hash digest hash
underseal.findings: subject_id uuid names, version integer names, guideline text ours, outcome text ours, decision_id uuid names, decided_at timestamptz acts
underseal.frame_hashes: subject_id uuid names, version integer names, at_ms integer ours, hash digest hash, quality smallint ours
underseal.guideline_versions: version text ours, body text ours, sha256 digest hash, added_on date day
underseal.idempotent_answers: key_id text names, idempotency_key text tag, fingerprint digest tag, status smallint ours, body bytea sealed, started_at timestamptz acts
underseal.incidents: incident_id uuid random, kind text ours, subject_id uuid names, detail text ours, raised_at timestamptz acts, closed_at timestamptz acts, closed_by uuid staff, closed_with text said
underseal.invitations: principal_id uuid staff, token_sha256 digest hash, invited_at timestamptz acts
underseal.known_content: item_id uuid random, list_name text ours, guideline text ours, verified boolean ours, hashes bytea hash, source_decision uuid names, added_on date day, retired_on date day, confirmed_by uuid staff, retired_by uuid staff
underseal.latest_ticks: tick timestamptz tick, done_at timestamptz acts
underseal.media: subject_id uuid names, version integer names, location text random, sha256 digest hash, size_bytes bigint said, wrapped_key bytea sealed, frozen_at timestamptz acts
underseal.messages: message_id uuid random, type text ours, body bytea ours, made_at timestamptz acts
underseal.pending_assessments: subject_id uuid names, wanted bigint sums, done bigint sums, failures integer sums, not_before timestamptz brief
underseal.own_accounts: own_account_id uuid random, principal_id uuid staff, account bytea sealed, declared_on date day
underseal.people: principal_id uuid staff, user_name text staff, password_hash text hash, totp_secret bytea sealed, totp_step bigint acts
underseal.people_events: event_id uuid random, principal_id uuid staff, acted_by uuid staff, kind text ours, role text ours, happened_at timestamptz acts
underseal.preferences: principal_id uuid staff, blur boolean ours, greyscale boolean ours, mute boolean ours
underseal.principals: principal_id uuid random, name text staff, kind text ours, role text ours, added_on date day, withdrawn_on date day
underseal.questions: question_id uuid random, case_id uuid names, asked_by uuid staff, asked_at timestamptz acts, to_person uuid staff, to_role text ours, body text said, answer text said, answered_by uuid staff, answered_at timestamptz acts
underseal.receipt_states: subject_id uuid names, round integer ours, state text ours, changed_at timestamptz tick
underseal.recovery_codes: principal_id uuid staff, code_sha256 digest hash
underseal.report_supplements: subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, content digest tag, added_on date day, moments integer[] chosen, note bytea sealed
underseal.reports: subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, pseudonym digest pseudonym, taxonomy text ours, reported_on date day, moments integer[] chosen, note bytea sealed, content digest tag, is_notice boolean chosen, law text law, may_be_guessed boolean chosen, after_outcome boolean ours, receipt digest tag, sealed digest tag
underseal.scans: subject_id uuid names, version integer names, run integer sums, cause text ours, state text ours, attempts integer sums, lease_until timestamptz acts, wanted_at timestamptz acts, ended_at timestamptz acts, failure text ours, scanner_version text ours
underseal.schema_migrations: number integer ours, name text ours, sha256 bytea hash, applied_on date day
underseal.sessions: token_sha256 digest hash, principal_id uuid staff, opened_at timestamptz acts, used_at timestamptz acts
underseal.sign_in_steps: token_sha256 digest hash, principal_id uuid staff, began_at timestamptz acts
underseal.sign_in_tries: user_name_sha256 digest hash, failures integer sums, tried_at timestamptz acts
underseal.signals: subject_id uuid names, version integer names, run integer sums, ordinal integer ours, detector text ours, detector_version text ours, modality text ours, guideline text ours, score real ours, weight float8 ours, verified boolean ours, start_ms integer ours, end_ms integer ours, detail text said
underseal.statements: statement_id uuid random, subject_id uuid names, creator_id uuid names, decision_id uuid names, body jsonb ours
underseal.stays: case_id uuid names, principal_id uuid staff, times integer sums
underseal.strikes: decision_id uuid names, creator_id uuid names, guideline text ours, weight integer ours, issued_on date day, expires_on date day, voided_by uuid names
underseal.strips: subject_id uuid names, version integer names, location text random, sha256 digest hash, size_bytes bigint ours, wrapped_key bytea sealed, frames_ms integer[] ours
underseal.subjects: subject_id uuid names, kind text ours, external_id text said, creator_id uuid names, version integer names, round integer ours, outcome_visible boolean ours
underseal.ticks: tick timestamptz tick, done_at timestamptz acts
underseal.timed_texts: subject_id uuid names, version integer names, source text ours, run integer sums, starts_ms integer[] said, ends_ms integer[] said, lines text[] said
underseal.track_records: pseudonym digest pseudonym, topic text ours, right_weight float8 sums, wrong_weight float8 sums, resolved integer sums, as_of date day
underseal.transparency_months: month date day, body jsonb sums
underseal.unsealings: request_id uuid random, subject_id uuid names, round integer ours, pseudonym digest pseudonym, reason text said, requested_by uuid staff, requested_at timestamptz acts, approved_by uuid staff, approved_at timestamptz acts, opened_at timestamptz acts
underseal.versions: subject_id uuid names, version integer names, registered_at timestamptz acts, caption text said, language text said, has_media boolean ours, media_url text said
underseal.views: subject_id uuid names, tick timestamptz tick, organic integer sums, qualifying integer sums
underseal.visibility: subject_id uuid names, kind text ours, external_id text said, basis text ours, level visibility_level ours, age_restricted boolean ours, labelled boolean ours, interaction_limited boolean ours, geo_blocked text[] ours, statement_id uuid names, expires_at timestamptz tick, changed_at timestamptz tick, revision integer sums
underseal.visibility_changes: change_id bigint sums, subject_id uuid names, kind text ours, external_id text said, level visibility_level ours, age_restricted boolean ours, labelled boolean ours, interaction_limited boolean ours, geo_blocked text[] ours, statement_id uuid names, expires_at timestamptz tick, changed_at timestamptz tick
underseal.webhook_endpoints: endpoint_id uuid random, url text said, secret bytea sealed, types text[] ours, added_on date day, disabled_at timestamptz acts
vault.note_keys: subject_id uuid names, wrapped bytea sealed
vault.pseudonym_links: pseudonym digest pseudonym, previous digest pseudonym
vault.sealed_identities: pseudonym digest pseudonym, year smallint day, sealed bytea sealed, sealed_on date day, erase_on date day
"""

LINEAGE = frozenset({
    "underseal.reports", "underseal.report_supplements", "underseal.complaints", "underseal.assessments",
    "underseal.commitments", "underseal.credits", "underseal.track_records",
    "vault.sealed_identities", "vault.pseudonym_links", "vault.note_keys",
})  # fmt: skip
"""What a report leaves behind before anybody has acted on it."""

READ = {
    Role.INTAKE: "api_keys guideline_versions principals",
    Role.CREATOR: "creator_appeals creator_statements creator_strikes visibility visibility_changes",
    Role.RETENTION: "",
    Role.VAULT: "vault.sealed_identities",
    Role.CONSOLE: "api_keys appeals assessments audiences cases chain_heads checkpoint_heads checkpoints commitments "
    "decisions delivery_counts disclosures effects events guideline_versions incidents known_content latest_ticks media "
    "principals report_supplements reports scans signals statements strikes subjects track_records "
    "complaints people recovery_codes invitations sign_in_steps sign_in_tries preferences "
    "people_events sessions transparency_months versions visibility vault.note_keys "
    "vault.pseudonym_links stays strips timed_texts drafts questions own_accounts",
}
"""What each role reads. The core reads everything but identities and how people sign in."""

SIGNING_IN = {
    *("sessions", "stays", "people", "recovery_codes", "invitations", "sign_in_steps"),
    *("sign_in_tries", "preferences", "people_events"),
}
"""Tables that the console alone works with: they say how moderators sign in."""

ADD = {
    Role.CREATOR: "appeals",
    Role.CONSOLE: "sessions stays drafts questions own_accounts principals people recovery_codes invitations "
    "sign_in_steps sign_in_tries preferences people_events",
    Role.CORE: "api_keys appeals assessments audiences cases chain_heads checkpoint_heads checkpoints "
    "commitments credits decisions deliveries disclosures effects events frame_hashes "
    "guideline_versions idempotent_answers incidents known_content media messages "
    "pending_assessments principals receipt_states scans signals statements strikes subjects ticks "
    "track_records unsealings versions views visibility visibility_changes webhook_endpoints "
    "complaints transparency_months strips timed_texts",
}
CHANGE = {
    Role.CONSOLE: "sessions stays drafts questions people recovery_codes invitations sign_in_steps "
    "sign_in_tries preferences",
    Role.CORE: "api_keys assessments audiences cases chain_heads commitments deliveries drafts effects "
    "idempotent_answers incidents known_content pending_assessments principals receipt_states scans "
    "strikes subjects track_records unsealings visibility webhook_endpoints",
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
}
ONLY_BY_RIGHT = {"frame_hashes", "ticks", "versions"}
"""What no role may change, but the owner could: nothing is decided by how they were before."""

CALL = {
    Role.INTAKE: "add_supplements file_reports look_up_receipt open_rounds",
    Role.CORE: "add_supplements want_assessments",
    Role.RETENTION: "destroy_note_key erase_identities schedule_erasure",
}

MESSAGES = {
    "VisibilityChanged": "subject visibility revision",
    "StatementIssued": "subject statement_id kind",
    "AppealDecided": "subject appeal_id statement_id is_granted",
    "SubjectCleared": "subject version",
    "IncidentRaised": "subject kind",
}


@pytest.fixture
async def owner(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as conn:
        yield conn


def allowed_columns() -> dict[str, dict[str, tuple[str, str]]]:
    tables = {}
    for line in COLUMNS.strip().splitlines():
        table, columns = line.split(": ")
        tables[table] = {
            name: (type_, why)
            for name, type_, why in (each.split() for each in columns.split(", "))
        }
    return tables


async def stored_columns(conn) -> dict[str, dict[str, str]]:
    rows = await conn.fetch(
        "select n.nspname || '.' || c.relname as place, a.attname, "
        "regexp_replace(format_type(a.atttypid, a.atttypmod), '^underseal\\.', '') as type "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = c.oid where a.attnum > 0 and not a.attisdropped "
        "and c.relkind in ('r', 'v', 'm', 'p', 'f') "
        "and n.nspname !~ '^(pg_|information_schema)' order by 1, a.attnum"
    )
    short = {"timestamp with time zone": "timestamptz", "double precision": "float8"}
    tables: dict[str, dict[str, str]] = {}
    for row in rows:
        type_ = short.get(row["type"], row["type"])
        tables.setdefault(row["place"], {})[row["attname"]] = type_
    return tables


async def test_every_column_is_allowed_by_name_and_type(owner):
    allowed = {
        table: {name: type_ for name, (type_, _) in columns.items()}
        for table, columns in allowed_columns().items()
    }
    assert await stored_columns(owner) == allowed


def test_every_column_has_a_reason():
    reasons = {why for columns in allowed_columns().values() for _, why in columns.values()}
    assert reasons == set(WHY)


async def test_no_column_that_a_report_leaves_behind_tells_a_time_or_an_order(owner):
    columns = await stored_columns(owner)
    assert set(columns) >= LINEAGE
    for table in LINEAGE:
        for name, type_ in columns[table].items():
            assert not re.search("time|interval", type_), (table, name)
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
    assert {(row["who"], row["relname"]): row["names"] for row in rows} == CHANGE_COLUMNS
    assert {row["privilege_type"] for row in rows} == {"UPDATE"}


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


def test_every_field_of_every_message_is_allowed():
    kinds = {
        each.__name__: " ".join(field.name for field in fields(each)) for each in get_args(Message)
    }
    assert kinds == MESSAGES
    assert set(kinds) == {
        name
        for name, each in vars(message).items()
        if isinstance(each, type)
        and hasattr(each, "__dataclass_fields__")
        and each.__module__ == message.__name__
    }


def test_no_job_is_told_anything():
    """What is to be done stands in tables, whose columns are on the list above."""
    jobs = [
        name
        for name, each in vars(Worker).items()
        if callable(each) and not name.startswith("__") and name != "run"
    ]
    assert len(jobs) >= 6
    for name in jobs:
        arguments = set(signature(getattr(Worker, name)).parameters) - {"self", "began_at"}
        assert arguments == set(), name
