-- Cases in rounds, what is believed about them, and what was decided.
-- What a report may have caused is dated to the day, as long as that is needed; what a moderator does
-- has its time.

set local search_path = underseal;

-- The newest assessment of each guideline; the history of assessments is in `events`.
create table assessments (
    subject_id uuid not null references subjects,
    round int not null,
    guideline text not null,
    log_odds double precision not null,
    machine double precision not null,
    terms jsonb not null,              -- [[name, nats], …], sums to log_odds
    priors_of quarter,                 -- when those were learnt that it used; null: the default
    primary key (subject_id, round, guideline)
);

create table cases (
    case_id uuid primary key,
    subject_id uuid not null references subjects,
    round int not null check (round >= 1),
    version int not null,
    kind text not null check (kind in ('review', 'appeal')),
    state text not null check (state in ('open', 'queued', 'leased', 'decided', 'superseded')),
    lane text not null,
    rate double precision not null default 0,   -- regret per hour: the queue's order
    due_at timestamptz,
    duty_from timestamptz,             -- from then on the due date goes before every rate …
    is_duty boolean not null default false,     -- … which is noted when somebody takes a case
    duty_rank int not null generated always as  -- the least goes first: `core.priority.DUTY_RANK`
        (case lane when 'grave' then 0 when 'ordinary' then 2 else 1 end) stored,
    because text not null,
    guideline text,                    -- the most probable one, for filters
    views_per_hour double precision,   -- those that the rate reckons with
    reviews uuid,                      -- an appeal: the decision it is against
    opened_on date,                    -- as due_at: forgotten some time after the end
    leased_by uuid references principals,
    leased_until timestamptz,
    not_for uuid[] not null default '{}',       -- whoever may not take it: first deciders, "not me"
    closed_at timestamptz,
    unique (subject_id, round),
    check (opened_on is not null or closed_at is not null),
    check ((kind = 'appeal') = (reviews is not null)),
    check ((state = 'leased') = (leased_by is not null)),
    check ((leased_by is null) = (leased_until is null)),
    check ((state in ('decided', 'superseded')) = (closed_at is not null)),
    check (leased_by is null or leased_by <> all (not_for))
);
create index cases_by_duty_idx on cases (duty_rank, due_at, rate desc, case_id)
    where state = 'queued' and is_duty;
create index cases_duty_begins_idx on cases (duty_from) where state = 'queued' and not is_duty;
create index cases_by_rate_idx on cases (rate desc, case_id) where state = 'queued';
create index cases_appeals_idx on cases (due_at, case_id) where state = 'queued' and kind = 'appeal';
create unique index cases_reviewed_once_idx on cases (reviews) where reviews is not null;
create index cases_leases_idx on cases (leased_until) where state = 'leased';
create index cases_dated_idx on cases (closed_at) where opened_on is not null and closed_at is not null;

create table decisions (
    decision_id uuid primary key,
    subject_id uuid not null references subjects,
    round int not null,
    version int not null,
    kind text not null check (kind in ('review', 'appeal', 'machine')),
    outcome text not null check (outcome in ('no_violation', 'not_recommended', 'age_restrict', 'label', 'remove')),
    guideline text,
    guidelines_version text not null references guideline_versions,
    finding text not null check (finding in ('actioned', 'no_violation', 'duplicate', 'insufficient', 'wrong_category')),
    automation text not null check (automation in ('fully', 'partially', 'not_automated')),
    decided_by uuid references principals,
    confirmed_by uuid references principals,    -- where it takes two
    reviews uuid,                      -- an appeal: the decision it is against …
    first_deciders uuid[],             -- … and its deciders, copied so that a row can insist
    reasons text not null,
    decided_at timestamptz not null,
    deciders uuid[] not null generated always as
        (array_remove(array[decided_by, confirmed_by], null)) stored,    -- none: a machine
    unique (subject_id, round),
    unique (decision_id, decided_by),
    unique (decision_id, deciders),
    foreign key (reviews) references decisions,
    foreign key (reviews, first_deciders) references decisions (decision_id, deciders),
    check ((kind = 'machine') = (automation = 'fully')),
    check ((kind = 'machine') = (decided_by is null)),
    check ((kind = 'appeal') = (reviews is not null)),
    check ((reviews is null) = (first_deciders is null)),
    check (not deciders && first_deciders),
    check (confirmed_by is null or decided_by <> confirmed_by and decided_by is not null),
    check ((outcome = 'no_violation') = (guideline is null)),
    check (kind <> 'appeal' or reasons <> '')
);
create unique index decisions_reviewed_once_idx on decisions (reviews) where reviews is not null;
create index decisions_decided_at_idx on decisions (decided_at);
call make_append_only('decisions');
alter table cases add foreign key (reviews) references decisions;

-- What a moderator has found on this version, as a shift of the log-odds.
create view findings as
    select d.subject_id, d.version, d.guideline, d.outcome, d.decision_id, d.decided_at
    from decisions d
    where d.kind <> 'machine' and not exists (select from decisions later where later.reviews = d.decision_id);

-- Credit to reporters: a fold of decisions, each at most once a reporter and guideline.
create table credits (
    decision_id uuid not null references decisions,
    pseudonym digest not null,
    guideline text not null,
    topic text not null,
    finding text not null,
    right_weight double precision not null,    -- negative where it takes back
    wrong_weight double precision not null,
    resolved smallint not null,
    takes_back boolean not null,       -- of an appeal: what the first decision gave
    credited_on date not null,
    primary key (decision_id, pseudonym, guideline, finding, takes_back)
);
call make_append_only('credits');
create index credits_pseudonym_idx on credits (pseudonym);

create table track_records (
    pseudonym digest not null,
    topic text not null,
    right_weight double precision not null,
    wrong_weight double precision not null,
    resolved int not null,
    as_of date not null,
    primary key (pseudonym, topic)
);

-- What was learnt of the reporters of a topic, from their records, at the beginning of a quarter: a
-- finer date beside an assessment would tell the day of a report.
create table priors (
    learnt_in quarter not null,
    topic text not null,
    precision_permille smallint not null check (precision_permille between 1 and 999),
    strength_permille int not null check (strength_permille > 0),   -- in thousandths of a report
    reported_permille int not null check (reported_permille >= 0),  -- in thousandths of a nat
    sibling_permille smallint not null check (sibling_permille between 1 and 1000),
    primary key (learnt_in, topic)
);
call make_append_only('priors');
