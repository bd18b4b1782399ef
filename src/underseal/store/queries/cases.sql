-- name: enqueue
-- Queues a round for review, or gives it another place; one that has ended stays as it is. Its
-- clocks only ever run ahead: who is reported again and again does not wait longer.
insert into cases (case_id, subject_id, round, version, kind, state, lane, rate, due_at, duty_from,
    because, guideline, views_per_hour, opened_on)
values ($1, $2, $3, $4, 'review', 'queued', $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (subject_id, round) do update
set lane = excluded.lane, rate = excluded.rate, due_at = least(cases.due_at, excluded.due_at),
    duty_from = least(cases.duty_from, excluded.duty_from), is_duty = false, because = excluded.because,
    guideline = excluded.guideline, views_per_hour = excluded.views_per_hour,
    state = case when cases.state = 'open' then 'queued' else cases.state end
where cases.state in ('open', 'queued', 'leased')

-- name: is_queued_for_worth
-- Whether a round waits, or somebody has it, at a rate that goes by views; looks by chance have none.
select exists (select from cases where (subject_id, round) = ($1, $2) and kind = 'review'
    and state in ('queued', 'leased') and views_per_hour is not null)

-- name: owe_look
-- A case of which nobody was owed a look is a duty from a moment on.
update cases set duty_from = $3
where (subject_id, round) = ($1, $2) and duty_from is null and closed_at is null

-- name: open_appeal
-- Queues an appeal.
insert into cases (case_id, subject_id, round, version, kind, state, lane, rate, due_at, duty_from,
    because, guideline, views_per_hour, opened_on, reviews, not_for)
values ($1, $2, $3, $4, 'appeal', 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: is_opened
-- Whether an appeal against a decision has a case.
select exists (select from cases where reviews = $1)

-- name: return_lost_leases
-- Cases whose moderator has gone are queued again, and those that were taken by a clock far ahead.
update cases set state = 'queued', leased_by = null, leased_until = null
where case_id in (select case_id from cases where state = 'leased'
        and (leased_until <= $1 or leased_until > $1 + interval '30 days')
    for update skip locked)
returning case_id

-- name: begin_duties
-- From now on these cases go before every rate.
update cases set is_duty = true
where case_id in (select case_id from cases where state = 'queued' and not is_duty and duty_from <= $1
    order by duty_from limit $2 for update skip locked)

-- name: take_duty
-- The first duty of the ranks $8 to $9 that is not due before $10: of a rank, by when it is due, and
-- of one date by what a look does; of equal ones, here as below, by ids, which tell no order.
with chosen as (
    select case_id from cases
    where state = 'queued' and is_duty and duty_rank between $8 and $9
      and due_at >= coalesce($10::timestamptz, '-infinity')
      and ($3::text is null or kind = $3) and $1 <> all (not_for)
      and (not for_leads or (select p.role from principals p where p.principal_id = $1) = 'lead')
      and ($4::text is null or (select s.kind from subjects s where s.subject_id = cases.subject_id) = $4)
      and ($5::text[] is null or guideline = any ($5))
      and ($6::text is null or (select v.language from versions v
          where (v.subject_id, v.version) = (cases.subject_id, cases.version)) = $6)
      and ($7::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
          and (s.subject_id = any ($7) or s.creator_id = any ($7))))
    order by duty_rank, due_at, rate desc, case_id limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: take_by_rate
-- The case in which a look does most.
with chosen as (
    select case_id from cases
    where state = 'queued' and ($3::text is null or kind = $3) and $1 <> all (not_for)
      and (not for_leads or (select p.role from principals p where p.principal_id = $1) = 'lead')
      and ($4::text is null or (select s.kind from subjects s where s.subject_id = cases.subject_id) = $4)
      and ($5::text[] is null or guideline = any ($5))
      and ($6::text is null or (select v.language from versions v
          where (v.subject_id, v.version) = (cases.subject_id, cases.version)) = $6)
      and ($7::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
          and (s.subject_id = any ($7) or s.creator_id = any ($7))))
    order by rate desc, case_id limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: take_appeal
-- The appeal that is due first.
with chosen as (
    select case_id from cases
    where state = 'queued' and kind = $3 and kind = 'appeal' and $1 <> all (not_for)
      and (not for_leads or (select p.role from principals p where p.principal_id = $1) = 'lead')
      and ($4::text is null or (select s.kind from subjects s where s.subject_id = cases.subject_id) = $4)
      and ($5::text[] is null or guideline = any ($5))
      and ($6::text is null or (select v.language from versions v
          where (v.subject_id, v.version) = (cases.subject_id, cases.version)) = $6)
      and ($7::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
          and (s.subject_id = any ($7) or s.creator_id = any ($7))))
    order by due_at, case_id limit 1 for update skip locked
)
update cases c set state = 'leased', leased_by = $1, leased_until = $2
from chosen where c.case_id = chosen.case_id
returning c.case_id

-- name: release
-- The moderator gives the case back, and if they wish does not see it again. What they have
-- decided they undo first.
update cases
set state = 'queued', leased_by = null, leased_until = null,
    not_for = case when $3 then not_for || $2 else not_for end
where case_id = $1 and state = 'leased' and leased_by = $2
  and not exists (select from drafts d where d.case_id = cases.case_id
      and d.state in ('pending', 'unconfirmed'))
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

-- name: forget_dates
-- What told on which day these cases were opened is forgotten: those that ended so long ago.
update cases set opened_on = null, due_at = null, duty_from = null
where closed_at < $1 and opened_on is not null

-- name: last_round
-- The highest number that a round of the subject has.
select greatest(s.round, (select max(round) from cases c where c.subject_id = s.subject_id))
from subjects s where s.subject_id = $1

-- name: take_one
-- This case, if it waits and its moderator may have it.
update cases set state = 'leased', leased_by = $2, leased_until = $3
where case_id = $1 and state = 'queued' and $2 <> all (not_for)
  and (not for_leads or (select p.role from principals p where p.principal_id = $2) = 'lead')
  and ($4::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
      and (s.subject_id = any ($4) or s.creator_id = any ($4))))
