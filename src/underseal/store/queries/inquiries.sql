-- name: add_inquiry
-- A question to whoever filed a report, unless one of this case is open.
insert into inquiries (inquiry_id, case_id, subject_id, round, guideline, tag, question, asked_by, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing
returning inquiry_id

-- name: on_subject
-- What was asked about a subject, the oldest first, with the answers that were told.
select i.inquiry_id, i.case_id, i.round, i.guideline, i.tag, i.question, i.asked_at, i.is_answered,
       p.name as asked_by, t.answer
from inquiries i join principals p on p.principal_id = i.asked_by
left join told_answers t using (inquiry_id)
where i.subject_id = $1 order by i.asked_at, i.inquiry_id

-- name: to_reporter
-- What was asked of the reporter behind a tag about their reports of some rounds, the oldest first;
-- `asked_in` is the round of the case.
select i.inquiry_id, i.round, i.guideline, i.tag, i.question, i.asked_at, c.round as asked_in, a.answer
from inquiries i join cases c using (case_id) left join inquiry_answers a using (inquiry_id)
where i.subject_id = $1 and i.round = any ($2) and i.tag = $3 order by i.asked_at, i.inquiry_id

-- name: add_answer
-- The first answer to a question.
insert into inquiry_answers (inquiry_id, answer) values ($1, $2) on conflict do nothing
returning inquiry_id

-- name: tell_answers
-- Let moderators read what was answered since the last tick.
update inquiries i set is_answered = true
from inquiry_answers a where a.inquiry_id = i.inquiry_id and not i.is_answered
