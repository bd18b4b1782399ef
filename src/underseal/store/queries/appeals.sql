-- name: lodged_appeals
-- Appeals that nobody has begun to hear, the oldest first.
select a.appeal_id, a.decision_id, d.subject_id
from appeals a join decisions d using (decision_id)
where not exists (select from cases c where c.reviews = a.decision_id)
order by a.lodged_at, a.appeal_id limit $1

-- name: appeal_against
-- The appeal against a decision.
select a.appeal_id, a.statement_id, a.decision_id, a.creator_id, a.grounds, a.lodged_at, d.decided_by
from appeals a join decisions d using (decision_id) where a.decision_id = $1

-- name: appeals_against
-- The appeals against these decisions.
select appeal_id, decision_id from appeals where decision_id = any ($1)
