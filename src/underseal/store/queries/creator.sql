-- All of this is what was disclosed to creators, and nothing else.

-- name: statements
-- A creator's statements, the newest first, from a place on.
select statement_id, decision_id, body, disclosed_at, appeal_until, expires_at
from creator_statements
where creator_id = $1 and ($2::timestamptz is null or (disclosed_at, statement_id) < ($2, $3))
order by disclosed_at desc, statement_id desc limit $4

-- name: statement
-- One statement of a creator.
select statement_id, decision_id, body, disclosed_at, appeal_until, expires_at
from creator_statements where creator_id = $1 and statement_id = $2

-- name: strikes
-- A creator's strikes.
select guideline, weight, issued_on, expires_on, is_voided from creator_strikes
where creator_id = $1 order by issued_on, expires_on, guideline

-- name: appeals
-- A creator's appeals, the newest first.
select appeal_id, statement_id, grounds, lodged_at, state, reasons, decided_at from creator_appeals
where creator_id = $1 order by lodged_at desc, appeal_id

-- name: is_appealed
-- Whether the decision that a statement explains has been appealed against.
select exists (select from creator_appeals where statement_id = $1)

-- name: lodge
-- Lodges an appeal, unless there is one.
insert into appeals (appeal_id, statement_id, decision_id, creator_id, grounds, lodged_at)
values ($1, $2, $3, $4, $5, $6) on conflict do nothing
