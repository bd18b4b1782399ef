-- Reports come in through functions of the database alone: the role that files them reads none.

-- name: open_rounds
-- Makes sure that subjects exist, and note keys where given, and fences their rounds.
select subject_id, round, receipt_round, outcome_visible, wrapped from open_rounds($1, $2, $3, $4, $5)

-- name: file_reports
-- Writes reports; answers by position which are new, and under which tag each is stored.
select is_new, stored_tag
from file_reports($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22, $23, $24)
order by ordinal

-- name: add_supplements
-- Keeps what a repeat adds to its report.
select add_supplements($1, $2, $3, $4, $5, $6, $7, $8)

-- name: look_up_receipt
-- What the holder of a receipt may know.
select kind, external_id, guideline, is_notice, states, changed, shown from look_up_receipt($1)

-- name: schedule_erasure
-- Gives sealed identities a last day, or an earlier one.
select schedule_erasure($1, $2)