returning case_id

-- name: stay
-- Whoever has the case keeps it longer.
update cases set leased_until = greatest(leased_until, $4)
where case_id = $1 and state = 'leased' and leased_by = $2 and leased_until > $3
returning leased_until

-- name: lanes
-- How many cases wait in each lane, and since which day.
select kind, lane, count(*) as waiting, min(opened_on) as oldest_on from cases
where state = 'queued' and ($1::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
      and (s.subject_id = any ($1) or s.creator_id = any ($1))))
group by kind, lane order by kind, lane

-- name: languages
-- Which languages some of those that wait are in.
select distinct v.language
from (select subject_id, version from cases where state = 'queued' order by rate desc limit $1) c
join versions v using (subject_id, version)
where v.language <> '' order by v.language

-- name: waiting
-- Those that wait, in the order in which they are taken, after one of them; those alone that a
-- moderator may take, if one is given.
with places as (
    select case_id, subject_id, round, kind, lane, due_at, because, guideline, views_per_hour,
           opened_on, for_leads,
           case when is_duty or duty_from <= $1 then duty_rank else 3 end as rank,
           case when is_duty or duty_from <= $1 then extract(epoch from due_at) else -rate end as place,
           -rate as regret
    from cases
    where (state = 'queued' or case_id = $6) and (case_id = $6 or (
          ($2::text is null or kind = $2)
      and ($3::text is null or (select s.kind from subjects s where s.subject_id = cases.subject_id) = $3)
      and ($4::text[] is null or guideline = any ($4))
      and ($5::text is null or (select v.language from versions v
          where (v.subject_id, v.version) = (cases.subject_id, cases.version)) = $5)
      and ($8::uuid is null or not for_leads and $8 <> all (not_for))
      and ($9::uuid[] = '{}' or not exists (select from subjects s where s.subject_id = cases.subject_id
          and (s.subject_id = any ($9) or s.creator_id = any ($9))))))
)
select p.case_id, p.kind, p.lane, p.due_at, p.because, p.guideline, p.opened_on,
       p.for_leads, p.rank < 3 as is_due, s.kind as subject_kind, s.external_id, a.log_odds,
       p.views_per_hour, v.level
from (select * from places
      where $6::uuid is null or (rank, place, regret, case_id)
          > (select last.rank, last.place, last.regret, last.case_id from places last where last.case_id = $6)
      order by rank, place, regret, case_id limit $7) p
join subjects s using (subject_id)
left join assessments a on (a.subject_id, a.round, a.guideline) = (p.subject_id, p.round, p.guideline)
left join visibility v on v.subject_id = p.subject_id
order by p.rank, p.place, p.regret, p.case_id

-- name: leases
-- Who has what and has not decided it yet; of one moderator alone, if one is given.
select c.case_id, c.leased_by, p.name, c.leased_until, c.kind, c.lane, s.kind as subject_kind
from cases c join subjects s using (subject_id) join principals p on p.principal_id = c.leased_by
where c.state = 'leased' and c.leased_until > $1 and ($2::uuid is null or c.leased_by = $2)
  and s.subject_id <> all ($4) and (s.creator_id is null or s.creator_id <> all ($4))
  and not exists (select from drafts d where d.case_id = c.case_id
      and d.state in ('pending', 'unconfirmed'))
order by c.leased_until, c.case_id limit $3
