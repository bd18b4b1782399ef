"""Every column there is, by table: its type, and why nobody can learn from it who reported, or when.

Whoever adds a column adds it here, with one of the reasons or a new one.
"""

WHY = {
    "random": "an id that we draw at random",
    "names": "names a subject, a version, a decision, a statement or a case; never a reporter",
    "staff": "names who works for the platform",
    "ours": "a word, a number or a flag of our own lists",
    "sums": "adds up over many, or counts what machines, moderators or viewers do",
    "day": "a day on which nobody has reported, or a case's: see docs/decisions/0014-dates-of-reports.md",
    "forgotten": "the first day of a quarter, a year after somebody deleted their account",
    "decided": "the day of a decision, or the one after it, or of the end of a year's key, which has its time",
    "block": "the first of the days in which what waits came: gone once somebody is to look",
    "quarter": "the quarter of a report or of what it is weighed by, and nothing finer",
    "year": "a year",
    "month": "a month, of all subjects together",
    "tick": "a tick, the same for all that happens in it",
    "acts": "when the platform, a machine or a moderator acted; no report makes any of them act",
    "said": "what the platform says of its subjects, or a creator or moderator writes",
    "hash": "a hash of what no reporter has given",
    "chosen": "what a reporter chose from our lists",
    "law": "which law a notice alleges, in the reporter's words: moderators and the law need it",
    "flagger": "that a notice is a trusted flagger's: few, on a public list; the law wants it known",
    "pseudonym": "a hash under a key outside the database, destroyed with its year",
    "tag": "a hash under a key outside the database, unlinkable between subjects",
    "sealed": "encrypted under a key outside the database, and not of a reporter",
    "written": "what a reporter writes, encrypted under a key outside the database",
    "identity": "who somebody is, encrypted to a key that no server has",
    "brief": "a time that is gone once the assessment is made, or is of thousands of reports",
}

