-- name: add_known
-- Adds known content; the same decision adds it once.
insert into known_content (item_id, list_name, guideline, verified, hashes, source_decision, added_on)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- name: put_known
-- Adds what a decision was about, or changes whether it is verified. What is kept comes back.
insert into known_content as k (item_id, list_name, guideline, verified, hashes, source_decision, added_on)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (source_decision) where source_decision is not null do update set verified = excluded.verified
returning k.item_id, k.list_name, k.guideline, k.verified, k.hashes

-- name: retire_known
-- Takes back what a decision added: the decision was overturned.
update known_content set retired_on = $2 where source_decision = $1 and retired_on is null

-- name: load_known
-- All known content in force.
select item_id, list_name, guideline, verified, hashes from known_content where retired_on is null
order by item_id

-- name: known_revision
-- Changes whenever the list does: a scanner reloads its index then.
select count(*) * 1000003 + count(retired_on) * 1009 + count(*) filter (where verified) from known_content

-- name: hashes_of_version
-- The hashes of a version's frames that are good enough to match by.
select hash from frame_hashes where (subject_id, version) = ($1, $2) and quality >= $3 order by at_ms
