-- name: be_patient
-- Lets the statements of a transaction take longer than those that somebody waits for.
set local statement_timeout = '1h'

-- name: newest
-- The priors that were learnt last.
select learnt_in, topic, precision_permille, strength_permille, reported_permille from priors
where learnt_in = (select max(learnt_in) from priors)

-- name: all
-- All that were ever learnt.
select learnt_in, topic, precision_permille, strength_permille, reported_permille from priors order by learnt_in, topic

-- name: save
-- Keeps what was learnt in a quarter.
insert into priors (learnt_in, topic, precision_permille, strength_permille, reported_permille)
select $1, g.topic, g.precision_permille, g.strength_permille, g.reported_permille
from unnest($2::text[], $3::smallint[], $4::int[], $5::int[])
    as g (topic, precision_permille, strength_permille, reported_permille)

-- name: judged
-- What became of what was reported, decided by people in a stretch of time: how often guidelines were
-- found broken, by the log-odds without the term $3, in tenths of a nat. What was overturned counts as
-- it was decided in the end.
select a.guideline, count(*) as judged,
    round((a.log_odds - coalesce((select sum((t->>1)::float8) from jsonb_array_elements(a.terms) t
        where t->>0 = $3), 0))::numeric, 1)::float8 as nats,
    count(*) filter (where a.guideline =
        case when o.decision_id is null then d.guideline else o.guideline end) as broke
from decisions d join assessments a using (subject_id, round)
left join decisions o on o.reviews = d.decision_id
where d.kind = 'review' and d.decided_at >= $1 and d.decided_at < $2
    and d.finding not in ('duplicate', 'insufficient')
    and exists (select from reports r
        where (r.subject_id, r.round, r.guideline) = (a.subject_id, a.round, a.guideline))
group by a.guideline, nats order by a.guideline, nats

-- name: told
-- What the ledger tells of priors that were learnt.
select body from events where subject_id = $1 and kind = $2 order by seq
