-- name: report_of
-- The newest report that a receipt was given for, the rounds that it stands for, and where a
-- complaint with it is heard, with what came of that as far as it was told.
select r.subject_id, r.round, r.guideline, r.tag, r.rounds, k.wrapped, c.heard_in, t.state as heard,
       t.changed_at
from reports_of_receipt($1) r
left join vault.note_keys k using (subject_id)
left join complaints c on c.receipt = $1
left join receipt_states t on (t.subject_id, t.round) = (c.subject_id, c.heard_in)
order by r.round desc limit 1

-- name: heard_in
-- The round in which complaints with receipts that are made of another one are heard, if there was
-- one.
select min(heard_in) from complaints where (subject_id, receipt_round) = ($1, $2)

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
from (select coalesce(array_agg(decided_by), '{}') as people from decisions
      where decided_by is not null and (subject_id = $1 and round = any ($2) or reviews in
          (select decision_id from decisions where subject_id = $1 and round = any ($2)))) d
where (c.subject_id, c.round) = ($1, $3) and c.state in ('open', 'queued', 'leased')
