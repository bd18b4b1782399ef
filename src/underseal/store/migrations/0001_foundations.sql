-- The two compartments, and the rule that history is only ever added to.
-- `underseal` holds what the service works with; `vault` holds what could lead to a person.

create schema underseal;
create schema vault;
revoke all on schema underseal, vault from public;
grant usage on schema underseal to underseal_intake, underseal_core, underseal_console, underseal_creator, underseal_retention;
grant usage on schema vault to underseal_core, underseal_retention, underseal_vault;
alter default privileges revoke execute on functions from public;

set local search_path = underseal;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table %.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'integrity_constraint_violation';
end $$;

-- Called once for every table that records what happened.
create procedure make_append_only(target regclass) language plpgsql as $$
begin
    execute format('create trigger refuse_row_change before update or delete on %s '
                   'for each row execute function underseal.refuse_change()', target);
    execute format('create trigger refuse_truncate before truncate on %s '
                   'for each statement execute function underseal.refuse_change()', target);
end $$;

create domain visibility_level as text
    check (value in ('public', 'not_recommended', 'held', 'removed'));
create domain digest as bytea check (octet_length(value) = 32);

-- The guidelines that were in force, word for word: decisions refer to them for ever.
create table guideline_versions (
    version text primary key,
    body text not null,
    sha256 digest not null,
    added_on date not null
);
call make_append_only('guideline_versions');

-- Whoever may call the API: a platform's server, or a person who moderates.
create table principals (
    principal_id uuid primary key,
    name text not null check (name <> ''),
    kind text not null check (kind in ('platform', 'moderator')),
    role text check (role in ('moderator', 'lead', 'auditor', 'admin')),
    added_on date not null,
    withdrawn_on date,
    check ((kind = 'moderator') = (role is not null))
);

create table api_keys (
    key_id text primary key check (key_id ~ '^[a-z0-9]{12}$'),
    principal_id uuid not null references principals,
    secret_sha256 digest not null,
    scopes text[] not null,
    ticket_secret bytea,               -- wrapped; signs tickets for browsers
    added_on date not null,
    revoked_on date
);

-- Answers to requests that carried an Idempotency-Key, kept for a day.
create table idempotent_answers (
    key_id text not null references api_keys,
    idempotency_key text not null check (length(idempotency_key) between 1 and 255),
    fingerprint digest not null,
    status smallint,                   -- null while the first request is still being answered
    body bytea,
    started_at timestamptz not null,
    primary key (key_id, idempotency_key)
);
