-- What scores of detectors are worth, learnt from what people found; and what is stopped because it
-- touched too many uploads. Signals are weighed when they are made, and stay as they were.

set local search_path = underseal;

-- Null numbers: the detector is in shadow, and counts nothing. The newest day is in force.
create table calibrations (
    learnt_on date not null,
    detector text not null,
    detector_version text not null,
    guideline text not null,
    base double precision,             -- log-odds of a breach among all that were scanned
    intercept double precision,        -- what a score of 1/2 is worth, in nats
    slope double precision check (slope >= 0),
    most double precision check (most > 0),
    violating int not null check (violating >= 0),
    harmless int not null check (harmless >= 0),
    spoken int not null check (spoken between 0 and violating + harmless),
    calibration_error double precision check (calibration_error between 0 and 1),
    brier double precision check (brier between 0 and 1),
    bins jsonb,                        -- the reliability diagram, on labels that did not teach the map
    auc double precision check (auc between 0 and 1),
    auc_low double precision check (auc_low between 0 and auc),
    auc_high double precision check (auc_high between auc and 1),
    drift double precision check (drift between 0 and 1),   -- how probable recent labels are, if not
    primary key (learnt_on, detector, detector_version, guideline),
    check (num_nulls(base, intercept, slope, most) in (0, 4)),
    check (num_nulls(calibration_error, brier, bins) in (0, 3)),
    check (num_nulls(auc, auc_low, auc_high) in (0, 3))
);
call make_append_only('calibrations');

-- The day of the calibrations by which a look's signals were weighed; null: none was in force.
alter table scans add column calibrated_on date;

-- The newest finished look at each version.
create view newest_looks as
    select distinct on (subject_id, version) subject_id, version, run, ended_at from scans
    where state = 'done' order by subject_id, version, run desc;

-- How many new uploads machines looked at in a day, and how many of them each detector and guideline
-- touched. In shards, so that scans that end together do not wait for each other.
create table touches (
    day date not null,
    kind text not null check (kind in ('upload', 'detector', 'guideline')),
    name text not null,
    shard smallint not null,
    touched int not null check (touched > 0),
    primary key (day, kind, name, shard),
    check ((kind = 'upload') = (name = ''))
);

-- A breaker that tripped; it stops its target until its incident is closed.
create table breaks (
    incident_id uuid primary key references incidents,
    kind text not null check (kind in ('detector', 'guideline')),
    name text not null,
    touched int not null,
    uploads int not null check (touched between 1 and uploads),
    expected double precision not null check (expected > 0 and expected < 1)
);
call make_append_only('breaks');

grant select on calibrations, newest_looks, touches, breaks to underseal_core;
grant select on calibrations, breaks to underseal_console;
grant insert on calibrations, touches, breaks to underseal_core;
grant update on touches to underseal_core;