COLUMNS = """
underseal.api_keys: key_id text random, principal_id uuid staff, secret_sha256 digest hash, scopes text[] ours, ticket_secret bytea sealed, added_on date day, revoked_on date day
underseal.appeals: appeal_id uuid random, statement_id uuid names, decision_id uuid names, creator_id uuid names, grounds text said, lodged_at timestamptz acts
underseal.assessments: subject_id uuid names, round integer ours, guideline text ours, log_odds float8 sums, machine float8 sums, terms jsonb sums, priors_of quarter quarter
underseal.audiences: subject_id uuid names, organic bigint sums, qualifying bigint sums, last_tick timestamptz tick, last_organic integer sums, window_number integer sums, window_opened_at timestamptz tick, window_viewers integer sums, scanned_organic bigint sums
underseal.breaks: incident_id uuid names, kind text ours, name text ours, touched integer sums, uploads integer sums, expected float8 sums
underseal.calibrations: learnt_on date day, detector text ours, detector_version text ours, guideline text ours, base float8 sums, intercept float8 sums, slope float8 sums, most float8 sums, violating integer sums, harmless integer sums, spoken integer sums, calibration_error float8 sums, brier float8 sums, bins jsonb sums, auc float8 sums, auc_low float8 sums, auc_high float8 sums, drift float8 sums
underseal.carried_records: pseudonym digest pseudonym, topic text ours, year smallint year, right_weight float8 ours, wrong_weight float8 ours, resolved integer sums, carried_on date decided
underseal.cases: case_id uuid random, subject_id uuid names, round integer ours, version integer names, kind text ours, state text ours, lane text ours, rate float8 sums, due_at timestamptz day, duty_from timestamptz day, is_duty boolean ours, duty_rank integer ours, because text ours, guideline text ours, views_per_hour float8 sums, reviews uuid names, opened_on date day, leased_by uuid staff, leased_until timestamptz acts, not_for uuid[] staff, closed_at timestamptz acts, for_leads boolean ours, escalated_by uuid staff, escalation text said, first_leased_until timestamptz acts
underseal.chain_heads: subject_id uuid names, seq integer sums, hash digest hash, checkpointed_seq integer sums
underseal.checkpoint_heads: number integer ours, subject_id uuid names, seq integer sums, hash digest hash
underseal.checkpoints: number integer ours, root digest hash, prev_hash digest hash, hash digest hash, heads integer sums, made_at timestamptz acts
underseal.charges: decision_id uuid names, made_by uuid staff, state text ours, second uuid staff, ended_at timestamptz acts
underseal.commitments: subject_id uuid names, round integer ours, reports integer sums, root digest hash, closed boolean ours
underseal.complaints: receipt digest tag, receipt_round integer ours, subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, heard_in integer ours
underseal.creator_appeals: appeal_id uuid random, statement_id uuid names, creator_id uuid names, lodged_at timestamptz acts, state text ours, reasons text said, decided_at timestamptz tick, grounds text said
underseal.creator_statements: statement_id uuid random, creator_id uuid names, decision_id uuid names, body jsonb ours, disclosed_at timestamptz tick, appeal_until timestamptz tick, expires_at timestamptz tick
underseal.creator_strikes: creator_id uuid names, guideline text ours, weight integer ours, issued_on date day, expires_on date day, is_voided boolean ours
underseal.credits: decision_id uuid names, pseudonym digest pseudonym, guideline text chosen, topic text ours, finding text ours, right_weight float8 ours, wrong_weight float8 ours, resolved smallint ours, takes_back boolean ours, credited_on date decided
underseal.decisions: decision_id uuid random, subject_id uuid names, round integer ours, version integer names, kind text ours, outcome text ours, guideline text ours, guidelines_version text ours, finding text ours, automation text ours, decided_by uuid staff, confirmed_by uuid staff, reviews uuid names, first_deciders uuid[] staff, reasons text said, decided_at timestamptz acts, deciders uuid[] staff
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
underseal.inquiries: inquiry_id uuid random, case_id uuid names, subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, asked_by uuid staff, asked_at timestamptz acts, question bytea sealed, is_answered boolean ours
underseal.inquiry_answers: inquiry_id uuid names, answer bytea written
underseal.invitations: principal_id uuid staff, token_sha256 digest hash, invited_at timestamptz acts
underseal.known_content: item_id uuid random, list_name text ours, guideline text ours, verified boolean ours, hashes bytea hash, source_decision uuid names, added_on date day, retired_on date day, confirmed_by uuid staff, retired_by uuid staff
underseal.latest_ticks: tick timestamptz tick, done_at timestamptz acts
underseal.media: subject_id uuid names, version integer names, location text random, sha256 digest hash, size_bytes bigint said, wrapped_key bytea sealed, frozen_at timestamptz acts
underseal.messages: message_id uuid random, type text ours, body bytea ours, made_at timestamptz acts
underseal.pending_assessments: subject_id uuid names, wanted bigint random, done bigint random, failures integer sums, not_before timestamptz brief, waits_from date block
underseal.report_counts: month date month, guideline text ours, shard smallint random, reports bigint sums, flagged bigint sums
underseal.newest_looks: subject_id uuid names, version integer names, run integer sums, ended_at timestamptz acts
underseal.own_accounts: own_account_id uuid random, principal_id uuid staff, account bytea sealed, declared_on date day
underseal.people: principal_id uuid staff, user_name text staff, password_hash text hash, totp_secret bytea sealed, totp_step bigint acts
underseal.people_events: event_id uuid random, principal_id uuid staff, acted_by uuid staff, kind text ours, role text ours, happened_at timestamptz acts
underseal.preferences: principal_id uuid staff, blur boolean ours, greyscale boolean ours, mute boolean ours
underseal.prevalence_days: day date day, views bigint sums, draws integer sums
underseal.prevalence_draws: day date day, subject_id uuid names, version integer names, views bigint sums, probability float8 sums, times integer sums, nats float8 sums, guidelines_version text ours
underseal.priors: learnt_in quarter quarter, topic text ours, precision_permille smallint sums, strength_permille integer sums, reported_permille integer sums, sibling_permille smallint sums
underseal.principals: principal_id uuid random, name text staff, kind text ours, role text ours, added_on date day, withdrawn_on date day
underseal.questions: question_id uuid random, case_id uuid names, asked_by uuid staff, asked_at timestamptz acts, to_person uuid staff, to_role text ours, body text said, answer text said, answered_by uuid staff, answered_at timestamptz acts
underseal.reach_outlook: is_only boolean ours, inputs float8[] sums, outputs float8[] sums, learnt_until timestamptz tick
underseal.receipt_spans: subject_id uuid names, round integer ours, receipt_round integer ours
underseal.receipt_states: subject_id uuid names, round integer ours, state text ours, changed_at timestamptz tick, shows boolean ours
underseal.recovery_codes: principal_id uuid staff, code_sha256 digest hash
underseal.report_supplements: subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, content digest tag, added_in quarter quarter, moments integer[] chosen, note bytea written, after_end boolean ours
underseal.reports: subject_id uuid names, round integer ours, guideline text chosen, tag digest tag, pseudonym digest pseudonym, taxonomy text ours, reported_in quarter quarter, moments integer[] chosen, note bytea written, content digest tag, is_notice boolean chosen, law text law, by_trusted_flagger boolean flagger, may_be_guessed boolean chosen, after_outcome boolean ours, receipt digest tag, earlier_receipt digest tag, sealed digest tag
underseal.scans: subject_id uuid names, version integer names, run integer sums, cause text ours, state text ours, attempts integer sums, lease_until timestamptz acts, wanted_at timestamptz acts, ended_at timestamptz acts, failure text ours, scanner_version text ours, calibrated_on date day
underseal.schema_migrations: number integer ours, name text ours, sha256 bytea hash, applied_on date day
underseal.sessions: token_sha256 digest hash, principal_id uuid staff, opened_at timestamptz acts, used_at timestamptz acts
underseal.sign_in_steps: token_sha256 digest hash, principal_id uuid staff, began_at timestamptz acts
underseal.sign_in_tries: user_name_sha256 digest hash, failures integer sums, tried_at timestamptz acts
underseal.signals: subject_id uuid names, version integer names, run integer sums, ordinal integer ours, detector text ours, detector_version text ours, modality text ours, guideline text ours, score real ours, weight float8 ours, verified boolean ours, start_ms integer ours, end_ms integer ours, detail text said
underseal.standing_decisions: subject_id uuid names, version integer names, outcome text ours, guideline text ours, decided_at timestamptz acts
underseal.statements: statement_id uuid random, subject_id uuid names, creator_id uuid names, decision_id uuid names, body jsonb ours
underseal.stays: case_id uuid names, principal_id uuid staff, times integer sums
underseal.strikes: decision_id uuid names, creator_id uuid names, guideline text ours, weight integer ours, issued_on date day, expires_on date day, voided_by uuid names
underseal.strips: subject_id uuid names, version integer names, location text random, sha256 digest hash, size_bytes bigint ours, wrapped_key bytea sealed, frames_ms integer[] ours
underseal.subjects: subject_id uuid names, kind text ours, external_id text said, creator_id uuid names, version integer names, round integer ours, receipt_round integer ours, receipts_move_on date decided, outcome_visible boolean ours
underseal.ticks: tick timestamptz tick, done_at timestamptz acts
underseal.timed_texts: subject_id uuid names, version integer names, source text ours, run integer sums, starts_ms integer[] said, ends_ms integer[] said, lines text[] said
underseal.told_answers: inquiry_id uuid names, answer bytea written
underseal.touches: day date day, kind text ours, name text ours, shard smallint random, touched integer sums
underseal.track_records: pseudonym digest pseudonym, topic text ours, right_weight float8 sums, wrong_weight float8 sums, resolved integer sums, as_of date decided
underseal.transparency_months: month date month, body jsonb sums, violating_views jsonb sums
underseal.unsealings: request_id uuid random, subject_id uuid names, round integer ours, pseudonym digest pseudonym, reason text said, requested_by uuid staff, requested_at timestamptz acts, approved_by uuid staff, approved_at timestamptz acts, approval_ends_at timestamptz acts, taken_at timestamptz acts, taken_year smallint year, tries smallint sums, confirmed_at timestamptz acts, word text said, opens_from timestamptz acts, refused_by uuid staff, refused_at timestamptz acts
underseal.versions: subject_id uuid names, version integer names, registered_at timestamptz acts, caption text said, language text said, has_media boolean ours, media_url text said
underseal.views: subject_id uuid names, tick timestamptz tick, organic integer sums, qualifying integer sums
underseal.visibility: subject_id uuid names, kind text ours, external_id text said, basis text ours, level visibility_level ours, age_restricted boolean ours, labelled boolean ours, interaction_limited boolean ours, geo_blocked text[] ours, statement_id uuid names, expires_at timestamptz tick, changed_at timestamptz tick, revision integer sums
underseal.visibility_changes: change_id bigint sums, subject_id uuid names, kind text ours, external_id text said, level visibility_level ours, age_restricted boolean ours, labelled boolean ours, interaction_limited boolean ours, geo_blocked text[] ours, statement_id uuid names, expires_at timestamptz tick, changed_at timestamptz tick
underseal.webhook_endpoints: endpoint_id uuid random, url text said, secret bytea sealed, types text[] ours, added_on date day, disabled_at timestamptz acts
vault.note_keys: subject_id uuid names, wrapped bytea sealed
vault.pseudonym_links: pseudonym digest pseudonym, previous digest pseudonym
vault.sealed_identities: pseudonym digest pseudonym, year smallint year, sealed bytea identity, erase_on date forgotten
"""

