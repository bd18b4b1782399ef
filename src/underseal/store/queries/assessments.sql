-- name: take_pending
-- Subjects whose assessment is pending, leased by moving their next try into the future. One that is
-- weeks ahead was set by a clock that was.
update pending_assessments set not_before = $2
where subject_id in (
    select subject_id from pending_assessments
    where wanted > done and (not_before is null or not_before <= $1 or not_before > $1 + interval '30 days')
    order by subject_id limit $3 for update skip locked)
returning subject_id

-- name: load_progress
-- How far a subject's story and its assessment have come.
select coalesce((select seq from chain_heads where subject_id = $1), 0) as seq,
       coalesce(max(wanted), 0) as wanted, coalesce(max(done), 0) as done, max(waits_from) as waits_from
from pending_assessments where subject_id = $1

-- name: assessed
-- The assessment has taken in everything up to this count; the counts begin anew at random if that
-- was all. What was reported in the round ($4) and no case is of waits for a look.
update pending_assessments p
set wanted = case when wanted = $2 then anew else wanted end,
    done = case when wanted = $2 then anew else $2 end, failures = 0, not_before = null,
    waits_from = case when $4 and exists (select from subjects where (subject_id, round) = ($1, $3))
        and not exists (select from cases where (subject_id, round) = ($1, $3))
        then coalesce(waits_from, $5) end
from (select (random() * 2 ^ 52)::bigint as anew) drawn
where subject_id = $1 and $2 > done and $2 <= wanted

-- name: wait_no_more
-- Nothing that was reported of the subject waits for a look.
update pending_assessments set waits_from = null where subject_id = $1 and waits_from is not null

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
insert into assessments (subject_id, round, guideline, log_odds, machine, terms, priors_of)
select $1, $2, g.guideline, g.log_odds, g.machine, g.terms::jsonb, $7
from unnest($3::text[], $4::float8[], $5::float8[], $6::text[]) as g (guideline, log_odds, machine, terms)
order by g.guideline
on conflict (subject_id, round, guideline) do update
set log_odds = excluded.log_odds, machine = excluded.machine, terms = excluded.terms,
    priors_of = excluded.priors_of

-- name: load_assessments
-- The newest assessment of each guideline in a round.
select guideline, log_odds, machine, terms, priors_of from assessments
where (subject_id, round) = ($1, $2) order by log_odds desc, guideline

-- name: want_assessments
-- Marks assessments as pending.
select want_assessments($1)

-- name: want_waiting
-- Marks as pending what has waited for a look from a day on, unless it is already.
with waiting as (
    select subject_id from pending_assessments where waits_from <= $1 and wanted = done limit $2
)
select want_assessments(array[subject_id]) from waiting order by subject_id

-- name: want_reassessments
-- Marks as pending the assessments of those subjects that anything is known against.
select want_assessments(array(
    select distinct a.subject_id from assessments a join subjects s using (subject_id)
    where a.subject_id = any ($1) and a.round = s.round))
