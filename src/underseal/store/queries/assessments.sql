-- name: take_pending
-- Subjects whose assessment is pending, leased by moving their next try into the future.
update pending_assessments set not_before = $2
where subject_id in (
    select subject_id from pending_assessments
    where wanted > done and (not_before is null or not_before <= $1)
    order by subject_id limit $3 for update skip locked)
returning subject_id

-- name: load_progress
-- How far a subject's story and its assessment have come.
select coalesce((select seq from chain_heads where subject_id = $1), 0) as seq,
       coalesce(max(wanted), 0) as wanted, coalesce(max(done), 0) as done
from pending_assessments where subject_id = $1

-- name: assessed
-- The assessment has taken in everything up to this count.
update pending_assessments set done = greatest(done, $2), failures = 0, not_before = null
where subject_id = $1

-- name: rest
-- The next assessment waits until a moment.
update pending_assessments set not_before = $2 where subject_id = $1

-- name: put_off
-- The assessment failed: it is tried again later.
update pending_assessments
set failures = failures + 1,
    not_before = $2::timestamptz + least($3::interval * (failures + 1), $4::interval)
where subject_id = $1

-- name: save_assessments
-- The newest assessment of each guideline.
insert into assessments (subject_id, round, guideline, log_odds, machine, terms, assessed_on)
select $1, $2, g.guideline, g.log_odds, g.machine, g.terms::jsonb, $3
from unnest($4::text[], $5::float8[], $6::float8[], $7::text[]) as g (guideline, log_odds, machine, terms)
order by g.guideline
on conflict (subject_id, round, guideline) do update
set log_odds = excluded.log_odds, machine = excluded.machine, terms = excluded.terms,
    assessed_on = excluded.assessed_on

-- name: load_assessments
-- The newest assessment of each guideline in a round.
select guideline, log_odds, machine, terms, assessed_on from assessments
where (subject_id, round) = ($1, $2) order by log_odds desc, guideline

-- name: want_assessments
-- Marks assessments as pending.
select want_assessments($1)

-- name: want_waiting
-- Marks as pending what was reported by a day without leading to a case, unless it is already.
with waiting as (
    select distinct s.subject_id
    from assessments a join subjects s on (s.subject_id, s.round) = (a.subject_id, a.round)
    join pending_assessments p on p.subject_id = s.subject_id and p.wanted = p.done
    where not exists (select from cases c where (c.subject_id, c.round) = (s.subject_id, s.round))
      and exists (select from reports r where (r.subject_id, r.round) = (s.subject_id, s.round)
          and r.reported_on <= $1)
    limit $2
)
select want_assessments(array[subject_id]) from waiting order by subject_id

-- name: want_reassessments
-- Marks as pending the assessments of those subjects that anything is known against.
select want_assessments(array(
    select distinct a.subject_id from assessments a join subjects s using (subject_id)
    where a.subject_id = any ($1) and a.round = s.round))
