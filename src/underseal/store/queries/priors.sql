-- name: be_patient
-- Lets the statements of a transaction take longer than those that somebody waits for.
set local statement_timeout = '1h'

-- name: newest
-- The priors that were learnt last.
select learnt_in, topic, precision_permille, strength_permille, reported_permille, sibling_permille from priors
where learnt_in = (select max(learnt_in) from priors)

-- name: all
-- All that were ever learnt.
select learnt_in, topic, precision_permille, strength_permille, reported_permille, sibling_permille from priors order by learnt_in, topic

-- name: save
-- Keeps what was learnt in a quarter.
insert into priors (learnt_in, topic, precision_permille, strength_permille, reported_permille, sibling_permille)
select $1, g.* from unnest($2::text[], $3::smallint[], $4::int[], $5::int[], $6::smallint[]) as g

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

-- name: confusions
-- Of how many subjects which guideline was reported, where people found which broken. What was overturned
-- counts as it was decided in the end, and a guideline once however many reported it.
select r.guideline as named, e.broken, count(*) as subjects
from decisions d left join decisions o on o.reviews = d.decision_id
cross join lateral (select case when o.decision_id is null then d.guideline else o.guideline end as broken) e
cross join lateral (select distinct s.guideline from reports s
    where (s.subject_id, s.round) = (d.subject_id, d.round) and not s.after_outcome) r
where d.kind = 'review' and d.decided_at >= $1 and d.decided_at < $2 and e.broken is not null
group by 1, 2 order by 1, 2

-- name: told
-- What the ledger tells of priors that were learnt.
select body from events where subject_id = $1 and kind = $2 order by seq
