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
select a.appeal_id, a.statement_id, a.decision_id, a.creator_id, a.grounds, a.lodged_at, d.deciders
from appeals a join decisions d using (decision_id) where a.decision_id = $1

-- name: appeals_against
-- The appeals against these decisions.
select appeal_id, decision_id from appeals where decision_id = any ($1)

-- name: waiting_appeals
-- Appeals that nobody has decided yet, the one that is due first at the top; and who may not decide.
select a.appeal_id, a.lodged_at, c.case_id, c.state, c.due_at, c.not_for, s.kind, s.external_id,
       f.outcome, f.guideline, f.decided_at, h.name as holder,
       array(select p.name from principals p
             where p.principal_id = any (coalesce(c.not_for, f.deciders)) order by p.name) as barred
from appeals a
join decisions f on f.decision_id = a.decision_id
join subjects s on s.subject_id = f.subject_id
left join cases c on c.reviews = a.decision_id
left join principals h on h.principal_id = c.leased_by
where not exists (select from decisions d where d.reviews = a.decision_id)
order by c.due_at nulls last, a.lodged_at, a.appeal_id limit $1
