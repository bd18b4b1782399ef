-- name: note_key
-- The wrapped key of the notes about a subject; null where it was destroyed.
select wrapped from vault.note_keys where subject_id = $1

-- name: notes_on
-- Every note about a subject, in no order that says anything.
select round, guideline, tag, note from reports where subject_id = $1 and note is not null
union all
select round, guideline, tag, note from report_supplements where subject_id = $1 and note is not null
order by round, tag, guideline, note

-- name: reports_of_round
-- The reports of a round, and earlier ones whose reporters' complaints are heard in it, with what
-- was added to them: those with a note first, else in no order that says anything.
select r.round, r.guideline, r.tag, r.pseudonym, r.is_notice, r.by_trusted_flagger,
       array_remove(array_agg(n.note order by n.note), null) as notes,
       array_agg(n.moments::text order by n.moments::text) as moments
from reports r
cross join lateral (
    select r.note, r.moments
    union all
    select s.note, s.moments from report_supplements s
    where (s.subject_id, s.round, s.guideline, s.tag) = (r.subject_id, r.round, r.guideline, r.tag)
) n
where r.subject_id = $1 and (r.round = $2 or (r.round, r.guideline, r.tag) in (
    select c.round, c.guideline, c.tag from complaints c where (c.subject_id, c.heard_in) = ($1, $2)))
group by r.round, r.guideline, r.tag, r.pseudonym, r.is_notice, r.by_trusted_flagger
order by count(n.note) = 0, r.tag, r.guideline, r.round limit $3
