-- What the review page needs: frame strips, how often a lease was extended, and finding copies.
-- A strip is made of the frozen copy by a scan; nothing here tells of a report.

set local search_path = underseal;

create table strips (
    subject_id uuid not null,
    version int not null,
    location text not null unique,
    sha256 digest not null,            -- of the plain picture
    size_bytes bigint not null check (size_bytes > 0),
    wrapped_key bytea not null,
    frames_ms int[] not null check (cardinality(frames_ms) > 0),    -- where each frame is from, in order
    primary key (subject_id, version),
    foreign key (subject_id, version) references versions
);
call make_append_only('strips');

create table stays (
    case_id uuid not null references cases,
    principal_id uuid not null references principals,
    times int not null check (times > 0),
    primary key (case_id, principal_id)
);

create index media_sha256_idx on media (sha256);

grant select, insert on strips to underseal_core;
grant select on strips to underseal_console;
grant select, insert, update on stays to underseal_console;
