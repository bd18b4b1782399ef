-- name: add_request
-- Somebody asks to open an identity.
insert into unsealings (request_id, subject_id, round, pseudonym, reason, requested_by, requested_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: lock_request
-- A request, to be continued.
select request_id, subject_id, round, pseudonym, reason, requested_by, approved_by, opened_at
from unsealings where request_id = $1 for update

-- name: approve
-- Somebody else agrees.
update unsealings set approved_by = $2, approved_at = $3 where request_id = $1

-- name: note_opened
-- The identity was opened.
update unsealings set opened_at = $2 where request_id = $1

-- name: load_identity
-- A sealed identity, as the vault has it.
select year, sealed from vault.sealed_identities where pseudonym = $1

-- name: erase_identities
-- Destroys what must not be opened any more.
select erase_identities($1)
