-- The ledger: one hash chain a subject, and checkpoints over the chains that are taken out of the
-- server, so that it cannot rewrite its past unseen.

set local search_path = underseal;

create table events (
    subject_id uuid not null,
    seq int not null check (seq >= 1),
    kind text not null,
    body bytea not null,               -- canonical bytes, see core.ledger
    prev_hash digest not null,
    hash digest not null,
    primary key (subject_id, seq)
);
call make_append_only('events');

-- The end of each chain; its row is the lock under which a subject's story goes on.
create table chain_heads (
    subject_id uuid primary key,
    seq int not null,
    hash digest not null,
    checkpointed_seq int not null default 0,
    check (seq >= checkpointed_seq)
) with (fillfactor = 60);
create index chain_heads_changed_idx on chain_heads (subject_id) where seq > checkpointed_seq;

-- The reports of a round, as last counted or as the round ended.
create table commitments (
    subject_id uuid not null references subjects,
    round int not null,
    reports int not null check (reports >= 0),
    root digest not null,
    closed boolean not null,
    primary key (subject_id, round)
);

create table checkpoints (
    number int primary key check (number >= 1),
    root digest not null,
    prev_hash digest not null,
    hash digest not null,
    heads int not null check (heads > 0),
    made_at timestamptz not null
);
call make_append_only('checkpoints');
create table checkpoint_heads (
    number int not null references checkpoints,
    subject_id uuid not null,
    seq int not null,
    hash digest not null,
    primary key (number, subject_id)
);
call make_append_only('checkpoint_heads');

create table ticks (
    tick timestamptz primary key,
    done_at timestamptz not null
);

-- Break-glass: who asked to open which sealed identity, and why; who agreed, or who refused; when it
-- was taken out of the server, and how many ids were compared with it.
create table unsealings (
    request_id uuid primary key,
    subject_id uuid not null references subjects,
    round int not null,
    pseudonym digest not null,
    reason text not null check (length(reason) >= 20),
    requested_by uuid not null references principals,
    requested_at timestamptz not null,
    approved_by uuid references principals,
    approved_at timestamptz,
    approval_ends_at timestamptz,      -- from then on it is none any more
    taken_at timestamptz,              -- when last
    taken_year smallint,               -- the year of the pseudonym
    tries smallint not null default 0 check (tries between 0 and 3),
    confirmed_at timestamptz,          -- when first
    word text check (word <> '' and length(word) <= 2000),     -- to the reporter first: with their receipt
    opens_from timestamptz,            -- and so long they have to answer it
    refused_by uuid references principals,
    refused_at timestamptz,
    check (approved_by <> requested_by),
    check ((word is null) = (opens_from is null)),
    check (opens_from > requested_at),
    check ((approved_by is null) = (approved_at is null)),
    check ((approved_at is null) = (approval_ends_at is null)),
    check (approval_ends_at > greatest(approved_at, opens_from)),
    check (taken_at is null or approved_at is not null),
    check (taken_at >= opens_from),
    check (taken_at < approval_ends_at),
    check ((taken_at is null) = (taken_year is null)),
    check (tries = 0 or taken_at is not null),
    check (confirmed_at is null or tries > 0),
    check ((refused_by is null) = (refused_at is null)),
    check (taken_at is null or refused_at is null)
);
