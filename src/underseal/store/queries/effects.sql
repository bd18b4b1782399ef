-- name: withdraw_intended
-- The subject's intended effect will not take place. As below, it is forgotten on which day a report
-- may have caused it.
update effects
set state = 'withdrawn', intended_on = case when cause in ('hold', 'measure') then null else intended_on end
where subject_id = $1 and state = 'intended'
returning effect_id, cause, decision_id

-- name: add_effect
-- Intends an effect.
insert into effects (effect_id, subject_id, round, cause, level, age_restricted, labelled,
    interaction_limited, geo_blocked, guideline, disclosure, from_window, decision_id, statement_id,
    hold_hours, state, intended_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'intended', $16)

-- name: intended_effect
-- The effect that a subject waits for.
select effect_id, subject_id, round, cause, level, age_restricted, labelled, interaction_limited,
       geo_blocked, guideline, disclosure, from_window, decision_id, statement_id, hold_hours
from effects where subject_id = $1 and state = 'intended'

-- name: intended_effects
-- The effects that these subjects wait for.
select effect_id, subject_id, round, cause, level, age_restricted, labelled, interaction_limited,
       geo_blocked, guideline, disclosure, from_window, decision_id, statement_id, hold_hours
from effects where subject_id = any ($1) and state = 'intended' order by subject_id

-- name: was_held
-- Whether a hold has taken place in a round.
select exists (select from effects where (subject_id, round) = ($1, $2) and cause = 'hold'
    and level = 'held' and state = 'disclosed')

-- name: undecided_shown
-- Of these subjects, those that a restriction is in force on that nobody has decided about since.
select distinct e.subject_id from effects e
where e.subject_id = any ($1) and e.state = 'disclosed' and e.cause in ('hold', 'measure', 'expiry')
  and not exists (select from decisions d
    where d.subject_id = e.subject_id and d.round >= e.round and d.reviews is null)

-- name: mark_disclosed
-- These effects have taken place, as they did.
update effects e
set state = 'disclosed', disclosed_at = $2,
    intended_on = case when e.cause in ('hold', 'measure') then null else e.intended_on end, level = g.level, age_restricted = g.age_restricted,
    labelled = g.labelled, interaction_limited = g.interaction_limited,
    geo_blocked = g.geo_blocked::text[], hold_hours = g.hold_hours, expires_at = g.expires_at
from unnest($1::uuid[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::text[],
            $8::int[], $9::timestamptz[])
    as g (effect_id, level, age_restricted, labelled, interaction_limited, geo_blocked, hold_hours,
          expires_at)
where e.effect_id = g.effect_id and e.state = 'intended'

-- name: due_effects
-- Effects that take place at this tick: those that wait for no window, and those whose window
-- closed; nothing where a new version has not been seen yet, or that was decided since the tick.
select e.subject_id from effects e left join audiences a using (subject_id)
where e.state = 'intended'
  and (e.disclosure <> 'window' or a.window_number > e.from_window)
  and not exists (select from visibility v where v.subject_id = e.subject_id and v.basis = 'scan')
  and not exists (select from decisions d where d.decision_id = e.decision_id and d.decided_at > $1)
order by e.subject_id

-- name: window_of
-- The number of the window that the subject is in at $2: stored as it was at the last tick that
-- mattered, since then one more each time $3 has gone by.
select window_number + greatest(0, floor(extract(epoch from $2 - window_opened_at) / extract(epoch from $3::interval)))::int
from audiences where subject_id = $1

-- name: show_outcomes
-- Reports of these rounds that are filed from now on earn no credit, if they are under way.
with under_way as (
    select s.subject_id from subjects s join unnest($1::uuid[], $2::int[]) as g (subject_id, round)
      on (s.subject_id, s.round) = (g.subject_id, g.round)
    where not s.outcome_visible order by s.subject_id for update of s
)
update subjects s set outcome_visible = true from under_way u where s.subject_id = u.subject_id
