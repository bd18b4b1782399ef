-- Effects, statements, visibility, appeals, strikes, and what is sent out about them.

set local search_path = underseal;

-- The statement of reasons, written with the decision; the creator sees it once it is disclosed.
create table statements (
    statement_id uuid primary key,
    subject_id uuid not null references subjects,
    creator_id uuid,                   -- the affected account; null: nobody to tell
    decision_id uuid references decisions,
    body jsonb not null
);
create index statements_creator_id_idx on statements (creator_id);
call make_append_only('statements');

-- Anything a creator can notice. Intended by a decision or an assessment, real from its tick on.
create table effects (
    effect_id uuid primary key,
    subject_id uuid not null references subjects,
    round int not null,
    cause text not null check (cause in ('hold', 'measure', 'decision', 'reinstatement', 'expiry')),
    level visibility_level not null,
    age_restricted boolean not null,
    labelled boolean not null,
    interaction_limited boolean not null,
    geo_blocked text[] not null,
    guideline text,
    disclosure text not null check (disclosure in ('window', 'tick', 'at_once')),
    from_window int not null,          -- the subject's window when it was intended
    decision_id uuid references decisions,
    statement_id uuid references statements,
    hold_hours int,
    state text not null check (state in ('intended', 'disclosed', 'withdrawn')),
    intended_on date,                  -- forgotten as soon as it does not wait any more, unless it is told
    disclosed_at timestamptz,
    expires_at timestamptz,
    check ((level = 'held') = (hold_hours is not null)),
    check (hold_hours > 0),
    check (intended_on is not null or state <> 'intended'),
    check ((state = 'disclosed') = (disclosed_at is not null)),
    check (state <> 'disclosed' or level <> 'held' or (expires_at is not null and expires_at > disclosed_at)),
    check ((cause = 'decision') <= (decision_id is not null)),
    -- every restriction has a statement
    check (statement_id is not null
           or (level = 'public' and not (age_restricted or labelled or interaction_limited) and geo_blocked = '{}'))
);
create unique index effects_one_intended_idx on effects (subject_id) where state = 'intended';
create index effects_intended_idx on effects (disclosure) where state = 'intended';
create index effects_subject_id_idx on effects (subject_id);

-- The one answer per subject. Written at ticks only, but for what nobody has seen yet.
create table visibility (
    subject_id uuid primary key references subjects,
    kind text not null,
    external_id text not null,
    basis text not null check (basis in ('none', 'scan', 'effect')),
    level visibility_level not null,
    age_restricted boolean not null,
    labelled boolean not null,
    interaction_limited boolean not null,
    geo_blocked text[] not null,
    statement_id uuid references statements,
    expires_at timestamptz,
    changed_at timestamptz not null,
    revision int not null default 1,   -- grows by one with each change
    check (level <> 'held' or expires_at is not null),
    check (basis <> 'effect' or statement_id is not null),
    check (basis <> 'scan' or (level = 'held' and statement_id is null)),
    check (basis <> 'none' or (level = 'public' and statement_id is null and expires_at is null
        and not (age_restricted or labelled or interaction_limited) and geo_blocked = '{}'))
);
create index visibility_expires_at_idx on visibility (expires_at) where expires_at is not null;

create table visibility_changes (
    change_id bigint generated always as identity primary key,
    subject_id uuid not null references subjects,
    kind text not null,
    external_id text not null,
    level visibility_level not null,
    age_restricted boolean not null,
    labelled boolean not null,
    interaction_limited boolean not null,
    geo_blocked text[] not null,
    statement_id uuid,
    expires_at timestamptz,
    changed_at timestamptz not null
);
call make_append_only('visibility_changes');

-- An effect and its statement taking place, at the same moment. An effect brings along the
-- statements of decisions whose own effect it took the place of.
create table disclosures (
    statement_id uuid primary key references statements,
    effect_id uuid not null references effects,
    disclosed_at timestamptz not null,
    appeal_until timestamptz
);
call make_append_only('disclosures');
create index disclosures_disclosed_at_idx on disclosures (disclosed_at);

create view creator_statements as
    select s.statement_id, s.creator_id, s.decision_id, s.body, d.disclosed_at, d.appeal_until,
           case when s.body ->> 'kind' = 'hold' then e.expires_at end as expires_at
    from statements s join disclosures d using (statement_id) join effects e using (effect_id);

create table appeals (
    appeal_id uuid primary key,
    statement_id uuid not null references disclosures,   -- only what was disclosed can be appealed
    decision_id uuid not null unique references decisions,      -- and once
    creator_id uuid not null,
    grounds text not null check (octet_length(grounds) <= 20000),
    lodged_at timestamptz not null
);
call make_append_only('appeals');
create index appeals_creator_id_idx on appeals (creator_id);
create index appeals_lodged_at_idx on appeals (lodged_at);

create view creator_appeals as
    select a.appeal_id, a.statement_id, a.creator_id, a.grounds, a.lodged_at,
           case when p.statement_id is null then 'lodged'
                when d.outcome = first.outcome then 'refused' else 'granted' end as state,
           case when p.statement_id is not null then d.reasons end as reasons,
           p.disclosed_at as decided_at
    from appeals a join decisions first on first.decision_id = a.decision_id
    left join decisions d on d.reviews = a.decision_id
    left join statements s on s.decision_id = d.decision_id
    left join disclosures p on p.statement_id = s.statement_id;

create table strikes (
    decision_id uuid primary key references decisions,
    creator_id uuid not null,
    guideline text not null,
    weight int not null check (weight > 0),
    issued_on date not null,
    expires_on date not null,
    voided_by uuid references decisions,
    check (issued_on < expires_on)
);
create index strikes_creator_id_idx on strikes (creator_id);

create view creator_strikes as
    select k.creator_id, k.guideline, k.weight, k.issued_on, k.expires_on, v.disclosed_at is not null as is_voided
    from strikes k
    join statements s on s.decision_id = k.decision_id
    join disclosures d on d.statement_id = s.statement_id
    left join statements u on u.decision_id = k.voided_by
    left join disclosures v on v.statement_id = u.statement_id;

-- What went wrong and wants a person: a hold that ran out, an overdue duty, a check that failed.
create table incidents (
    incident_id uuid primary key,
    kind text not null,
    subject_id uuid references subjects,
    detail text not null,
    raised_at timestamptz not null,
    closed_at timestamptz
);

create table webhook_endpoints (
    endpoint_id uuid primary key,
    url text not null,
    secret bytea not null,             -- wrapped
    types text[] not null,
    added_on date not null,
    disabled_at timestamptz
);
create table messages (
    message_id uuid primary key,
    type text not null,
    body bytea not null,
    made_at timestamptz not null
);
call make_append_only('messages');
create table deliveries (
    message_id uuid not null references messages,
    endpoint_id uuid not null references webhook_endpoints,
    state text not null check (state in ('due', 'delivered', 'given_up')),
    attempts int not null default 0,
    next_at timestamptz not null,
    lease_until timestamptz,
    last_status int,
    primary key (message_id, endpoint_id)
);
create index deliveries_due_idx on deliveries (next_at) where state = 'due';
