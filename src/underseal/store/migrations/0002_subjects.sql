-- What can be reported, its versions, its frozen media, its audience, and what machines saw.

set local search_path = underseal;

create table subjects (
    subject_id uuid primary key,
    kind text not null check (kind in ('video', 'account', 'comment', 'sound')),
    external_id text not null check (octet_length(external_id) between 1 and 512),
    creator_id uuid,                   -- the subject_id of the owner's account; while bare null, or its own if it is one
    version int not null default 0 check (version >= 0),    -- 0: known from reports only
    round int not null default 1 check (round >= 1),
    receipt_round int not null default 1,                   -- receipts are made of it: see receipt_round_on
    receipts_move_on date,             -- the day from which they are made of the round that is open then
    outcome_visible boolean not null default false,         -- an effect of this round shows
    unique (kind, external_id),
    check (creator_id is not null or kind <> 'account'),
    check (receipt_round between 1 and round),
    check (receipts_move_on is null or receipt_round < round)
);
create index subjects_creator_id_idx on subjects (creator_id) where creator_id is not null;

-- The round that receipts of a day are made of: on one day the same one, unless something shows.
create function receipt_round_on(s subjects, day date) returns int
language sql immutable as $$
    select case when s.receipts_move_on <= day then s.round else s.receipt_round end
$$;

create table versions (
    subject_id uuid not null references subjects,
    version int not null check (version >= 1),
    registered_at timestamptz not null,
    caption text not null,
    language text not null,
    has_media boolean not null,        -- from the url, or uploaded
    media_url text,
    primary key (subject_id, version),
    check (media_url is null or has_media)
);

create table media (
    subject_id uuid not null,
    version int not null,
    location text not null unique,
    sha256 digest not null,            -- of the plain bytes
    size_bytes bigint not null check (size_bytes > 0),
    wrapped_key bytea not null,
    frozen_at timestamptz not null,
    primary key (subject_id, version),
    foreign key (subject_id, version) references versions
);
call make_append_only('media');

-- One row a look by the machines. `attempts` counts starts, so that a file that kills its
-- scanner is not tried for ever.
create table scans (
    subject_id uuid not null,
    version int not null,
    run int not null check (run >= 1),
    cause text not null check (cause in ('registered', 'reach', 'detector')),
    state text not null check (state in ('wanted', 'running', 'done', 'failed')),
    attempts int not null default 0,
    lease_until timestamptz,
    wanted_at timestamptz not null,
    ended_at timestamptz,
    failure text,
    scanner_version text,
    primary key (subject_id, version, run),
    foreign key (subject_id, version) references versions,
    check ((state = 'running') = (lease_until is not null)),
    check ((state = 'failed') = (failure is not null))
);
create index scans_waiting_idx on scans (wanted_at) where state in ('wanted', 'running');

create table signals (
    subject_id uuid not null,
    version int not null,
    run int not null,
    ordinal int not null,
    detector text not null,
    detector_version text not null,
    modality text not null check (modality in ('image', 'sound', 'text', 'known')),
    guideline text not null,
    score real not null check (score between 0 and 1),
    weight double precision check (weight between -50 and 50),
    verified boolean not null,
    start_ms int check (start_ms >= 0),
    end_ms int,
    detail text not null,
    primary key (subject_id, version, run, ordinal),
    foreign key (subject_id, version, run) references scans,
    check ((start_ms is null) = (end_ms is null)),
    check (start_ms < end_ms)
);
call make_append_only('signals');

create table frame_hashes (
    subject_id uuid not null,
    version int not null,
    at_ms int not null check (at_ms >= 0),
    hash digest not null,
    quality smallint not null check (quality between 0 and 100),
    primary key (subject_id, version, at_ms),
    foreign key (subject_id, version) references versions
);

create table known_content (
    item_id uuid primary key,
    list_name text not null,
    guideline text not null,
    verified boolean not null,
    hashes bytea not null check (octet_length(hashes) > 0 and octet_length(hashes) % 32 = 0),
    source_decision uuid,              -- null: brought in by an operator
    added_on date not null,
    retired_on date
);
create unique index known_content_source_idx on known_content (source_decision) where source_decision is not null;

-- Views as the platform counts them. A late or repeated tick changes nothing.
create table views (
    subject_id uuid not null references subjects,
    tick timestamptz not null,
    organic int not null check (organic >= 0),
    qualifying int not null check (qualifying between 0 and organic),
    primary key (subject_id, tick)
);
create index views_tick_idx on views (tick);
call make_append_only('views');

create table audiences (
    subject_id uuid primary key references subjects,
    organic bigint not null default 0,
    qualifying bigint not null default 0,
    last_tick timestamptz,
    last_organic int not null default 0,      -- in the last tick: the present view rate
    window_number int not null default 1,
    window_opened_at timestamptz not null,
    window_viewers int not null default 0,
    scanned_organic bigint not null default 0 -- reach at the last scan
);
