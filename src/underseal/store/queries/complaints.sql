-- name: report_of
-- The newest report that a receipt was given for, the rounds that it stands for, and where its reporter
-- is heard, with what came of that as far as it was told. Which of their receipts they complained with
-- makes no difference, if it is heard no earlier than in the round of the first of these reports.
select r.subject_id, r.round, r.guideline, r.tag, r.rounds, k.wrapped, c.heard_in, t.state as heard,
       t.changed_at
from (select f.*, min(f.round) over () as first_round from reports_of_receipt($1) f
      order by f.round desc limit 1) r
left join vault.note_keys k using (subject_id)
left join lateral (
    select c.heard_in, c.subject_id from complaints c
    where c.receipt = $1 or (c.subject_id, c.guideline, c.tag) = (r.subject_id, r.guideline, r.tag)
      and c.heard_in >= r.first_round
    order by c.receipt = $1 desc, c.heard_in limit 1) c on true
left join receipt_states t on (t.subject_id, t.round) = (c.subject_id, c.heard_in)

-- name: heard_in
-- The first round in which a complaint is heard about what a receipt made of round $2 stands for and a
-- report of round $3, if there is one; but not by who decided the former, or confirmed that.
select min(c.heard_in) from complaints c
where c.subject_id = $1 and c.heard_in > $2 and c.heard_in >= $3 and not exists (
    select from decisions first join decisions again
        on again.subject_id = first.subject_id and again.decided_by = any (first.deciders)
    where (first.subject_id, first.round, again.round) = ($1, $2, c.heard_in))

-- name: add_complaint
-- There is a complaint with a receipt about a report.
insert into complaints (receipt, receipt_round, subject_id, round, guideline, tag, heard_in)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: add_supplement
-- Keeps what is added to a report.
select add_supplements(array[$1::uuid], array[$2::int], array[$3::text], array[$4::bytea],
    array[$5::bytea], $6, array['{}'], array[$7::bytea])

-- name: spare_deciders
-- The case of the round $3 is for others than who decided the rounds $2; whoever of them has it
-- gives it back.
update cases c
set not_for = c.not_for || d.people,
    state = case when c.leased_by = any (d.people) then 'queued' else c.state end,
    leased_by = case when c.leased_by = any (d.people) then null else c.leased_by end,
    leased_until = case when c.leased_by = any (d.people) then null else c.leased_until end
from (select coalesce(array_agg(person), '{}') as people from decisions, unnest(deciders) as person
      where (subject_id = $1 and round = any ($2) or reviews in
          (select decision_id from decisions where subject_id = $1 and round = any ($2)))) d
where (c.subject_id, c.round) = ($1, $3) and c.state in ('open', 'queued', 'leased')
