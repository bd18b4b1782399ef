-- The figures of the dashboard. The comment above each is its definition, word for word as people
-- read it beside the figure: change both or neither.
-- $1 is the first day of the period.

-- name: backlog
-- Cases that wait for a person or are with one now, by the days since they were queued and by the
-- topic of the most probable breach. Appeals and what no detector could look at have no topic.
select guideline, $1::date - opened_on as age_days, count(*) as cases
from cases where state in ('queued', 'leased') group by 1, 2 order by 1, 2

-- name: first_looks
-- Days from the day a case was queued for review to the day somebody first took it, of the cases
-- first taken in the period: half of them within the first number, nine in ten within the second.
-- Days, because a report may be behind the queuing; what was queued before anybody was owed a look
-- counts from the first of the few days in which it was reported.
select percentile_disc(0.5) within group (order by days) as p50,
       percentile_disc(0.9) within group (order by days) as p90, count(*) as cases
from (select ((first_leased_until - $2::interval) at time zone 'UTC')::date - opened_on as days
      from cases where kind = 'review'
        and ((first_leased_until - $2::interval) at time zone 'UTC')::date >= $1) looked

-- name: decisions
-- Days from the day a case was queued for review to the day it was decided, of the cases that
-- people decided in the period: half of them within the first number, nine in ten within the second.
-- What was queued before anybody was owed a look counts from the first of the few days in which it was
-- reported.
select percentile_disc(0.5) within group (order by days) as p50,
       percentile_disc(0.9) within group (order by days) as p90, count(*) as cases
from (select (d.decided_at at time zone 'UTC')::date - c.opened_on as days
      from cases c join decisions d using (subject_id, round)
      where c.kind = 'review' and d.kind = 'review'
        and (d.decided_at at time zone 'UTC')::date >= $1) decided

-- name: appeals
-- Hours from an appeal to the decision about it, of the appeals decided in the period: half of them
-- within the first number, nine in ten within the second.
select percentile_disc(0.5) within group (order by hours) as p50,
       percentile_disc(0.9) within group (order by hours) as p90, count(*) as cases
from (select ceil(extract(epoch from d.decided_at - a.lodged_at) / 3600)::int as hours
      from appeals a join decisions d on d.reviews = a.decision_id
      where (d.decided_at at time zone 'UTC')::date >= $1) decided

-- name: weeks
-- Decisions of each week of the period, which begins on a Monday: of people about cases, of people
-- about appeals, and of machines alone.
select date_trunc('week', decided_at at time zone 'UTC')::date as week,
       count(*) filter (where kind = 'review') as reviews,
       count(*) filter (where kind = 'appeal') as appeals,
       count(*) filter (where kind = 'machine') as machines
from decisions where (decided_at at time zone 'UTC')::date >= $1 group by 1 order by 1

-- name: overturned
-- Of the appeals decided in the period, those with another outcome than the decision they were
-- against. The interval is Wilson's, which holds the true share in 95 of 100 such samples.
select count(*) filter (where d.outcome <> f.outcome) as hits, count(*) as cases
from decisions d join decisions f on f.decision_id = d.reviews
where (d.decided_at at time zone 'UTC')::date >= $1

-- name: held_now
-- Subjects that are held now, by an effect that took place and has not ended.
select count(*) from visibility where level = 'held' and basis = 'effect'

-- name: holds_ended
-- Holds that a person's decision ended in the period, before they ran out.
select count(*) from effects e join decisions d using (subject_id, round)
where e.cause = 'hold' and e.level = 'held' and e.state = 'disclosed' and d.kind = 'review'
  and d.decided_at between e.disclosed_at and e.expires_at
  and (d.decided_at at time zone 'UTC')::date >= $1

-- name: holds_expired
-- Holds that ran out in the period though nobody had decided: each became less reach, and an
-- incident.
select count(*) from effects where cause = 'expiry' and intended_on >= $1

-- name: agreement_by_guideline
-- Of the cases that people decided in the period and whose machine evidence for the guideline was
-- high or very high, the share in which they found that guideline broken. The last column counts
-- those that people found to break it without such evidence.
select a.guideline, count(*) filter (where said and found) as hits, count(*) filter (where said) as cases,
       count(*) filter (where found and not said) as missed
from (select a.guideline, a.machine >= $2 as said, coalesce(d.guideline = a.guideline, false) as found
      from assessments a join decisions d using (subject_id, round)
      where d.kind = 'review' and (d.decided_at at time zone 'UTC')::date >= $1) a
where said or found group by 1 order by 1

-- name: agreement_by_detector
-- Of the cases that people decided in the period and in which the detector's last look spoke highly
-- or very highly for a guideline, the share in which they found that guideline broken.
select s.detector, count(*) filter (where d.guideline = s.guideline) as hits, count(*) as cases
from (select subject_id, version, detector, guideline, max(weight) as weight from signals s
      where run = (select max(run) from scans r
                   where (r.subject_id, r.version, r.state) = (s.subject_id, s.version, 'done'))
      group by 1, 2, 3, 4) s
join decisions d using (subject_id, version)
where s.weight >= $2 and d.kind = 'review' and (d.decided_at at time zone 'UTC')::date >= $1
group by 1 order by 1

-- name: reports
-- Reports filed since the first day of the month in which the period begins, by topic: they are
-- counted by the month, and no report has a day. A topic with fewer than five has no number: one that
-- is small could tell of a person.
select guideline, sum(reports)::bigint as reports from report_counts
where month >= date_trunc('month', $1::date)::date group by 1 order by 1

-- name: ticks
-- The last ticks: how long each took, and how many effects took place at it.
select t.tick, t.done_at - t.tick as took,
       (select count(*) from effects e where e.disclosed_at = t.tick) as disclosed
from latest_ticks t order by t.tick desc

-- name: waiting
-- Effects that have not taken place yet, by what they wait for; and the days since the oldest of
-- them was intended.
select disclosure, count(*) as effects, $1::date - min(intended_on) as oldest_days
from effects where state = 'intended' group by 1 order by 1

-- name: longest_window
-- The most days that the window has been open of a subject whose effect waits for one. After seven
-- days it closes, however few watched.
select max($1::date - (a.window_opened_at at time zone 'UTC')::date)
from effects e join audiences a using (subject_id)
where e.state = 'intended' and e.disclosure = 'window'

-- name: deliveries
-- Messages to the platform: those that wait for their first attempt, those that failed and are
-- tried again, those that were taken, and those that were given up.
select state, is_tried, deliveries from delivery_counts order by 1, 2

-- name: prevalence
-- The share of views of the period that landed on what people found to break a guideline, by looks
-- that chance chose from all videos seen on each day: by views and by machines, never by a report. The
-- last word on a video counts. The interval holds the true share in 95 of 100 such samples.
select d.day, p.views as day_views, d.views, d.probability, d.times, d.nats, s.outcome, s.guideline
from prevalence_draws d join prevalence_days p using (day)
join standing_decisions s using (subject_id, version)
where d.day >= $1 order by d.day, d.subject_id
