-- name: raise_incidents
-- Raises incidents about subjects, unless one of the kind is open. Answers those that are new.
insert into incidents (incident_id, kind, subject_id, detail, raised_at)
select g.incident_id, $2, g.subject_id, $3, $4
from unnest($1::uuid[], $5::uuid[]) as g (incident_id, subject_id)
where g.subject_id is null or not exists (select from incidents i
    where i.subject_id = g.subject_id and i.kind = $2 and i.closed_at is null)
order by g.incident_id
returning subject_id

-- name: close_incidents
-- Closes what was open about a subject: a person has looked.
update incidents set closed_at = $2 where subject_id = $1 and closed_at is null

-- name: close_incident
-- Closes one incident.
update incidents set closed_at = $2 where incident_id = $1 and closed_at is null returning true

-- name: open_incidents
-- The open incidents, the newest first.
select i.incident_id, i.kind, i.detail, i.raised_at, s.kind as subject_kind, s.external_id
from incidents i left join subjects s using (subject_id)
where i.closed_at is null order by i.raised_at desc, i.incident_id limit $1
