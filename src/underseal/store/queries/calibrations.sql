-- name: said
-- How many of the looks since a day said how much, by detector, guideline and band of the highest score, of
-- how many of these people have judged the version, and from when to when the detector has spoken.
-- Reported subjects are counted by themselves: people look at them for a reason that machines do not know.
with said as (
    select l.subject_id, l.version, s.detector, s.detector_version, s.guideline, max(s.score) as score,
           min(l.ended_at) as ended_at
    from newest_looks l join signals s using (subject_id, version, run)
    where l.ended_at >= $1 and not s.verified group by 1, 2, 3, 4, 5
)
select a.detector, a.detector_version, a.guideline, width_bucket(a.score, 0, 1, $2) as band,
       exists (select from reports r where r.subject_id = a.subject_id) as is_reported,
       min((a.ended_at at time zone 'utc')::date) as first_day,
       max((a.ended_at at time zone 'utc')::date) as last_day,
       count(*) as scanned,
       count(*) filter (where exists (select from findings f
           where (f.subject_id, f.version) = (a.subject_id, a.version))) as judged
from said a group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5

-- name: scanned
-- How many versions were last looked at on each day, and how many of these people have judged.
select (l.ended_at at time zone 'utc')::date as day,
       exists (select from reports r where r.subject_id = l.subject_id) as is_reported,
       count(*) as scanned,
       count(*) filter (where exists (select from findings f
           where (f.subject_id, f.version) = (l.subject_id, l.version))) as judged
from newest_looks l where l.ended_at >= $1 group by 1, 2 order by 1, 2

-- name: judged
-- The versions looked at since a day that people have judged, with the last word and what was said of
-- them: a row each for what was said, or one without.
with found as (
    select distinct on (f.subject_id, f.version) f.subject_id, f.version, f.guideline, f.decided_at
    from findings f order by f.subject_id, f.version, f.decided_at desc
)
select l.subject_id, l.version, f.guideline as broken, (f.decided_at at time zone 'utc')::date as judged_on,
       (l.ended_at at time zone 'utc')::date as day,
       exists (select from reports r where r.subject_id = l.subject_id) as is_reported,
       s.detector, s.detector_version, s.guideline, max(s.score) as score, width_bucket(max(s.score), 0, 1, $2) as band
from newest_looks l join found f using (subject_id, version)
left join signals s on (s.subject_id, s.version, s.run) = (l.subject_id, l.version, l.run) and not s.verified
where l.ended_at >= $1 group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 7, 8, 9

-- name: newest
-- What was learnt last.
select * from calibrations where learnt_on = (select max(learnt_on) from calibrations)
order by detector, detector_version, guideline

-- name: all
-- All that was ever learnt.
select * from calibrations order by learnt_on, detector, detector_version, guideline

-- name: save
-- Keeps what was learnt on a day.
insert into calibrations (learnt_on, detector, detector_version, guideline, base, intercept, slope, most,
    violating, harmless, spoken, calibration_error, brier, bins, auc, auc_low, auc_high, drift)
select $1, g.detector, g.detector_version, g.guideline, g.base, g.intercept, g.slope, g.most, g.violating, g.harmless,
    g.spoken, g.calibration_error, g.brier, g.bins::jsonb, g.auc, g.auc_low, g.auc_high, g.drift
from unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[],
    $8::float8[], $9::int[], $10::int[], $11::int[], $12::float8[], $13::float8[], $14::text[],
    $15::float8[], $16::float8[], $17::float8[], $18::float8[])
    as g (detector, detector_version, guideline, base, intercept, slope, most, violating, harmless, spoken,
          calibration_error, brier, bins, auc, auc_low, auc_high, drift)

-- name: since
-- Since when each detector has been in shadow, or in force, without a day of the other in between.
with ends as (
    select detector, detector_version, guideline, max(learnt_on) filter (where base is null) as shadow_on,
           max(learnt_on) filter (where base is not null) as force_on
    from calibrations group by 1, 2, 3
)
select detector, detector_version, guideline, min(c.learnt_on) as since
from calibrations c join ends e using (detector, detector_version, guideline)
where e.shadow_on is null or e.force_on is null or c.learnt_on > least(e.shadow_on, e.force_on)
group by 1, 2, 3

-- name: told
-- What the ledger tells of what was learnt.
select body from events where subject_id = $1 and kind = $2 order by seq
