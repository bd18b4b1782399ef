-- name: add_decision
-- Records a decision; one on an appeal with the deciders of that which it reviews.
insert into decisions (decision_id, subject_id, round, version, kind, outcome, guideline,
    guidelines_version, finding, automation, decided_by, confirmed_by, reviews, first_deciders, reasons,
    decided_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    (select first.deciders from decisions first where first.decision_id = $13), $14, $15)

-- name: load_decision
-- One decision.
select decision_id, subject_id, round, version, kind, outcome, guideline, guidelines_version,
       finding, automation, decided_by, confirmed_by, reviews, reasons, decided_at
from decisions where decision_id = $1

-- name: decisions_on
-- All decisions on these subjects, the oldest first.
select decision_id, subject_id, round, version, kind, outcome, guideline, guidelines_version,
       finding, automation, decided_by, confirmed_by, reviews, reasons, decided_at
from decisions where subject_id = any ($1) order by decided_at, round, decision_id

-- name: undisclosed
-- Of the decisions on a subject, those whose statement nobody has seen.
select s.decision_id from statements s
where s.subject_id = $1 and s.decision_id is not null
  and not exists (select from disclosures d where d.statement_id = s.statement_id)

-- name: decisions_by_id
-- Several decisions.
select decision_id, subject_id, round, version, kind, outcome, guideline, guidelines_version,
       finding, automation, decided_by, confirmed_by, reviews, reasons, decided_at
from decisions where decision_id = any ($1)

-- name: has_notice
-- Whether a notice of illegality is among the reports of a round for a guideline.
select exists (select from reports where (subject_id, round, guideline) = ($1, $2, $3) and is_notice)

-- name: statement_of
-- The statement of a decision.
select statement_id from statements where decision_id = $1
