-- Looks by chance, from which the share of views on violating content is estimated. They are drawn
-- from all videos that were seen on a day, by views and machines alone: no report is behind one.

set local search_path = underseal;

-- A day from which audits were drawn, once; `views` are the organic ones of all videos.
create table prevalence_days (
    day date primary key,
    views bigint not null check (views > 0),
    draws int not null check (draws > 0)
);
call make_append_only('prevalence_days');

create table prevalence_draws (
    day date not null references prevalence_days,
    subject_id uuid not null,
    version int not null,
    views bigint not null check (views > 0),
    probability double precision not null check (probability > 0 and probability <= 1),
    times int not null check (times > 0),           -- draws are with replacement
    nats double precision not null,                 -- log-odds of any breach, by machines alone
    guidelines_version text not null references guideline_versions,
    primary key (day, subject_id),
    foreign key (subject_id, version) references versions
);
call make_append_only('prevalence_draws');
create index prevalence_draws_version_idx on prevalence_draws (subject_id, version);

-- What was last decided on a version, by an appeal if there was one; a draw is answered by that.
create view standing_decisions as
    select distinct on (d.subject_id, d.version) d.subject_id, d.version, d.outcome, d.guideline, d.decided_at
    from decisions d where not exists (select from decisions later where later.reviews = d.decision_id)
    order by d.subject_id, d.version, d.decided_at desc, d.round desc;

grant select on prevalence_days, prevalence_draws, standing_decisions to underseal_core, underseal_console;
grant insert on prevalence_days, prevalence_draws to underseal_core;