LINEAGE = frozenset({
    "underseal.reports", "underseal.report_supplements", "underseal.complaints", "underseal.assessments",
    "underseal.commitments", "underseal.credits", "underseal.track_records", "underseal.carried_records",
    "vault.sealed_identities", "vault.pseudonym_links", "vault.note_keys", "underseal.inquiry_answers",
    "underseal.report_counts",
})  # fmt: skip
"""What a report leaves behind before anybody has acted on it."""


async def stored_columns(conn) -> dict[str, dict[str, str]]:
    """The columns that there are, with their types, by table."""
    rows = await conn.fetch(
        "select n.nspname || '.' || c.relname as place, a.attname, "
        "regexp_replace(format_type(a.atttypid, a.atttypmod), '^underseal\\.', '') as type "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = c.oid where a.attnum > 0 and not a.attisdropped "
        "and c.relkind in ('r', 'v', 'm', 'p', 'f') "
        "and n.nspname !~ '^(pg_|information_schema)' order by 1, a.attnum"
    )
    short = {
        "timestamp with time zone": "timestamptz",
        "double precision": "float8",
        "double precision[]": "float8[]",
    }
    tables: dict[str, dict[str, str]] = {}
    for row in rows:
        type_ = short.get(row["type"], row["type"])
        tables.setdefault(row["place"], {})[row["attname"]] = type_
    return tables


def allowed_columns() -> dict[str, dict[str, tuple[str, str]]]:
    """The type and the reason of each column, by table."""
    tables = {}
    for line in COLUMNS.strip().splitlines():
        table, columns = line.split(": ")
        each_column = (each.split(maxsplit=2) for each in columns.split(", "))
        tables[table] = {name: (type_, why) for name, type_, why in each_column}
    return tables
