-- name: add_request
-- Somebody asks to open an identity.
insert into unsealings (request_id, subject_id, round, pseudonym, reason, requested_by, requested_at,
    word, opens_from)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: lock_request
-- A request, to be continued.
select request_id, subject_id, round, pseudonym, reason, requested_by, approved_by,
       approval_ends_at, taken_year, tries, word, opens_from, refused_at is not null as is_refused
from unsealings where request_id = $1 for update

-- name: approve
-- Somebody else agrees, until some day.
update unsealings set approved_by = $2, approved_at = $3, approval_ends_at = $4 where request_id = $1

-- name: refuse
-- Nobody will open it.
update unsealings set refused_by = $2, refused_at = $3 where request_id = $1

-- name: note_taken
-- The sealed identity leaves the server.
update unsealings set taken_at = $2, taken_year = $3 where request_id = $1

-- name: note_try
-- An id was compared with it, and was the one or not.
update unsealings set tries = tries + 1, confirmed_at = coalesce(confirmed_at, $2)
where request_id = $1

-- name: load_identity
-- A sealed identity, as the vault has it.
select year, sealed from vault.sealed_identities where pseudonym = $1

-- name: erase_identities
-- Destroys what must not be opened any more.
select erase_identities($1)

-- name: words_to
-- What was said by a tick to whoever a receipt was given to, before their identity may be opened.
select u.word, u.opens_from, u.refused_at is not null as is_refused
from unsealings u
where (u.subject_id, u.pseudonym) in (
        select subject_id, pseudonym from reports where receipt = $1 or earlier_receipt = $1)
  and u.word is not null and u.requested_at <= $2
order by u.requested_at, u.request_id
