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
-- Closes one incident, with what somebody says about it.
update incidents set closed_at = $2, closed_by = $3, closed_with = $4
where incident_id = $1 and closed_at is null returning true

-- name: open_incidents
-- The open incidents, the newest first.
select i.incident_id, i.kind, i.detail, i.raised_at, s.kind as subject_kind, s.external_id,
       (select c.case_id from cases c where c.subject_id = i.subject_id order by c.round desc limit 1) as case_id
from incidents i left join subjects s using (subject_id)
where i.closed_at is null order by i.raised_at desc, i.incident_id limit $1

-- name: closed_incidents
-- The incidents that were closed last: by a decision, or by somebody with a word.
select i.incident_id, i.kind, i.detail, i.raised_at, s.kind as subject_kind, s.external_id,
       (select c.case_id from cases c where c.subject_id = i.subject_id order by c.round desc limit 1) as case_id,
       i.closed_at, i.closed_with, p.name as closed_by
from incidents i left join subjects s using (subject_id) left join principals p on p.principal_id = i.closed_by
where i.closed_at is not null order by i.closed_at desc, i.incident_id limit $1
