-- name: load_outlook
-- What was learnt so far.
select inputs, outputs from reach_outlook

-- name: begin_outlook
-- Nothing has been learnt yet.
insert into reach_outlook default values on conflict do nothing

-- name: lock_outlook
-- What was learnt so far, to be continued.
select inputs, outputs, learnt_until from reach_outlook for update

-- name: save_outlook
-- What was learnt from now on.
update reach_outlook set inputs = $1, outputs = $2, learnt_until = $3

-- name: watched_in
-- Up to $3 of the public subjects that were watched in the tick $1: their views in it, until its end,
-- and until $2.
with watched as (
    select v.subject_id, v.organic from views v left join visibility s using (subject_id)
    where v.tick = $1 and v.organic > 0 and coalesce(s.level, 'public') = 'public'
    order by md5(v.subject_id::text || $1::text) limit $3
)
select w.organic, u.total, u.after
from watched w
cross join lateral (
    select sum(v.organic) filter (where v.tick <= $1) as total,
           coalesce(sum(v.organic) filter (where v.tick > $1), 0) as after
    from views v where v.subject_id = w.subject_id and v.tick <= $2
) u
