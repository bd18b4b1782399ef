-- name: own_report
-- The report that a receipt was given for.
select reported_in, pseudonym is not null as has_account, is_notice, law, may_be_guessed, note, moments
from reports where receipt = $1

-- name: own_supplements
-- What was added to it.
select s.note, s.moments from reports r
join report_supplements s using (subject_id, round, guideline, tag)
where r.receipt = $1 order by s.content
