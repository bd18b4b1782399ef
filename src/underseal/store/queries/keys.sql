-- name: add_principal
-- Whoever may have keys: a platform (no role) or a moderator.
insert into principals (principal_id, name, kind, role, added_on)
values ($1, $2, case when $3::text is null then 'platform' else 'moderator' end, $3, $4)

-- name: withdraw_principal
-- Ends the use of all keys of a principal; answers whether it could still use them.
update principals set withdrawn_on = $2 where principal_id = $1 and withdrawn_on is null returning true

-- name: add_key
-- The hash of a key's secret, and the wrapped secret that signs its tickets.
insert into api_keys (key_id, principal_id, secret_sha256, scopes, ticket_secret, added_on)
values ($1, $2, $3, $4, $5, $6)

-- name: revoke_key
-- Ends the use of one key; answers whether it could still be used.
update api_keys set revoked_on = $2 where key_id = $1 and revoked_on is null returning true

-- name: load_keys
-- All keys that may be used.
select k.key_id, k.principal_id, p.role, k.scopes, k.secret_sha256, k.ticket_secret
from api_keys k join principals p using (principal_id)
where k.revoked_on is null and p.withdrawn_on is null
