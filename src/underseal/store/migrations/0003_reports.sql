-- Reports, and the vault. A report is never changed, withdrawn or deleted; no column holds a time
-- finer than a quarter or an order of arrival: see docs/decisions/0014-dates-of-reports.md. The only
-- way in is the two functions below.

set local search_path = underseal;

create domain quarter as date          -- its first day
    check (extract(day from value) = 1 and extract(month from value) in (1, 4, 7, 10));

create table reports (
    subject_id uuid not null references subjects,
    round int not null check (round >= 1),
    guideline text not null,
    tag digest not null,
    pseudonym digest,                  -- null: somebody without an account
    taxonomy text not null,            -- the version of the guidelines it was chosen from
    reported_in quarter not null,
    moments int[] not null check (cardinality(moments) % 2 = 0),   -- start_ms, end_ms, start_ms, …
    note bytea,                        -- under the data key of the case
    content digest not null,           -- keyed hash of note and moments: recognises a repeat
    is_notice boolean not null,
    law text,
    by_trusted_flagger boolean not null default false,     -- the platform says so, never the reporter
    may_be_guessed boolean not null,
    after_outcome boolean not null,
    receipt digest not null,           -- made of the round
    earlier_receipt digest,            -- made of an earlier one, for a report before that one's end was told
    sealed digest not null,            -- core.ledger.report_digest over the columns above
    primary key (subject_id, round, guideline, tag),
    check (is_notice or law is null),
    check (is_notice or not by_trusted_flagger)
);
create unique index reports_receipt_idx on reports (receipt);
create index reports_earlier_receipt_idx on reports (earlier_receipt) where earlier_receipt is not null;
create index reports_pseudonym_idx on reports (pseudonym, subject_id) where pseudonym is not null;
call make_append_only('reports');

-- What the same person adds to a report by repeating it.
create table report_supplements (
    subject_id uuid not null,
    round int not null,
    guideline text not null,
    tag digest not null,
    content digest not null,
    added_in quarter not null,
    moments int[] not null check (cardinality(moments) % 2 = 0),
    note bytea,
    after_end boolean not null,        -- added once the round was committed to, which knows nothing of it
    primary key (subject_id, round, guideline, tag, content),
    foreign key (subject_id, round, guideline, tag) references reports
);
call make_append_only('report_supplements');

-- How many reports were filed in a month, and how many of these are notices of trusted flaggers.
-- Shards, for many file at once: no two wait for each other.
create table report_counts (
    month date not null check (extract(day from month) = 1),
    guideline text not null,
    shard smallint not null,
    reports bigint not null check (reports > 0),
    flagged bigint not null default 0 check (flagged between 0 and reports),
    primary key (month, guideline, shard)
);

-- Ten thousand reports of one subject are one pending assessment; nothing is lost while one runs.
-- The two counts are compared, and begin anew at random whenever nothing is pending: by themselves
-- they would tell how many hours ago a subject was first reported, for each with views wants one.
create table pending_assessments (
    subject_id uuid primary key references subjects,
    wanted bigint not null default 1,
    done bigint not null default 0,
    failures int not null default 0,
    not_before timestamptz,
    waits_from date,                   -- first day of the days in which what waits for a look came
    check (done <= wanted)
) with (fillfactor = 60);
create index pending_assessments_idx on pending_assessments (subject_id) where wanted > done;
create index pending_assessments_waits_idx on pending_assessments (waits_from) where waits_from is not null;

-- What came of a round, as far as it was told at a tick. `shows`: everybody can see it; else the day of
-- a receipt says when that receipt tells of it (core.receipt_state).
create table receipt_states (
    subject_id uuid not null references subjects,
    round int not null,
    state text not null check (state in ('action_taken', 'no_violation')),
    changed_at timestamptz not null,
    shows boolean not null,
    primary key (subject_id, round),
    check (shows or state = 'no_violation')
);

-- Receipts made of `receipt_round` stand for `round` too, which a decision that was not yet told has
-- opened: see docs/decisions/0003-rounds-and-deduplication.md.
create table receipt_spans (
    subject_id uuid not null references subjects,
    round int not null,
    receipt_round int not null,
    primary key (subject_id, round),
    check (receipt_round < round)
);
call make_append_only('receipt_spans');

create table vault.sealed_identities (
    pseudonym underseal.digest primary key,
    year smallint not null,
    sealed bytea not null,
    erase_on date
);
create table vault.pseudonym_links (
    pseudonym underseal.digest primary key,
    previous underseal.digest not null
);
create index pseudonym_links_previous_idx on vault.pseudonym_links (previous);
create table vault.note_keys (
    subject_id uuid primary key,
    wrapped bytea                      -- null: destroyed
);

