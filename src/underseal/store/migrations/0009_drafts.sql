-- Decisions that can still be called back, questions between colleagues, and cases for leads.
-- Nothing here is ever shown to a creator or a reporter.

set local search_path = underseal;

create table drafts (
    draft_id uuid primary key,
    case_id uuid not null references cases,
    outcome text not null check (outcome in ('no_violation', 'not_recommended', 'age_restrict', 'label', 'remove')),
    guideline text,
    finding text not null check (finding in ('actioned', 'no_violation', 'duplicate', 'insufficient', 'wrong_category', 'manifestly_unfounded')),
    observed int[] not null,
    moments int[] not null,            -- start and end of each in turn, milliseconds
    reasons text not null,
    made_by uuid not null references principals,
    made_at timestamptz not null,
    final_at timestamptz not null,     -- until then it can be taken back
    bulk_id uuid,                      -- of those that were submitted together, with one ground
    needs_second boolean not null,
    confirmed_by uuid references principals,
    state text not null check (state in ('pending', 'unconfirmed', 'decided', 'undone', 'returned', 'refused')),
    word text not null default '',     -- why it was returned or refused
    is_read boolean not null default false,     -- … and whether who made it knows
    failures int not null default 0,
    ended_at timestamptz,
    check (made_at < final_at),
    check (made_by <> confirmed_by),
    check (confirmed_by is null or needs_second),
    -- what needs a second person is never decided without one
    check (not needs_second or confirmed_by is not null or state not in ('pending', 'decided')),
    check (bulk_id is null or needs_second),
    check (bulk_id is null or finding <> 'manifestly_unfounded'),
    check (state <> 'unconfirmed' or (needs_second and confirmed_by is null)),
    check ((state in ('pending', 'unconfirmed')) = (ended_at is null)),
    check ((outcome = 'no_violation') = (guideline is null)),
    check (cardinality(moments) % 2 = 0)
);
create unique index drafts_one_live_idx on drafts (case_id) where state in ('pending', 'unconfirmed');
create index drafts_final_idx on drafts (failures, final_at) where state = 'pending';
create index drafts_unconfirmed_idx on drafts (made_at) where state = 'unconfirmed';
create index drafts_made_by_idx on drafts (made_by, made_at);
create index drafts_bulk_id_idx on drafts (bulk_id) where bulk_id is not null;

-- Who decided that nothing is broken says that the reports were made up: it counts against their
-- reporters once somebody else has confirmed it, and the decision does not wait for that.
create table charges (
    decision_id uuid primary key,
    made_by uuid not null,
    state text not null default 'waiting' check (state in ('waiting', 'confirmed', 'refused')),
    second uuid references principals, -- who has confirmed or refused it
    ended_at timestamptz,
    foreign key (decision_id, made_by) references decisions (decision_id, decided_by),
    check (made_by <> second),
    check ((state = 'waiting') = (second is null)),
    check ((state = 'waiting') = (ended_at is null))
);
create index charges_waiting_idx on charges (decision_id) where state = 'waiting';

-- A question on a case to a colleague, or to whoever of a role answers first.
create table questions (
    question_id uuid primary key,
    case_id uuid not null references cases,
    asked_by uuid not null references principals,
    asked_at timestamptz not null,
    to_person uuid references principals,
    to_role text check (to_role in ('moderator', 'lead', 'auditor', 'admin')),
    body text not null check (body <> '' and length(body) <= 2000),
    answer text check (answer <> '' and length(answer) <= 2000),
    answered_by uuid references principals,
    answered_at timestamptz,
    check ((to_person is null) <> (to_role is null)),
    check (asked_by <> to_person),
    check (asked_by <> answered_by),
    check ((answer is null) = (answered_by is null)),
    check ((answer is null) = (answered_at is null))
);
create index questions_case_id_idx on questions (case_id);
create index questions_open_idx on questions (asked_at) where answer is null;

-- A case that a moderator has put into the hands of leads, and why.
alter table cases
    add column for_leads boolean not null default false,
    add column escalated_by uuid references principals,
    add column escalation text,
    add check (for_leads = (escalated_by is not null)),
    add check (for_leads = (escalation is not null)),
    add check (escalation <> '' and length(escalation) <= 2000);

-- Accounts on the platform that somebody who moderates uses themself, encrypted: what such an
-- account owns is not theirs to judge. It is for nobody to read whose account is whose.
create table own_accounts (
    own_account_id uuid primary key,
    principal_id uuid not null references principals,
    account bytea not null,
    declared_on date not null
);
create index own_accounts_principal_id_idx on own_accounts (principal_id);

grant select, insert, delete on own_accounts to underseal_console;
grant select on own_accounts to underseal_core;
grant select, insert, update on drafts to underseal_console;
grant select, update on drafts to underseal_core;
grant select on charges to underseal_console;
grant select, insert, update on charges to underseal_core;
grant select, insert, update on questions to underseal_console;
grant select on questions to underseal_core;
grant update (for_leads, escalated_by, escalation) on cases to underseal_console;
