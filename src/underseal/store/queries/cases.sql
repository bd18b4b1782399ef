-- name: enqueue
-- Queues a round for review, or gives it another place; one that has ended stays as it is. Its
-- clocks only ever run ahead: who is reported again and again does not wait longer.
insert into cases (case_id, subject_id, round, version, kind, state, lane, rate, due_at, duty_from,
    because, guideline, opened_on)
values ($1, $2, $3, $4, 'review', 'queued', $5, $6, $7, $8, $9, $10, $11)
on conflict (subject_id, round) do update
set lane = excluded.lane, rate = excluded.rate, due_at = least(cases.due_at, excluded.due_at),
    duty_from = least(cases.duty_from, excluded.duty_from), is_duty = false, because = excluded.because,
    guideline = excluded.guideline,
    state = case when cases.state = 'open' then 'queued' else cases.state end
where cases.state in ('open', 'queued', 'leased')

-- name: open_appeal
-- Queues an appeal.
insert into cases (case_id, subject_id, round, version, kind, state, lane, rate, due_at, duty_from,
    because, guideline, opened_on, reviews, not_for)
values ($1, $2, $3, $4, 'appeal', 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: is_opened
-- Whether an appeal against a decision has a case.
select exists (select from cases where reviews = $1)

-- name: return_lost_leases
-- Cases whose moderator has gone are queued again.
update cases set state = 'queued', leased_by = null, leased_until = null
where case_id in (select case_id from cases where state = 'leased' and leased_until <= $1
    for update skip locked)
returning case_id

-- name: begin_duties
-- From now on the due date of these cases goes before every rate.
update cases set is_duty = true
where case_id in (select case_id from cases where state = 'queued' and not is_duty and duty_from <= $1
    order by duty_from limit $2 for update skip locked)

-- name: take_duty
-- The duty that is due first.
with chosen as (
    select case_id from cases
    where state = 'queued' and is_duty and ($3::text is null or kind = $3) and $1 <> all (not_for)
    order by due_at limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: take_by_rate
-- The case in which a look does most.
with chosen as (
    select case_id from cases
    where state = 'queued' and ($3::text is null or kind = $3) and $1 <> all (not_for)
    order by rate desc limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: take_appeal
-- The appeal that is due first.
with chosen as (
    select case_id from cases
    where state = 'queued' and kind = 'appeal' and $1 <> all (not_for)
    order by due_at limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: release
-- The moderator gives the case back, and if they wish does not see it again.
update cases
set state = 'queued', leased_by = null, leased_until = null,
    not_for = case when $3 then not_for || $2 else not_for end
where case_id = $1 and state = 'leased' and leased_by = $2
returning true

-- name: load_case
-- One case.
select case_id, subject_id, round, version, kind, state, lane, due_at, because, guideline, reviews,
       leased_by, leased_until, not_for
from cases where case_id = $1

-- name: lock_case
-- One case, kept as it is until the transaction ends.
select case_id, subject_id, round, version, kind, state, lane, due_at, because, guideline, reviews,
       leased_by, leased_until, not_for
from cases where case_id = $1 for update

-- name: lock_case_of_round
-- The case of a round, kept as it is until the transaction ends.
select case_id, subject_id, round, version, kind, state, lane, due_at, because, guideline, reviews,
       leased_by, leased_until, not_for
from cases where (subject_id, round) = ($1, $2) for update

-- name: end_case
-- The round of the case is over.
update cases set state = $2, closed_at = $3, leased_by = null, leased_until = null where case_id = $1

-- name: last_round
-- The highest number that a round of the subject has.
select greatest(s.round, (select max(round) from cases c where c.subject_id = s.subject_id))
from subjects s where s.subject_id = $1

-- name: lanes
-- How many cases wait in each lane.
select kind, lane, count(*) as waiting from cases where state = 'queued' group by kind, lane
order by kind, lane