-- First half of filing a batch: make sure each subject and its note key exist, and fence its round
-- for the rest of the transaction (whoever ends a round locks the row for update).
create function open_rounds(ids uuid[], kinds text[], externals text[], note_keys bytea[], day date)
returns table (subject_id uuid, round int, receipt_round int, outcome_visible boolean, wrapped bytea)
language plpgsql security definer set search_path = underseal, pg_temp as $$
#variable_conflict use_column
begin
    insert into subjects (subject_id, kind, external_id, creator_id)
        select id, kind, external_id, case when kind = 'account' then id end
        from unnest(ids, kinds, externals) as given (id, kind, external_id)
        where not exists (select from subjects known where known.subject_id = id) order by id
        on conflict do nothing;
    insert into vault.note_keys as k (subject_id, wrapped)
        select id, note_key from unnest(ids, note_keys) as given (id, note_key)
        where note_key is not null order by id
        -- what was written under a destroyed key stays lost; what comes now gets a key of its own
        on conflict (subject_id) do update set wrapped = excluded.wrapped where k.wrapped is null;
    return query
        select s.subject_id, s.round, receipt_round_on(s, day), s.outcome_visible, k.wrapped
        from subjects s left join vault.note_keys k on k.subject_id = s.subject_id
        where s.subject_id = any (ids) order by s.subject_id for share of s;
end $$;

