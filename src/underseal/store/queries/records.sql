-- name: add_credits
-- Records what a decision gives or takes back, once a reporter, guideline and finding. Answers what is new.
insert into credits (decision_id, pseudonym, guideline, topic, finding, right_weight, wrong_weight,
    resolved, takes_back, credited_on)
select $1, g.pseudonym, g.guideline, g.topic, g.finding, g.right_weight, g.wrong_weight, g.resolved, $10, $2
from unnest($3::bytea[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::smallint[])
    as g (pseudonym, guideline, topic, finding, right_weight, wrong_weight, resolved)
order by g.pseudonym, g.guideline
on conflict do nothing
returning pseudonym, guideline, finding

-- name: credits_of_decision
-- What a decision gave.
select decision_id, pseudonym, guideline, topic, finding, right_weight, wrong_weight, resolved, credited_on
from credits where decision_id = $1 and not takes_back order by pseudonym, guideline, finding

-- name: begin_records
-- Makes empty track records where there are none.
insert into track_records (pseudonym, topic, right_weight, wrong_weight, resolved, as_of)
select pseudonym, topic, 0, 0, 0, $3 from unnest($1::bytea[], $2::text[]) as g (pseudonym, topic)
order by pseudonym, topic on conflict do nothing

-- name: lock_records
-- The track records of these reporters, to be continued.
select t.pseudonym, t.topic, t.right_weight, t.wrong_weight, t.resolved, t.as_of
from track_records t join unnest($1::bytea[], $2::text[]) as g (pseudonym, topic)
  on (t.pseudonym, t.topic) = (g.pseudonym, g.topic)
order by t.pseudonym, t.topic for update of t

-- name: save_records
-- Continues track records.
update track_records t
set right_weight = g.right_weight, wrong_weight = g.wrong_weight, resolved = g.resolved, as_of = g.as_of
from unnest($1::bytea[], $2::text[], $3::float8[], $4::float8[], $5::int[], $6::date[])
    as g (pseudonym, topic, right_weight, wrong_weight, resolved, as_of)
where (t.pseudonym, t.topic) = (g.pseudonym, g.topic)

-- name: living_records
-- The next track records of the years that are there.
select pseudonym, topic, right_weight, wrong_weight, resolved, as_of from living_records($1, $2, $3)

-- name: records_of
-- The track records of these reporters, those of their earlier years' pseudonyms included.
with recursive lineage as (
    select p as pseudonym, p as own from unnest($1::bytea[]) as p
    union
    select l.previous, n.own from lineage n join vault.pseudonym_links l on l.pseudonym = n.pseudonym
)
select n.own as pseudonym, t.topic, t.right_weight, t.wrong_weight, t.resolved, t.as_of
from lineage n join track_records t on t.pseudonym = n.pseudonym
where t.topic = any ($2)
