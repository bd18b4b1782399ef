-- name: add_draft
-- A decision that can still be called back.
insert into drafts (draft_id, case_id, outcome, guideline, finding, observed, moments, reasons,
    made_by, made_at, final_at, needs_second, state, bulk_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: lease_for_draft
-- Nobody else gets the case while its draft waits.
update cases set leased_until = greatest(leased_until, $3)
where case_id = $1 and state = 'leased' and leased_by = $2

-- name: lease_again
-- The case is back on the desk of who took their draft back, if it is still theirs.
update cases set leased_until = $3 where case_id = $1 and state = 'leased' and leased_by = $2
returning true

-- name: lock_draft
-- One draft, kept as it is until the transaction ends.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.finding, d.observed, d.moments, d.reasons,
       d.made_by, d.made_at, d.final_at, d.bulk_id, d.needs_second, d.confirmed_by, d.state, d.word, d.failures,
       p.withdrawn_on is null and p.role in ('moderator', 'lead') as may_decide, p.role as made_as
from drafts d join principals p on p.principal_id = d.made_by
where d.draft_id = $1 for update of d

-- name: lock_together
-- A draft and the others of its bulk, kept as they are until the transaction ends.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.finding, d.observed, d.moments, d.reasons,
       d.made_by, d.made_at, d.final_at, d.bulk_id, d.needs_second, d.confirmed_by, d.state, d.word, d.failures,
       p.withdrawn_on is null and p.role in ('moderator', 'lead') as may_decide, p.role as made_as
from drafts d join principals p on p.principal_id = d.made_by
where d.draft_id = $1 or d.bulk_id = (select o.bulk_id from drafts o where o.draft_id = $1)
order by d.case_id for update of d

-- name: live_draft
-- The draft that waits on a case.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.finding, d.observed, d.moments, d.reasons,
       d.made_by, d.made_at, d.final_at, d.bulk_id, d.needs_second, d.confirmed_by, d.state, d.word, d.failures,
       p.withdrawn_on is null and p.role in ('moderator', 'lead') as may_decide, p.role as made_as
from drafts d join principals p on p.principal_id = d.made_by
where d.case_id = $1 and d.state in ('pending', 'unconfirmed')

-- name: lock_due
-- A draft that nobody can call back any more, or that waited too long for a second person; those
-- that failed before come last, and those of other workers not at all.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.finding, d.observed, d.moments, d.reasons,
       d.made_by, d.made_at, d.final_at, d.bulk_id, d.needs_second, d.confirmed_by, d.state, d.word, d.failures,
       p.withdrawn_on is null and p.role in ('moderator', 'lead') as may_decide, p.role as made_as
from drafts d join principals p on p.principal_id = d.made_by
where (d.state = 'pending' and d.final_at <= $1) or (d.state = 'unconfirmed' and d.made_at <= $2)
order by d.failures, d.final_at limit 1 for update of d skip locked

-- name: save_draft
-- Where the draft stands now.
update drafts set state = $2, confirmed_by = $3, word = $4, ended_at = $5 where draft_id = $1

-- name: note_failure
-- It could not be settled this time, for a reason that is not the draft's.
update drafts set failures = failures + 1 where draft_id = $1 returning failures

-- name: undoable
-- The newest draft that somebody can still take back, and how many there are of its bulk.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.state, d.final_at, s.kind, s.external_id,
       (select count(*) from drafts o where o.draft_id = d.draft_id or o.bulk_id = d.bulk_id
           and o.state in ('pending', 'unconfirmed')) as together
from drafts d join cases c using (case_id) join subjects s using (subject_id)
where d.made_by = $1 and d.state in ('pending', 'unconfirmed') and d.final_at > $2
order by d.made_at desc limit 1

-- name: unread
-- What came back to who made it, and they do not know yet; one for all of a bulk that came back
-- with the same word, and how many those are.
select * from (
    select distinct on (coalesce(d.bulk_id, d.draft_id), d.state, d.word)
           d.draft_id, d.case_id, d.state, d.word, d.ended_at, s.kind, s.external_id,
           count(*) over (partition by coalesce(d.bulk_id, d.draft_id), d.state, d.word) as together
    from drafts d join cases c using (case_id) join subjects s using (subject_id)
    where d.made_by = $1 and d.state in ('returned', 'refused') and not d.is_read
    order by coalesce(d.bulk_id, d.draft_id), d.state, d.word, d.draft_id
) came_back
order by ended_at, draft_id limit $2

-- name: mark_read
-- Who made it knows, of the others of its bulk with the same word, too.
update drafts d set is_read = true
from drafts known
where known.draft_id = $1 and d.made_by = $2 and known.made_by = $2
  and (d.draft_id = known.draft_id
      or (d.bulk_id, d.state, d.word) = (known.bulk_id, known.state, known.word))

-- name: unconfirmed
-- What waits for a second person who can be this one: neither who made it nor who may not take the
-- case; nor, of a bulk, two without a lead; nor who owns the subject. What is due first comes first;
-- from a place on, if one is given.
select d.draft_id, d.case_id, d.outcome, d.guideline, d.finding, d.observed, d.moments, d.reasons,
       d.made_by, d.made_at, p.name, d.bulk_id, s.kind, s.external_id, c.due_at
from drafts d join cases c using (case_id) join subjects s using (subject_id)
join principals p on p.principal_id = d.made_by
where d.state = 'unconfirmed' and d.made_by <> $1 and $1 <> all (c.not_for)
  and (d.bulk_id is null or 'lead' in (p.role, $3))
  and s.subject_id <> all ($4) and (s.creator_id is null or s.creator_id <> all ($4))
  and ($7::uuid is null or (coalesce(c.due_at, 'infinity'), d.made_at, d.draft_id)
      > (coalesce($5::timestamptz, 'infinity'), $6::timestamptz, $7))
order by c.due_at nulls last, d.made_at, d.draft_id limit $2

-- name: may_read
-- Whether a colleague has asked somebody about the case: to confirm a draft or a charge, or a question.
select exists (select from drafts d join cases c using (case_id)
        where d.case_id = $1 and d.state = 'unconfirmed' and d.made_by <> $2 and $2 <> all (c.not_for)
          and $3 in ('moderator', 'lead'))
    or exists (select from charges h join decisions d using (decision_id)
        join cases c using (subject_id, round)
        where c.case_id = $1 and h.state = 'waiting' and h.made_by <> $2
          and $2 <> all (coalesce(d.first_deciders, '{}')) and $3 in ('moderator', 'lead'))
    or exists (select from questions q join cases c using (case_id)
        where q.case_id = $1 and q.asked_by <> $2 and c.state in ('queued', 'leased')
          and (q.to_person = $2 or q.to_role = $3) and (q.answer is null or q.answered_by = $2))

-- name: queue_again
-- The case waits again for whoever takes it, if it was this moderator's.
update cases set state = 'queued', leased_by = null, leased_until = null
where case_id = $1 and state = 'leased' and leased_by = $2

-- name: escalate
-- The moderator gives the case to leads, and says why.
update cases set state = 'queued', leased_by = null, leased_until = null, for_leads = true,
    escalated_by = $2, escalation = $3
where case_id = $1 and state = 'leased' and leased_by = $2 and leased_until > $4
  and not exists (select from drafts d where d.case_id = cases.case_id
      and d.state in ('pending', 'unconfirmed'))
returning true

-- name: escalation
-- Why a case was given to leads, and by whom.
select c.escalation, p.name from cases c join principals p on p.principal_id = c.escalated_by
where c.case_id = $1
