-- name: began_on
-- The day from which there can be figures.
select min(added_on) from guideline_versions

-- name: months
-- What was published, the newest month first.
select month, body, violating_views from transparency_months order by month desc

-- name: tally
-- What happened from the day $1 on and before $2, by topic; $3 and $4 name the topics of guidelines.
with topics as (
    select guideline, topic from unnest($3::text[], $4::text[]) as t (guideline, topic)
), received as (
    select coalesce(t.topic, '') as topic, sum(r.reports)::bigint as reports,
           sum(r.flagged)::bigint as flagged
    from report_counts r left join topics t using (guideline) where r.month = $1 group by 1
), decided as (
    select coalesce(t.topic, '') as topic, count(*) as decisions,
           count(*) filter (where d.outcome <> 'no_violation') as restrictions,
           count(*) filter (where d.kind = 'machine') as by_machine,
           percentile_cont(0.5) within group (
               order by (d.decided_at at time zone 'UTC')::date - c.opened_on) as days
    from decisions d left join cases c using (subject_id, round)
    left join topics t on t.guideline = coalesce(d.guideline, c.guideline)
    where d.kind <> 'appeal' and d.decided_at >= $1::timestamp at time zone 'UTC'
      and d.decided_at < $2::timestamp at time zone 'UTC'
    group by 1
), heard as (
    select coalesce(t.topic, '') as topic, count(*) as appeals,
           count(*) filter (where d.outcome <> f.outcome) as overturned
    from decisions d join decisions f on f.decision_id = d.reviews
    left join topics t on t.guideline = f.guideline
    where d.decided_at >= $1::timestamp at time zone 'UTC'
      and d.decided_at < $2::timestamp at time zone 'UTC'
    group by 1
)
select topic, coalesce(reports, 0) as reports, coalesce(flagged, 0) as flagged, coalesce(decisions, 0) as decisions,
       coalesce(restrictions, 0) as restrictions, coalesce(by_machine, 0) as by_machine, days,
       coalesce(appeals, 0) as appeals, coalesce(overturned, 0) as overturned
from received full join decided using (topic) full join heard using (topic)

-- name: publish
-- The figures of a month, once and for good.
insert into transparency_months (month, body, violating_views) values ($1, $2, $3) on conflict do nothing
