-- name: subject_of_case
-- The subject that a case is about.
select subject_id from cases where case_id = $1

-- name: chain
-- All events of a subject, in order.
select subject_id, seq, kind, body, prev_hash, hash from events where subject_id = $1 order by seq

-- name: head
-- Where the chain of a subject should end.
select subject_id, seq, hash from chain_heads where subject_id = $1

-- name: newest_checkpoints
-- The newest checkpoint, and the one before it.
select number, root, prev_hash, hash, heads, made_at from checkpoints order by number desc limit 2

-- name: head_in_checkpoint
-- The end of a subject's chain as the newest checkpoint that has it knows it.
select number, subject_id, seq, hash from checkpoint_heads where subject_id = $1 order by number desc limit 1

-- name: newest_case
-- The newest case about a subject.
select case_id from cases where subject_id = $1 order by round desc limit 1
