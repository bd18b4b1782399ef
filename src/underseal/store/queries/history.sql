-- name: on_copies
-- Decisions on subjects with the same media, or that known content came from; the newest first.
with copies as (
    select m.subject_id from media own join media m using (sha256)
    where (own.subject_id, own.version) = ($1, $2)
    union
    select d.subject_id from known_content k join decisions d on d.decision_id = k.source_decision
    where k.item_id = any ($3)
)
select d.subject_id, s.kind, s.external_id, d.outcome, d.guideline, d.decided_at,
       exists (select from decisions later where later.reviews = d.decision_id
           and later.outcome <> d.outcome) as is_overturned
from copies join subjects s using (subject_id) join decisions d using (subject_id)
where subject_id <> $1
order by d.decided_at desc, d.decision_id limit $4

-- name: of_creator
-- Decisions on an account and on what else belongs to it; the newest first.
select d.subject_id, s.kind, s.external_id, d.outcome, d.guideline, d.decided_at,
       exists (select from decisions later where later.reviews = d.decision_id
           and later.outcome <> d.outcome) as is_overturned
from (select subject_id, kind, external_id from subjects where creator_id = $1
      union select subject_id, kind, external_id from subjects where subject_id = $1) s
join decisions d using (subject_id)
where subject_id <> $2
order by d.decided_at desc, d.decision_id limit $3
