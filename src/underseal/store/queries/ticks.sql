-- name: only_one
-- One process at a time runs ticks.
select pg_advisory_xact_lock($1)

-- name: last_tick
-- The last tick that has been.
select max(tick) from ticks

-- name: add_tick
-- The tick has been.
insert into ticks (tick, done_at) values ($1, $2)

-- name: open_windows
-- Windows for subjects that wait for one and were never registered.
insert into audiences (subject_id, window_opened_at)
select e.subject_id, $1 from effects e
where e.state = 'intended' and e.disclosure = 'window'
  and not exists (select from audiences a where a.subject_id = e.subject_id)
order by e.subject_id
on conflict do nothing

-- name: advance_windows
-- Adds the views told since the last tick to the audiences, and moves their windows on as
-- core.disclosure.advance_window does: $2 viewers close one, or the time $3. Views told later than
-- $4 were counted before. Who watched before the present window opened, and is told of late, is no
-- crowd in it.
with told as (
    select v.subject_id, sum(v.organic) as organic, sum(v.qualifying) as qualifying,
           coalesce(sum(v.qualifying) filter (where v.tick >= w.opened_at), 0) as in_window,
           max(v.tick) as tick, (array_agg(v.organic order by v.tick desc))[1] as last_organic
    from views v join audiences a using (subject_id)
    cross join lateral (
        select a.window_opened_at + $3::interval * greatest(0,
            ceil(extract(epoch from $1 - a.window_opened_at) / extract(epoch from $3::interval))::int - 1)
            as opened_at
    ) w
    where v.tick > $4 and v.tick <= $1 and (a.last_tick is null or v.tick > a.last_tick)
    group by v.subject_id
), waiting as (
    select subject_id from effects where state = 'intended' and disclosure = 'window'
), moved as (
    select a.subject_id, coalesce(v.organic, 0) as organic, coalesce(v.qualifying, 0) as qualifying,
           coalesce(v.in_window, 0) as in_window, v.tick as told_tick, v.last_organic,
           a.window_number, a.window_opened_at, a.window_viewers,
           greatest(0, ceil(extract(epoch from $1 - a.window_opened_at) / extract(epoch from $3::interval))::int - 1)
               as ran_out
    from audiences a left join told v using (subject_id)
    where a.subject_id in (select subject_id from told union select subject_id from waiting)
    order by a.subject_id for update of a
), caught_up as (
    select subject_id, organic, qualifying, told_tick, last_organic, window_number + ran_out as number,
           window_opened_at + ran_out * $3::interval as opened_at,
           case when ran_out > 0 then 0 else window_viewers end + in_window as viewers
    from moved
), closed as (
    select *, $1 > opened_at and (viewers >= $2 or $1 - opened_at >= $3::interval) as closes from caught_up
)
update audiences a
set organic = a.organic + c.organic,
    qualifying = a.qualifying + c.qualifying,
    last_tick = coalesce(c.told_tick, a.last_tick),
    last_organic = case when is_withheld(a.subject_id) then a.last_organic
                        else coalesce(c.last_organic, a.last_organic) end,
    window_number = case when $1 <= c.opened_at then a.window_number else c.number + c.closes::int end,
    window_opened_at = case when c.closes then $1 else c.opened_at end,
    window_viewers = case when c.closes then 0 when $1 <= c.opened_at then a.window_viewers else c.viewers end
from closed c where a.subject_id = c.subject_id

-- name: quiet_audiences
-- Who was watched in an earlier tick than $1 and not since has no views now; what nobody may watch
-- keeps those that it had.
update audiences set last_organic = 0 where last_organic > 0 and last_tick < $1 and not is_withheld(subject_id)

-- name: tell_outcomes
-- Notes what came of rounds: where nothing is to show, at the tick after the decision; else once it
-- shows; and of an appeal once that shows. The last one counts. Who reports after an outcome of the
-- present receipts has shown gets another one; where nothing shows, who reports from the day $3 on.
with news as (
insert into receipt_states (subject_id, round, state, changed_at, shows)
select distinct on (subject_id, round) subject_id, round,
       case when outcome = 'no_violation' then 'no_violation' else 'action_taken' end, $1, shows
from (
    select d.subject_id, d.round, d.outcome, d.decided_at as told_at, false as shows
    from decisions d
    where d.decided_at between $2 and $1 and d.reviews is null
      and not exists (select from statements s where s.decision_id = d.decision_id)
    union all
    select d.subject_id, coalesce(f.round, d.round), d.outcome, p.disclosed_at, true
    from disclosures p join statements s using (statement_id)
    join decisions d on d.decision_id = s.decision_id
    left join decisions f on f.decision_id = d.reviews
    where p.disclosed_at between $2 and $1
) told
order by subject_id, round, told_at desc
on conflict (subject_id, round) do update
set state = excluded.state, changed_at = excluded.changed_at, shows = excluded.shows
where receipt_states.state <> excluded.state
returning subject_id, round, shows
), answered as (
    select s.subject_id, n.shows from subjects s
    cross join lateral (
        select bool_or(n.shows) as shows from news n
        where n.subject_id = s.subject_id and n.round >= receipt_round_on(s, $3::date - 1)) n
    where s.subject_id in (select n.subject_id from news n) and n.shows is not null
    order by s.subject_id for update of s
)
update subjects s
set receipt_round = case when a.shows then s.round else s.receipt_round end,
    receipts_move_on = case when not a.shows then coalesce(s.receipts_move_on, $3) end
from answered a where a.subject_id = s.subject_id

-- name: overdue_duties
-- Subjects of cases that ought to have been decided by now, and that nobody was told of yet.
select distinct c.subject_id from cases c
where c.state in ('queued', 'leased') and c.due_at <= $1
  and not exists (select from incidents i where i.subject_id = c.subject_id and i.kind = $2 and i.closed_at is null)
order by c.subject_id