-- Second half: write the reports, ordered by key and never by arrival, and want the assessments of
-- their subjects; and keep the identities sealed with them. Answers, for each report given, whether
-- it is new and under which tag it is stored (another one if an earlier year's tag was).
create function file_reports(
    ids uuid[], rounds int[], guidelines text[], tags bytea[], previous_tags bytea[],
    pseudonyms bytea[], taxonomy text, reported_in date, month date, moments text[], notes bytea[],
    contents bytea[], notices boolean[], laws text[], flagged boolean[], guessed boolean[], outcomes boolean[],
    receipts bytea[], earlier_receipts bytea[], seals bytea[],
    people bytea[], years smallint[], identities bytea[], previous_pseudonyms bytea[]
) returns table (ordinal bigint, is_new boolean, stored_tag bytea)
language plpgsql security definer set search_path = underseal, pg_temp as $$
begin
    if cardinality(people) > 0 then
        perform keep_identities(people, years, identities, previous_pseudonyms);
    end if;
    return query
    with given as (
        select g.*, coalesce(
            (select r.tag from reports r
             where g.previous is not null and (r.subject_id, r.round, r.guideline) = (g.id, g.round, g.guideline)
               and r.tag = any (array(select substring(g.previous from place for 32)
                                      from generate_series(1, octet_length(g.previous), 32) place))
             limit 1), g.tag) as stored
        from unnest(ids, rounds, guidelines, tags, previous_tags, pseudonyms, moments, notes, contents,
                    notices, laws, flagged, guessed, outcomes, receipts, earlier_receipts, seals)
            with ordinality as g (id, round, guideline, tag, previous, pseudonym, moments, note,
                content, is_notice, law, by_trusted_flagger, may_be_guessed, after_outcome, receipt,
                earlier_receipt, sealed, ordinal)
    ), filed as (
        insert into reports
        select g.id, g.round, g.guideline, g.tag, g.pseudonym, taxonomy, reported_in, g.moments::int[],
               g.note, g.content, g.is_notice, g.law, g.by_trusted_flagger, g.may_be_guessed,
               g.after_outcome, g.receipt, g.earlier_receipt, g.sealed
        from given g where g.stored = g.tag
        order by g.id, g.round, g.guideline, g.tag
        on conflict do nothing
        returning reports.subject_id, reports.round, reports.guideline, reports.tag, reports.content,
                  reports.by_trusted_flagger
    ), awaited as (
        insert into pending_assessments as p (subject_id)
        select distinct f.subject_id from filed f order by f.subject_id
        on conflict (subject_id) do update set wanted = p.wanted + 1
    ), counted as (
        insert into report_counts as c (month, guideline, shard, reports, flagged)
        select file_reports.month, f.guideline, pg_backend_pid() % 32, count(*),
               count(*) filter (where f.by_trusted_flagger)
        from filed f group by f.guideline order by f.guideline
        on conflict on constraint report_counts_pkey do update
            set reports = c.reports + excluded.reports, flagged = c.flagged + excluded.flagged
    )
    select g.ordinal, f.tag is not null, g.stored::bytea
    from given g left join filed f
      on (f.subject_id, f.round, f.guideline, f.tag, f.content) = (g.id, g.round, g.guideline, g.tag, g.content);
end $$;

-- Marks the assessments of these subjects as pending.
create function want_assessments(ids uuid[]) returns void
language plpgsql security definer set search_path = underseal, pg_temp as $$
begin
    insert into pending_assessments as p (subject_id)
        select distinct id from unnest(ids) as id order by id
        on conflict (subject_id) do update set wanted = p.wanted + 1;
end $$;

create function add_supplements(
    ids uuid[], rounds int[], guidelines text[], tags bytea[], contents bytea[], added_in date,
    moments text[], notes bytea[]
) returns void
language plpgsql security definer set search_path = underseal, pg_temp as $$
begin
    perform from subjects s where s.subject_id = any (ids) order by s.subject_id for share;
    insert into report_supplements
        select g.id, g.round, g.guideline, g.tag, g.content, add_supplements.added_in, g.moments::int[],
               g.note, g.round < s.round
        from unnest(ids, rounds, guidelines, tags, contents, moments, notes)
            as g (id, round, guideline, tag, content, moments, note)
        join subjects s on s.subject_id = g.id
        where not exists (select from reports r
            where (r.subject_id, r.round, r.guideline, r.tag, r.content) = (g.id, g.round, g.guideline, g.tag, g.content))
        order by g.id, g.round, g.guideline, g.tag, g.content
        on conflict do nothing;
end $$;

create function keep_identities(pseudonyms bytea[], years smallint[], identities bytea[], previous bytea[])
returns void
language plpgsql security definer set search_path = underseal, pg_temp as $$
begin
    -- A link comes with its identity: one that was cut does not come again.
    with kept as (
        insert into vault.sealed_identities as i (pseudonym, year, sealed)
        select g.pseudonym, g.year, g.sealed
        from unnest(pseudonyms, years, identities) as g (pseudonym, year, sealed)
        order by g.pseudonym on conflict do nothing returning i.pseudonym
    )
    insert into vault.pseudonym_links (pseudonym, previous)
        select g.pseudonym, g.previous from unnest(pseudonyms, keep_identities.previous) as g (pseudonym, previous)
        join kept using (pseudonym)
        where g.previous is not null order by g.pseudonym on conflict do nothing;
end $$;

-- The reports that a receipt was given for, and the rounds that it stands for: that which it is made
-- of, and those which began before it was told why.
create function reports_of_receipt(digest bytea)
returns table (subject_id uuid, round int, guideline text, tag bytea, is_notice boolean, rounds int[])
language sql stable set search_path = underseal, pg_temp as $$
    select f.subject_id, f.round, f.guideline, f.tag, f.is_notice, array(
        select f.receipt_round union all
        select o.round from receipt_spans o where (o.subject_id, o.receipt_round) = (f.subject_id, f.receipt_round))
    from (
        select r.subject_id, r.round, r.guideline, r.tag, r.is_notice, r.round as receipt_round
        from reports r where r.receipt = digest
        union all
        select r.subject_id, r.round, r.guideline, r.tag, r.is_notice, o.receipt_round
        from reports r join receipt_spans o using (subject_id, round) where r.earlier_receipt = digest
    ) f
$$;

-- What came of the rounds that a receipt stands for, in their order: core.receipt_state says what its
-- holder is told. All reports whose receipts are made of one round are told the same.
create function look_up_receipt(digest bytea)
returns table (kind text, external_id text, guideline text, is_notice boolean, states text[],
    changed timestamptz[], shown boolean[])
language sql stable security definer set search_path = underseal, pg_temp as $$
    select s.kind, s.external_id, f.guideline, f.is_notice, t.states, t.changed, t.shown
    from (select subject_id, guideline, rounds, bool_or(is_notice) as is_notice
          from reports_of_receipt(digest) group by subject_id, guideline, rounds) f
    join subjects s using (subject_id)
    cross join lateral (
        select coalesce(array_agg(t.state order by t.round), '{}') as states,
               coalesce(array_agg(t.changed_at order by t.round), '{}') as changed,
               coalesce(array_agg(t.shows order by t.round), '{}') as shown
        from receipt_states t where t.subject_id = f.subject_id and t.round = any (f.rounds)) t
$$;

create function destroy_note_key(subject uuid) returns boolean
language sql security definer set search_path = underseal, pg_temp as $$
    update vault.note_keys set wrapped = null where subject_id = subject and wrapped is not null returning true
$$;

create function schedule_erasure(of_pseudonyms bytea[], on_day date) returns void
language sql security definer set search_path = underseal, pg_temp as $$
    update vault.sealed_identities set erase_on = least(erase_on, on_day)
    where pseudonym = any (of_pseudonyms)
$$;

create function erase_identities(up_to date) returns bigint
language sql security definer set search_path = underseal, pg_temp as $$
    with gone as (delete from vault.sealed_identities where erase_on <= up_to returning pseudonym),
    unlinked as (delete from vault.pseudonym_links
        where pseudonym in (select pseudonym from gone) or previous in (select pseudonym from gone))
    select count(*) from gone
$$;
