-- How much moderators have to do. The comment above each is its definition, word for word as people
-- read it beside the figure: change both or neither.
-- $1 is today, $2 the first day that counts.

-- name: due
-- Cases that wait for a person or are with one now, by the days until they are due. What nobody has
-- reported and machines merely suspect is owed no look, and not counted.
select greatest(0, (due_at at time zone 'UTC')::date - $1::date) as days, count(*) as cases
from cases where state in ('queued', 'leased') and duty_from is not null group by 1 order by 1

-- name: opened
-- Cases that came in the last four weeks, by the days that they may wait; mere suspicions are none.
select greatest(0, (due_at at time zone 'UTC')::date - opened_on) as days, count(*) as cases
from cases where opened_on >= $2::date and opened_on < $1::date and duty_from is not null
group by 1 order by 1

-- name: looks
-- Decisions of people in the last four weeks, and how many of them one person takes on a busy day:
-- on nine in ten days a person decides no more. The mean would tell how much there was to do.
select coalesce(sum(looks), 0)::int as looks, percentile_disc(0.9) within group (order by looks)::int as busy
from (select count(*) as looks from decisions
      where decided_by is not null and (decided_at at time zone 'UTC')::date >= $2::date
        and (decided_at at time zone 'UTC')::date < $1::date
      group by decided_by, (decided_at at time zone 'UTC')::date) by_person_and_day
