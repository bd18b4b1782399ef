-- name: own_reports
-- The reports that a receipt was given for, the oldest first.
select round, tag, reported_in, pseudonym is not null as has_account, is_notice, law, may_be_guessed,
       note, moments
from reports where receipt = $1 or earlier_receipt = $1 order by round

-- name: own_supplements
-- What was added to them.
select r.round, r.tag, s.note, s.moments from reports r
join report_supplements s using (subject_id, round, guideline, tag)
where r.receipt = $1 or r.earlier_receipt = $1
