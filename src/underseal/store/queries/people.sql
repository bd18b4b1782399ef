-- name: add_session
-- A session of a person, by the hash of its token.
insert into sessions (token_sha256, principal_id, opened_at, used_at) values ($1, $2, $3, $3)

-- name: use_session
-- Whose session it is, if it was opened and used recently enough; it is used now.
update sessions s set used_at = greatest(s.used_at, $2)
from principals p
where s.token_sha256 = $1 and s.opened_at > $3 and s.used_at > $4
  and p.principal_id = s.principal_id and p.withdrawn_on is null
returning p.principal_id, p.name, p.role

-- name: end_session
-- Forgets a session.
delete from sessions where token_sha256 = $1
