-- name: claim
-- Begins to answer a request, unless another one has the key: one that is kept, or under way.
insert into idempotent_answers as a (key_id, idempotency_key, fingerprint, started_at)
values ($1, $2, $3, $4)
on conflict (key_id, idempotency_key) do update
set fingerprint = excluded.fingerprint, status = null, body = null, started_at = excluded.started_at
where a.started_at < $5 or (a.status is null and a.started_at < $6)
returning true

-- name: load
-- What is kept under a key.
select fingerprint, status, body from idempotent_answers where (key_id, idempotency_key) = ($1, $2)

-- name: keep
-- The answer to a request that was begun.
update idempotent_answers set status = $3, body = $4 where (key_id, idempotency_key) = ($1, $2)

-- name: release
-- A request that was begun and came to nothing.
delete from idempotent_answers where (key_id, idempotency_key) = ($1, $2) and status is null

-- name: forget
-- Answers are kept for a while only.
delete from idempotent_answers where started_at < $1
