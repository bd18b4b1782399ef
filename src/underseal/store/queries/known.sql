-- name: add_known
-- Adds known content; the same decision adds it once.
insert into known_content (item_id, list_name, guideline, verified, hashes, source_decision, added_on)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- name: put_known
-- Adds what a decision was about, or changes whether it is verified. What is kept comes back.
insert into known_content as k
    (item_id, list_name, guideline, verified, hashes, source_decision, added_on, confirmed_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (source_decision) where source_decision is not null
do update set verified = excluded.verified, confirmed_by = excluded.confirmed_by
returning k.item_id, k.list_name, k.guideline, k.verified, k.hashes

-- name: retire_known
-- Takes back what a decision added: the decision was overturned.
update known_content set retired_on = $2 where source_decision = $1 and retired_on is null

-- name: retire_item
-- Takes one item off the list, as somebody wants it.
update known_content set retired_on = $2, retired_by = $3
where item_id = $1 and retired_on is null returning true

-- name: list_known
-- What is on the list and what was, the newest first, with where it comes from and who confirmed it.
select k.item_id, k.list_name, k.guideline, k.verified, k.hashes, k.source_decision, k.added_on,
       k.retired_on, s.kind, s.external_id, decider.name as decided_by,
       (d.decided_at at time zone 'UTC')::date as decided_on, confirmer.name as confirmed_by,
       retirer.name as retired_by
from known_content k
left join decisions d on d.decision_id = k.source_decision
left join subjects s on s.subject_id = d.subject_id
left join principals decider on decider.principal_id = d.decided_by
left join principals confirmer on confirmer.principal_id = k.confirmed_by
left join principals retirer on retirer.principal_id = k.retired_by
where (k.retired_on is not null) = $1 and ($2::date is null or (k.added_on, k.item_id) < ($2, $3::uuid))
order by k.added_on desc, k.item_id desc limit $4

-- name: candidates
-- Decisions on videos that stand and that no known content comes from, the newest first.
select d.decision_id, d.guideline, d.outcome, (d.decided_at at time zone 'UTC')::date as decided_on,
       s.kind, s.external_id
from decisions d join subjects s using (subject_id)
where d.guideline is not null and s.kind = 'video'
  and not exists (select from decisions later where later.reviews = d.decision_id)
  and not exists (select from known_content k join decisions source on source.decision_id = k.source_decision
    where (source.subject_id, source.version) = (d.subject_id, d.version) and k.retired_on is null)
order by d.decided_at desc, d.decision_id limit $1

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
