-- name: in_force
-- What is held by an effect, the hold that runs out first at the top, with the newest case about it.
select v.kind, v.external_id, v.changed_at, v.expires_at, e.guideline, c.case_id,
       coalesce(c.state, 'open') as state
from visibility v
left join lateral (select e.guideline from effects e
    where e.statement_id = v.statement_id and e.state = 'disclosed' limit 1) e on true
left join lateral (select c.case_id, c.state from cases c
    where c.subject_id = v.subject_id and c.kind = 'review' order by c.round desc limit 1) c on true
where v.level = 'held' and v.basis = 'effect' and v.expires_at is not null
order by v.expires_at, v.subject_id limit $1
