-- name: lodged_appeals
-- Appeals that nobody has begun to hear, the oldest first. They are opened in that order, so there
-- are none much older than the last one that was opened.
select a.appeal_id, a.decision_id, d.subject_id
from appeals a join decisions d using (decision_id)
where not exists (select from cases c where c.reviews = a.decision_id)
  and a.lodged_at >= coalesce(
    (select l.lodged_at from appeals l where exists (select from cases c where c.reviews = l.decision_id)
     order by l.lodged_at desc limit 1) - interval '1 day', '-infinity')
order by a.lodged_at, a.appeal_id limit $1

-- name: appeal_against
-- The appeal against a decision.
select a.appeal_id, a.statement_id, a.decision_id, a.creator_id, a.grounds, a.lodged_at, d.decided_by
from appeals a join decisions d using (decision_id) where a.decision_id = $1

-- name: appeals_against
-- The appeals against these decisions.
select appeal_id, decision_id from appeals where decision_id = any ($1)
