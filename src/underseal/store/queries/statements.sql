-- name: add_statement
-- Keeps a statement; the creator sees it once it is disclosed.
insert into statements (statement_id, subject_id, creator_id, decision_id, body) values ($1, $2, $3, $4, $5)

-- name: load_statements
-- Statements as they were written.
select statement_id, subject_id, creator_id, decision_id, body from statements
where statement_id = any ($1)

-- name: overtaken_statements
-- Statements of decisions whose effect was withdrawn for another one, and that nobody has seen.
select s.statement_id, s.subject_id, s.creator_id, s.decision_id, s.body
from effects e join statements s on s.statement_id = e.statement_id
where e.subject_id = any ($1) and e.state = 'withdrawn' and e.decision_id is not null
  and not exists (select from disclosures d where d.statement_id = s.statement_id)
order by s.subject_id, s.statement_id

-- name: add_disclosures
-- These statements can be read from now on; one that could before stays as it is.
insert into disclosures (statement_id, effect_id, disclosed_at, appeal_until)
select g.statement_id, g.effect_id, $3, g.appeal_until
from unnest($1::uuid[], $2::uuid[], $4::timestamptz[]) as g (statement_id, effect_id, appeal_until)
order by g.statement_id
on conflict do nothing
returning statement_id
