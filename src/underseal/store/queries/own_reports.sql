-- name: own_reports
-- The report that a receipt was given for and what its reporter has reported again, the oldest first.
-- With which of these receipts they ask makes no difference: else it would tell when a round has ended.
select r.round, r.tag, r.reported_in, r.pseudonym is not null as has_account, r.is_notice, r.law,
       r.by_trusted_flagger, r.may_be_guessed, r.note, r.moments
from reports r where (r.subject_id, r.guideline, r.tag) in (
    select f.subject_id, f.guideline, f.tag from reports f where f.receipt = $1 or f.earlier_receipt = $1)
order by r.round

-- name: own_supplements
-- What was added to them.
select s.round, s.tag, s.note, s.moments from report_supplements s
where (s.subject_id, s.guideline, s.tag) in (
    select f.subject_id, f.guideline, f.tag from reports f where f.receipt = $1 or f.earlier_receipt = $1)

-- name: to_repeat
-- What the reporter of a report chose, and the tag under which they would repeat it now: in a later
-- year another one, if they have reported under that in the present round.
select r.pseudonym, r.is_notice, r.law, r.by_trusted_flagger, r.may_be_guessed, coalesce((
    select n.tag from vault.pseudonym_links l
    join subjects s on s.subject_id = r.subject_id
    join reports n on (n.pseudonym, n.subject_id, n.round, n.guideline)
        = (l.pseudonym, s.subject_id, s.round, r.guideline)
    where l.previous = r.pseudonym limit 1), r.tag) as tag
from reports r where (r.subject_id, r.round, r.guideline, r.tag) = ($1, $2, $3, $4)
