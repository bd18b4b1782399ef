-- What moderators ask reporters, of whom they know an alias alone, and what these answer, both under
-- the data key of the case's notes. Nothing here is ever shown to a creator.

set local search_path = underseal;

create table inquiries (
    inquiry_id uuid primary key,
    case_id uuid not null references cases,     -- in which it is asked
    subject_id uuid not null,
    round int not null,                         -- of the report
    guideline text not null,
    tag digest not null,
    asked_by uuid not null references principals,
    asked_at timestamptz not null,
    question bytea not null,
    is_answered boolean not null default false, -- as far as anybody is told: noted at ticks
    foreign key (subject_id, round, guideline, tag) references reports
);
create unique index inquiries_one_open_idx on inquiries (case_id, tag) where not is_answered;
create index inquiries_subject_id_idx on inquiries (subject_id);

-- An answer has no time and no day: it is there from the tick after it was given.
create table inquiry_answers (
    inquiry_id uuid primary key references inquiries,
    answer bytea not null
);
call make_append_only('inquiry_answers');

create view told_answers as
    select a.inquiry_id, a.answer from inquiry_answers a join inquiries using (inquiry_id) where is_answered;

grant select, insert on inquiries to underseal_console;
grant select on told_answers to underseal_console;
grant select, update (is_answered) on inquiries to underseal_core;
grant select, insert on inquiry_answers to underseal_core;
grant select on told_answers to underseal_core;
