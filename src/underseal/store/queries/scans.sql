-- name: want_scan
-- Asks for a look by the machines, unless one is waiting already.
insert into scans (subject_id, version, run, cause, state, wanted_at)
select $1, $2, coalesce(max(run), 0) + 1, $3, 'wanted', $4
from scans where (subject_id, version) = ($1, $2)
having not coalesce(bool_or(state = 'wanted'), false)
on conflict do nothing

-- name: take_scan
-- The scan that waits longest: a wanted one, or one whose scanner died or had a clock far ahead.
update scans set state = 'running', attempts = attempts + 1, lease_until = $2
where (subject_id, version, run) = (
    select subject_id, version, run from scans
    where state = 'wanted' or (state = 'running' and (lease_until < $1 or lease_until > $1 + interval '30 days'))
    order by wanted_at limit 1 for update skip locked)
returning subject_id, version, run, cause, attempts

-- name: end_scan
-- Ends a scan, once.
update scans set state = $4, failure = $5, scanner_version = $6, ended_at = $7, lease_until = null
where (subject_id, version, run) = ($1, $2, $3) and state in ('wanted', 'running')
returning true

-- name: note_calibrated
-- By what the signals of a scan were weighed.
update scans set calibrated_on = $4 where (subject_id, version, run) = ($1, $2, $3)

-- name: add_signals
-- What the detectors said, in one statement.
insert into signals (subject_id, version, run, ordinal, detector, detector_version, modality,
    guideline, score, weight, verified, start_ms, end_ms, detail)
select $1, $2, $3, g.ordinal, g.detector, g.detector_version, g.modality, g.guideline, g.score,
       g.weight, g.verified, g.start_ms, g.end_ms, g.detail
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::real[], $9::float8[],
            $10::boolean[], $11::int[], $12::int[], $13::text[]) with ordinality
    as g (detector, detector_version, modality, guideline, score, weight, verified, start_ms,
          end_ms, detail, ordinal)

-- name: newest_signals
-- The signals of the newest finished run on a version.
select s.detector, s.detector_version, s.modality, s.guideline, s.score, s.weight, s.verified,
       s.start_ms, s.end_ms, s.detail
from signals s
where (s.subject_id, s.version) = ($1, $2) and s.run = (
    select max(run) from scans where (subject_id, version) = ($1, $2) and state = 'done')
order by s.ordinal

-- name: first_look
-- Whether machines have looked at a version, and whether one of their looks has failed.
select coalesce(bool_or(state = 'done'), false) as is_seen,
       coalesce(bool_or(state = 'failed'), false) as has_failed
from scans where (subject_id, version) = ($1, $2)

-- name: unseen
-- Those of the subjects on whose present version nobody has looked: no machine, and where machines
-- could not, no moderator.
select s.subject_id from subjects s
join versions v on (v.subject_id, v.version) = (s.subject_id, s.version)
where s.subject_id = any ($1) and v.has_media
  and not exists (select from scans c
    where (c.subject_id, c.version) = (v.subject_id, v.version) and c.state = 'done')
  and not (exists (select from scans c
      where (c.subject_id, c.version) = (v.subject_id, v.version) and c.state = 'failed')
    and exists (select from findings f where (f.subject_id, f.version) = (v.subject_id, v.version)))

-- name: add_frame_hashes
-- The perceptual hashes of a version, kept so that its copies can be recognised.
insert into frame_hashes (subject_id, version, at_ms, hash, quality)
select $1, $2, * from unnest($3::int[], $4::bytea[], $5::smallint[]) on conflict do nothing

-- name: overdue_scans
-- First looks that have not ended by their deadline.
select subject_id, version, run, cause, attempts from scans
where state in ('wanted', 'running') and cause = 'registered' and wanted_at < $1
order by wanted_at limit $2

-- name: kept_too_long
-- Subjects that are kept back and were to have been looked at by now.
select subject_id from visibility where basis = 'scan' and expires_at <= $1
order by expires_at limit $2
