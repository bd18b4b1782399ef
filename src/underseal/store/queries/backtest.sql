-- What a backtest reads: rounds that are over or open, and what was known of them just before.

-- name: count_subjects
-- How many subjects there are.
select count(*) from subjects

-- name: first_day
-- The day on which history begins: of the first registration or decision, else the quarter of the
-- first report.
select coalesce(
    least((select min(registered_at) from versions), (select min(decided_at) from decisions)) at time zone 'UTC',
    (select min(reported_in) from reports))::date

-- name: subjects_after
-- The next subjects by id, and whether the present round of each is to be replayed: somebody has
-- reported in it or machines speak of what nobody has decided; and it was registered, watched or
-- queued since $2, or reported since the quarter $3.
select s.subject_id, s.kind, s.creator_id, s.version, s.round,
       coalesce(v.basis = 'scan', false) as is_kept_back,
       (r.reported_in is not null
        or (exists (select from signals g where (g.subject_id, g.version) = (s.subject_id, s.version))
            and not exists (select from decisions d where (d.subject_id, d.version) = (s.subject_id, s.version))))
       and (r.reported_in >= $3
        or exists (select from versions b where (b.subject_id, b.version) = (s.subject_id, s.version) and b.registered_at >= $2)
        or exists (select from views w where w.subject_id = s.subject_id and w.tick >= $2)
        or exists (select from cases c where (c.subject_id, c.round) = (s.subject_id, s.round)
                   and c.opened_on >= ($2 at time zone 'UTC')::date)) as is_present
from subjects s
left join visibility v using (subject_id)
left join lateral (select max(reported_in) as reported_in from reports
                   where (subject_id, round) = (s.subject_id, s.round)) r on true
where $1::uuid is null or s.subject_id > $1 order by s.subject_id limit $4

-- name: cases
-- Of these subjects: what a new version has ended since $2, and the cases that chance has opened,
-- which say $3.
select subject_id, round, version, closed_at, state = 'superseded' and closed_at >= $2 as is_superseded,
       because = $3 as is_cover
from cases where subject_id = any ($1) and kind = 'review'
  and (state = 'superseded' and closed_at >= $2 or because = $3)

-- name: signals
-- What the newest look of machines at these versions said that had ended by then.
select g.ordinal, s.detector, s.detector_version, s.modality, s.guideline, s.score, s.weight, s.verified,
       s.start_ms, s.end_ms, s.detail
from unnest($1::uuid[], $2::int[], $3::timestamptz[]) with ordinality as g (subject_id, version, until, ordinal)
join signals s on (s.subject_id, s.version) = (g.subject_id, g.version)
where s.run = (select max(c.run) from scans c where (c.subject_id, c.version) = (g.subject_id, g.version)
               and c.state = 'done' and c.ended_at <= g.until)
order by g.ordinal, s.ordinal

-- name: failed
-- Those of these versions at which machines could not look by then.
select g.ordinal
from unnest($1::uuid[], $2::int[], $3::timestamptz[]) with ordinality as g (subject_id, version, until, ordinal)
join scans c on (c.subject_id, c.version) = (g.subject_id, g.version) and c.ended_at <= g.until
group by 1 having bool_or(c.state = 'failed') and not bool_or(c.state = 'done')

-- name: watched
-- The organic views of these subjects by then, the viewers of them who qualify, and the views of the
-- last tick in which there were any.
select g.ordinal, sum(v.organic)::bigint as organic, sum(v.qualifying)::bigint as qualifying,
       (array_agg(v.organic order by v.tick desc))[1] as last_organic
from unnest($1::uuid[], $2::timestamptz[]) with ordinality as g (subject_id, until, ordinal)
join views v on v.subject_id = g.subject_id and v.tick <= g.until and v.organic > 0
group by 1

-- name: credited_since
-- What these reporters were credited with from a day on, under their earlier years' pseudonyms too.
with recursive lineage as (
    select p as pseudonym, p as own from unnest($1::bytea[]) as p
    union
    select l.previous, n.own from lineage n join vault.pseudonym_links l on l.pseudonym = n.pseudonym
)
select n.own as pseudonym, c.decision_id, c.guideline, c.topic, c.finding, c.right_weight, c.wrong_weight,
       c.resolved, c.credited_on
from lineage n join credits c on c.pseudonym = n.pseudonym
where c.credited_on >= $2

-- name: drawn
-- The looks by chance since a day that were answered: which version was looked at, and what was found.
select d.subject_id, d.version, d.day, p.views as day_views, d.views, d.probability, d.times, d.nats, s.outcome
from prevalence_draws d join prevalence_days p using (day)
join standing_decisions s using (subject_id, version)
where d.day >= $1 order by d.day, d.subject_id
