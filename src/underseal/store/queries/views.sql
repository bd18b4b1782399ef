-- name: add_views
-- Records views of a tick. A tick that has been counted for the subject stays as it was counted.
insert into views (subject_id, tick, organic, qualifying)
select g.subject_id, $1, g.organic, g.qualifying
from unnest($2::uuid[], $3::int[], $4::int[]) as g (subject_id, organic, qualifying)
where exists (select from audiences a where a.subject_id = g.subject_id
              and (a.last_tick is null or a.last_tick < $1))
order by g.subject_id
on conflict do nothing
returning subject_id

-- name: open_audience
-- A subject's audience begins, with its first window.
insert into audiences (subject_id, window_opened_at) values ($1, $2) on conflict do nothing

-- name: load_audience
-- A subject's audience so far, with the views that were told since the last tick. What nobody may
-- watch has the last views that it had.
select a.organic + coalesce(v.organic, 0) as organic, a.qualifying + coalesce(v.qualifying, 0) as qualifying,
       case when is_withheld(a.subject_id) then a.last_organic
            else coalesce(v.last_organic, a.last_organic) end as last_organic,
       a.window_number, a.window_opened_at, a.window_viewers
from audiences a
cross join lateral (
    select sum(v.organic) as organic, sum(v.qualifying) as qualifying,
           (array_agg(v.organic order by v.tick desc))[1] as last_organic
    from views v where v.subject_id = a.subject_id and v.tick > coalesce(a.last_tick, '-infinity')
) v
where a.subject_id = $1

-- name: grown_audiences
-- Videos whose reach has grown since machines last looked, by a factor and at least by a number.
select a.subject_id, s.version from audiences a join subjects s using (subject_id)
join visibility v using (subject_id)
where s.kind = 'video' and a.subject_id = any ($1) and v.level <> 'removed'
  and a.organic >= $2 and a.organic >= $3 * greatest(a.scanned_organic, 1)
order by a.subject_id

-- name: note_scanned_reach
-- Remembers the reach at which machines looked.
update audiences set scanned_organic = organic where subject_id = $1

-- name: end_small_windows
-- Ends the windows whose time is over at this tick although fewer than $2 viewers came, if any did,
-- just as the tick itself would. Answers them by their number.
with small as (
    select a.subject_id, a.window_number from audiences a
    left join lateral (
        select sum(v.qualifying) as qualifying from views v
        where v.subject_id = a.subject_id and v.tick <= $1 and (a.last_tick is null or v.tick > a.last_tick)
    ) v on true
    where a.window_opened_at <= $1 - $3::interval
      and a.window_viewers > 0 and a.window_viewers + coalesce(v.qualifying, 0) < $2
    order by a.subject_id for update of a
)
update audiences a
set window_number = a.window_number + 1, window_opened_at = a.window_opened_at + $3::interval,
    window_viewers = 0
from small s where a.subject_id = s.subject_id
returning a.subject_id, s.window_number
