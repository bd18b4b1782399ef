-- name: one_moment
-- All that the transaction reads is as it was at one moment.
set transaction isolation level repeatable read read only

-- name: subjects_after
-- Subjects that anything is recorded about, from a place on.
select subject_id from (
    (select subject_id from subjects where $1::uuid is null or subject_id > $1 order by subject_id limit $2)
    union (select subject_id from chain_heads where $1::uuid is null or subject_id > $1 order by subject_id limit $2)
    union (select distinct subject_id from events where $1::uuid is null or subject_id > $1 order by subject_id limit $2)
) known order by subject_id limit $2

-- name: events
-- The events of these subjects, in order.
select subject_id, seq, kind, body, prev_hash, hash from events
where subject_id = any ($1) order by subject_id, seq

-- name: heads
-- The heads of these subjects.
select subject_id, seq, hash from chain_heads where subject_id = any ($1)

-- name: reports
-- The reports of these subjects, with every column that their digest covers.
select subject_id, round, guideline, tag, pseudonym, taxonomy, reported_in, moments, note, content,
       is_notice, law, by_trusted_flagger, may_be_guessed, after_outcome, receipt, earlier_receipt, sealed
from reports where subject_id = any ($1)

-- name: supplements
-- What was added to the reports of these subjects before their rounds ended.
select subject_id, round, guideline, tag, content, added_in, moments, note
from report_supplements where subject_id = any ($1) and not after_end

-- name: commitments
-- What the rounds of these subjects were said to hold.
select subject_id, round, reports, root, closed from commitments where subject_id = any ($1)

-- name: pending
-- Of these subjects, those whose reports have not all been counted yet.
select subject_id from pending_assessments where subject_id = any ($1) and wanted > done

-- name: rounds
-- The present rounds of these subjects.
select subject_id, round from subjects where subject_id = any ($1)

-- name: visibility
-- What holds for these subjects.
select subject_id, level, age_restricted, labelled, interaction_limited, geo_blocked, expires_at
from visibility where subject_id = any ($1)

-- name: strikes
-- The strikes for these subjects.
select d.subject_id, k.decision_id, k.guideline, k.weight, k.issued_on, k.expires_on, k.voided_by
from strikes k join decisions d using (decision_id) where d.subject_id = any ($1)

-- name: decisions
-- The decisions on these subjects, as the ledger tells them.
select subject_id, decision_id, round, version, kind, outcome, guideline, guidelines_version, finding,
       automation, decided_by, confirmed_by, reviews, decided_at
from decisions where subject_id = any ($1)

-- name: credits_given
-- How many credits the decisions on these subjects gave and took back.
select d.subject_id, c.decision_id, c.takes_back, count(*) as credits
from credits c join decisions d using (decision_id) where d.subject_id = any ($1)
group by d.subject_id, c.decision_id, c.takes_back

-- name: records_after
-- Reporters with a track record or a credit, from a place on.
select pseudonym from (
    (select distinct pseudonym from track_records where $1::bytea is null or pseudonym > $1 order by pseudonym limit $2)
    union (select distinct pseudonym from credits where $1::bytea is null or pseudonym > $1 order by pseudonym limit $2)
    union (select distinct pseudonym from carried_records where $1::bytea is null or pseudonym > $1 order by pseudonym limit $2)
) known order by pseudonym limit $2

-- name: records
-- The track records of these reporters.
select pseudonym, topic, right_weight, wrong_weight, resolved, as_of from track_records
where pseudonym = any ($1)

-- name: credits
-- The credits of these reporters.
select decision_id, pseudonym, guideline, topic, finding, right_weight, wrong_weight, resolved, credited_on
from credits where pseudonym = any ($1)

-- name: hashes_at
-- The hashes of single events.
select e.subject_id, e.seq, e.hash
from events e join unnest($1::uuid[], $2::int[]) as g (subject_id, seq)
  on (e.subject_id, e.seq) = (g.subject_id, g.seq)
