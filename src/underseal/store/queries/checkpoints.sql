-- name: only_one
-- One process at a time makes checkpoints.
select pg_advisory_xact_lock($1)

-- name: last_checkpoint
-- The newest checkpoint.
select number, root, prev_hash, hash, heads, made_at from checkpoints order by number desc limit 1

-- name: all_checkpoints
-- All checkpoints, in order.
select number, root, prev_hash, hash, heads, made_at from checkpoints order by number

-- name: changed_heads
-- The chains that have grown since they were last in a checkpoint. Those that somebody continues
-- just now are in the next one; those to which nothing happened but what a report may have caused
-- a moment ago, when anything else has happened, or if all are wanted ($1).
select subject_id, seq, hash from chain_heads h
where seq > checkpointed_seq and ($1 or exists (select from events e
    where e.subject_id = h.subject_id and e.seq > h.checkpointed_seq and e.kind not in ('assessed', 'effect_intended', 'effect_withdrawn')))
order by subject_id for update of h skip locked

-- name: add_checkpoint
-- Adds a checkpoint.
insert into checkpoints (number, root, prev_hash, hash, heads, made_at) values ($1, $2, $3, $4, $5, $6)

-- name: add_heads
-- The ends of chains that a checkpoint holds.
insert into checkpoint_heads (number, subject_id, seq, hash)
select $1, * from unnest($2::uuid[], $3::int[], $4::bytea[])

-- name: note_heads
-- These ends of chains are in a checkpoint.
update chain_heads h set checkpointed_seq = g.seq
from unnest($1::uuid[], $2::int[]) as g (subject_id, seq) where h.subject_id = g.subject_id

-- name: heads_of
-- The ends of chains that a checkpoint holds.
select subject_id, seq, hash from checkpoint_heads where number = $1 order by subject_id
