-- name: count
-- One more upload that machines have looked at, and what touched it.
insert into touches as t (day, kind, name, shard, touched)
select $1, g.kind, g.name, pg_backend_pid() % 16, 1
from unnest($2::text[], $3::text[]) as g (kind, name) order by g.kind, g.name
on conflict (day, kind, name, shard) do update set touched = t.touched + 1

-- name: touched
-- What each detector and guideline that touched an upload on a day has touched on it and on the days
-- before it since another, without those up to which its breaker had tripped and was reset; and the
-- uploads of these days. Without what is stopped, and what was reset on that day.
with day_touches as (
    select day, kind, name, sum(touched)::int as touched from touches
    where day between $2 and $1 group by 1, 2, 3
), targets as (
    select t.kind, t.name, coalesce((select max((i.closed_at at time zone 'utc')::date)
        from breaks b join incidents i using (incident_id)
        where (b.kind, b.name) = (t.kind, t.name)), $2::date - 1) as reset_on
    from day_touches t where t.day = $1 and t.kind <> 'upload'
      and not exists (select from breaks b join incidents i using (incident_id)
                      where (b.kind, b.name) = (t.kind, t.name) and i.closed_at is null)
)
select g.kind, g.name, u.day, coalesce(t.touched, 0) as touched, u.touched as uploads
from targets g join day_touches u on u.kind = 'upload' and u.day > g.reset_on
left join day_touches t on (t.kind, t.name, t.day) = (g.kind, g.name, u.day)
where g.reset_on < $1 order by g.kind, g.name, u.day

-- name: stopped
-- What is stopped now, and by which incident.
select b.kind, b.name, b.incident_id from breaks b join incidents i using (incident_id) where i.closed_at is null

-- name: stop
-- A breaker trips.
insert into breaks (incident_id, kind, name, touched, uploads, expected) values ($1, $2, $3, $4, $5, $6)

-- name: broken
-- What an incident has stopped.
select kind, name from breaks where incident_id = $1
