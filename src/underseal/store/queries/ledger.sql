-- name: begin_chains
-- Makes sure that these subjects have a chain.
insert into chain_heads (subject_id, seq, hash)
select subject_id, 0, $2 from unnest($1::uuid[]) as g (subject_id) order by subject_id
on conflict do nothing

-- name: lock_chains
-- Nobody else continues the story of these subjects until the transaction ends.
select subject_id from chain_heads where subject_id = any ($1) order by subject_id for update

-- name: chain_ends
-- The last events of these subjects, as far as they have any.
select e.subject_id, e.seq, e.kind, e.body, e.prev_hash, e.hash
from chain_heads h join events e on (e.subject_id, e.seq) = (h.subject_id, h.seq)
where h.subject_id = any ($1)

-- name: add_events
-- Adds events that follow the ends of their chains.
insert into events (subject_id, seq, kind, body, prev_hash, hash)
select * from unnest($1::uuid[], $2::int[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[])

-- name: move_heads
-- Notes the new ends of these chains. Answers those that were locked before.
update chain_heads h set seq = g.seq, hash = g.hash
from unnest($1::uuid[], $2::int[], $3::bytea[]) as g (subject_id, seq, hash)
where h.subject_id = g.subject_id
returning h.subject_id

-- name: reports_of_round
-- The reports of a round, with every column that their digest covers.
select subject_id, round, guideline, tag, pseudonym, taxonomy, reported_in, moments, note, content,
       is_notice, law, by_trusted_flagger, may_be_guessed, after_outcome, receipt, earlier_receipt, sealed
from reports where (subject_id, round) = ($1, $2)

-- name: supplements_of_round
-- What was added to the reports of a round.
select subject_id, round, guideline, tag, content, added_in, moments, note
from report_supplements where (subject_id, round) = ($1, $2)

-- name: commit_reports
-- What the reports of a round add up to; a closed round stays as it was closed.
insert into commitments (subject_id, round, reports, root, closed)
values ($1, $2, $3, $4, $5)
on conflict (subject_id, round) do update
set reports = excluded.reports, root = excluded.root, closed = excluded.closed
where not commitments.closed

-- name: last_event
-- The newest event of a kind in a chain.
select body from events where (subject_id, kind) = ($1, $2) order by seq desc limit 1
