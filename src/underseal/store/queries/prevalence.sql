-- name: is_drawn
-- Whether audits were drawn from a day.
select exists (select from prevalence_days where day = $1)

-- name: viewed
-- Every video that was seen after a moment and up to another, with its version and organic views.
-- What has been held or removed since is among them: it was seen.
select v.subject_id, s.version, sum(v.organic)::bigint as views
from views v join subjects s using (subject_id)
where v.tick > $1 and v.tick <= $2 and s.kind = 'video' and s.version > 0
group by 1, 2 having sum(v.organic) > 0 order by 1

-- name: spoken_of
-- What the newest finished looks of the machines at these versions said.
select s.subject_id, s.detector, s.detector_version, s.modality, s.guideline, s.score, s.weight, s.verified,
       s.start_ms, s.end_ms, s.detail
from unnest($1::uuid[], $2::int[]) as g (subject_id, version) join signals s using (subject_id, version)
where s.run = (select max(c.run) from scans c
               where (c.subject_id, c.version) = (g.subject_id, g.version) and c.state = 'done')
order by s.subject_id, s.ordinal

-- name: add_day
-- A day is drawn from, unless it has been.
insert into prevalence_days (day, views, draws) values ($1, $2, $3) on conflict do nothing returning true

-- name: add_draws
-- What was drawn.
insert into prevalence_draws (day, subject_id, version, views, probability, times, nats, guidelines_version)
select $1, g.*, $8 from unnest($2::uuid[], $3::int[], $4::bigint[], $5::float8[], $6::int[], $7::float8[]) as g

-- name: unasked
-- Those that were drawn since a day, that nobody has decided, and whose round has no case that
-- somebody is owed a look at.
select distinct d.subject_id, d.version from prevalence_draws d
join subjects s on (s.subject_id, s.version) = (d.subject_id, d.version)
where d.day >= $1
  and not exists (select from decisions f where (f.subject_id, f.version) = (d.subject_id, d.version))
  and not exists (select from cases c where (c.subject_id, c.round) = (s.subject_id, s.round)
      and (c.duty_from is not null or c.closed_at is not null))
order by d.subject_id

-- name: waiting
-- How many draws from the days since one and before another nobody has answered.
select coalesce(sum(d.times), 0) from prevalence_draws d
where d.day >= $1 and d.day < $2
  and not exists (select from decisions f where (f.subject_id, f.version) = (d.subject_id, d.version))
