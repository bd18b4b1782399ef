-- What the review page needs: frame strips, timed text, how often a lease was extended, and finding
-- copies. Strips and texts are of the frozen copy, or sent with it; nothing here tells of a report.

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

-- What is said or written in a version, line by line. The platform sends its captions with the version
-- (run 0); the others a scan has read. They stay as the version's caption does: for good.
create table timed_texts (
    subject_id uuid not null,
    version int not null,
    source text not null check (source in ('screen', 'file', 'platform')),
    run int not null check (run >= 0),
    starts_ms int[] not null,
    ends_ms int[] not null,
    lines text[] not null check (cardinality(lines) between 1 and 2000),
    primary key (subject_id, version, source, run),
    foreign key (subject_id, version) references versions,
    check ((source = 'platform') = (run = 0)),
    check (cardinality(starts_ms) = cardinality(lines) and cardinality(ends_ms) = cardinality(lines))
);
call make_append_only('timed_texts');

create table stays (
    case_id uuid not null references cases,
    principal_id uuid not null references principals,
    times int not null check (times > 0),
    primary key (case_id, principal_id)
);

create index media_sha256_idx on media (sha256);

grant select, insert on strips to underseal_core;
grant select on strips to underseal_console;
grant select, insert on timed_texts to underseal_core;
grant select on timed_texts to underseal_console;
grant select, insert, update on stays to underseal_console;
