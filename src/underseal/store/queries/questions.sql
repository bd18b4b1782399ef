-- name: add_question
-- A question on a case to a colleague or a role.
insert into questions (question_id, case_id, asked_by, asked_at, to_person, to_role, body)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: answer
-- The first answer to a question, by somebody it was put to.
update questions set answer = $4, answered_by = $2, answered_at = $5
where question_id = $1 and answer is null and asked_by <> $2 and (to_person = $2 or to_role = $3)
returning case_id

-- name: on_case
-- What was asked about a case, and answered.
select q.question_id, q.case_id, q.body, q.answer, q.asked_at, a.name as asked_by_name,
       t.name as to_name, q.to_role, w.name as answered_by_name, s.kind, s.external_id
from questions q join cases c using (case_id) join subjects s using (subject_id)
join principals a on a.principal_id = q.asked_by
left join principals t on t.principal_id = q.to_person
left join principals w on w.principal_id = q.answered_by
where q.case_id = $1 order by q.asked_at, q.question_id

-- name: put_to
-- Open questions to somebody, while the case is undecided, the oldest first.
select q.question_id, q.case_id, q.body, q.answer, q.asked_at, a.name as asked_by_name,
       t.name as to_name, q.to_role, w.name as answered_by_name, s.kind, s.external_id
from questions q join cases c using (case_id) join subjects s using (subject_id)
join principals a on a.principal_id = q.asked_by
left join principals t on t.principal_id = q.to_person
left join principals w on w.principal_id = q.answered_by
where q.answer is null and q.asked_by <> $1 and (q.to_person = $1 or q.to_role = $2)
  and c.state in ('queued', 'leased')
  and s.subject_id <> all ($4) and (s.creator_id is null or s.creator_id <> all ($4))
order by q.asked_at, q.question_id limit $3

-- name: asked_by
-- What somebody has asked, the newest first.
select q.question_id, q.case_id, q.body, q.answer, q.asked_at, a.name as asked_by_name,
       t.name as to_name, q.to_role, w.name as answered_by_name, s.kind, s.external_id
from questions q join cases c using (case_id) join subjects s using (subject_id)
join principals a on a.principal_id = q.asked_by
left join principals t on t.principal_id = q.to_person
left join principals w on w.principal_id = q.answered_by
where q.asked_by = $1 order by q.asked_at desc, q.question_id limit $2

-- name: colleagues
-- Who can be asked: everybody who moderates, but not oneself.
select principal_id, name, role from principals
where kind = 'moderator' and withdrawn_on is null and principal_id <> $1
order by name, principal_id limit $2
