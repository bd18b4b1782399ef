-- name: add_charge
-- That the reports of the round which a decision ended were made up.
insert into charges (decision_id, made_by) values ($1, $2)

-- name: load_charge
-- The charge beside a decision.
select h.made_by, h.state, d.decided_at, d.subject_id, d.first_deciders
from charges h join decisions d using (decision_id) where h.decision_id = $1

-- name: end_charge
-- What a second person says of a charge.
update charges set state = $2, second = $3, ended_at = $4 where decision_id = $1

-- name: open_charges
-- The charges since then that wait for a second person who can be this one: neither who made them, nor
-- who took the decision that was overturned, nor who owns the subject. The oldest first; from a
-- place on, if one is given.
select h.decision_id, h.made_by, c.case_id, d.decided_at, s.kind, s.external_id, p.name
from charges h join decisions d using (decision_id) join cases c using (subject_id, round)
join subjects s using (subject_id) join principals p on p.principal_id = h.made_by
where h.state = 'waiting' and h.made_by <> $1 and $1 <> all (coalesce(d.first_deciders, '{}'))
  and d.decided_at > $2
  and s.subject_id <> all ($3) and (s.creator_id is null or s.creator_id <> all ($3))
  and ($6::uuid is null or (d.decided_at, h.decision_id) > ($5::timestamptz, $6))
order by d.decided_at, h.decision_id limit $4
