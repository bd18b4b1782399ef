-- The people who moderate: how they sign in to the console, and that they have.
-- An address is a colleague's; there is no creator and no reporter here.

set local search_path = underseal;

create table sessions (
    token_sha256 digest primary key,
    principal_id uuid not null references principals,
    opened_at timestamptz not null,
    used_at timestamptz not null,
    check (opened_at <= used_at)
);
create index sessions_principal_idx on sessions (principal_id);

-- Who is in service, and what they prove it with: nothing until they have taken their invitation.
create table people (
    principal_id uuid primary key references principals,
    user_name text not null unique check (user_name = lower(user_name) and user_name <> ''),
    password_hash text check (password_hash like '$argon2id$%'),
    totp_secret bytea,                 -- wrapped
    totp_step bigint,                  -- the last step whose code was taken: none is taken twice
    check ((password_hash is null) = (totp_secret is null)),
    check ((password_hash is null) = (totp_step is null))
);

create table recovery_codes (
    principal_id uuid not null references people on delete cascade,
    code_sha256 digest not null,
    primary key (principal_id, code_sha256)
);

create table invitations (
    principal_id uuid primary key references people on delete cascade,
    token_sha256 digest not null unique,
    invited_at timestamptz not null
);

-- Who has given the right password, and no code yet.
create table sign_in_steps (
    token_sha256 digest primary key,
    principal_id uuid not null references people on delete cascade,
    began_at timestamptz not null
);

-- Wrong tries, by the hash of the name that was given: whether there is such a name is not told.
create table sign_in_tries (
    user_name_sha256 digest primary key,
    failures integer not null check (failures >= 0),
    tried_at timestamptz not null
);

create table preferences (
    principal_id uuid primary key references principals,
    blur boolean not null,
    greyscale boolean not null,
    mute boolean not null
);

-- What happened to somebody's access, and who did it; null: it came from the command line.
create table people_events (
    event_id uuid primary key,
    principal_id uuid not null references principals,
    acted_by uuid references principals,
    kind text not null check (kind in ('invited', 'invited_anew', 'joined', 'role_changed',
                                       'password_changed', 'codes_renewed', 'account_declared',
                                       'accounts_forgotten', 'dismissed')),
    role text not null check (role in ('moderator', 'lead', 'auditor', 'admin')),
    happened_at timestamptz not null
);
create index people_events_by_time_idx on people_events (happened_at);
call make_append_only('people_events');

grant select, insert, update, delete on
    sessions, people, recovery_codes, invitations, sign_in_steps, sign_in_tries, preferences to underseal_console;
grant select, insert on people_events to underseal_console;
grant insert, update (role, withdrawn_on) on principals to underseal_console;
