-- name: feed_is_written
-- Readers of the feed wait for those who write to it, so that they miss nothing.
select pg_advisory_xact_lock_shared($1)

-- name: feed_is_read
-- Waits for those who write to the feed.
select pg_advisory_xact_lock($1)

-- name: put_visibility
-- What holds for these subjects from now on, told in the order given.
with given as (
    select g.*, s.kind, s.external_id
    from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[],
                $7::text[], $8::uuid[], $9::timestamptz[]) with ordinality
        as g (subject_id, basis, level, age_restricted, labelled, interaction_limited, geo_blocked,
              statement_id, expires_at, place)
    join subjects s using (subject_id)
), put as (
    insert into visibility as v (subject_id, kind, external_id, basis, level, age_restricted, labelled,
        interaction_limited, geo_blocked, statement_id, expires_at, changed_at)
    select subject_id, kind, external_id, basis, level, age_restricted, labelled, interaction_limited,
           geo_blocked::text[], statement_id, expires_at, $10
    from given order by subject_id
    on conflict (subject_id) do update
    set basis = excluded.basis, level = excluded.level, age_restricted = excluded.age_restricted,
        labelled = excluded.labelled, interaction_limited = excluded.interaction_limited,
        geo_blocked = excluded.geo_blocked, statement_id = excluded.statement_id,
        expires_at = excluded.expires_at, changed_at = excluded.changed_at, revision = v.revision + 1
    returning subject_id, kind, external_id, revision
), told as (
    insert into visibility_changes (subject_id, kind, external_id, level, age_restricted, labelled,
        interaction_limited, geo_blocked, statement_id, expires_at, changed_at)
    select subject_id, kind, external_id, level, age_restricted, labelled, interaction_limited,
           geo_blocked::text[], statement_id, expires_at, $10
    from given order by place
)
select subject_id, kind, external_id, revision from put

-- name: load_visibility
-- What holds for these subjects.
select subject_id, kind, external_id, basis, level, age_restricted, labelled, interaction_limited,
       geo_blocked, statement_id, expires_at, changed_at, revision
from visibility where subject_id = any ($1)

-- name: changes_after
-- The feed, from a place on.
select change_id, kind, external_id, level, age_restricted, labelled, interaction_limited,
       geo_blocked, statement_id, expires_at, changed_at
from visibility_changes where change_id > $1 order by change_id limit $2

-- name: ended_holds
-- Subjects whose hold has run out.
select subject_id from visibility
where level = 'held' and basis = 'effect' and expires_at <= $1
