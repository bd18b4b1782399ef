-- The public side: complaints of reporters, and figures for everybody.

set local search_path = underseal;

-- A reporter asks that somebody else look again, once a receipt. What they say is a supplement of
-- its report. All complaints by receipts that are made of one round are heard in one later round:
-- there is one more look, not more.
create table complaints (
    receipt digest primary key,
    receipt_round int not null,        -- of which it is made
    subject_id uuid not null,
    round int not null,
    guideline text not null,
    tag digest not null,
    heard_in int not null,
    foreign key (subject_id, round, guideline, tag) references reports,
    check (heard_in >= round and heard_in > receipt_round)
);
call make_append_only('complaints');
create index complaints_heard_in_idx on complaints (subject_id, heard_in);

-- What was published of a month: rounded counts by topic, none of them small.
create table transparency_months (
    month date primary key check (extract(day from month) = 1),
    body jsonb not null,
    violating_views jsonb              -- the share of views on what breaks a guideline; null: too few looks
);
call make_append_only('transparency_months');

grant select, insert on complaints, transparency_months to underseal_core;
grant select on complaints, transparency_months to underseal_console;
grant execute on function add_supplements to underseal_core;
