-- The outlook on views to come: sums that are learnt from views and from nothing else.

set local search_path = underseal;

create table reach_outlook (
    is_only boolean primary key default true check (is_only),
    inputs double precision[] not null default array_fill(0::float8, array[9]) check (cardinality(inputs) = 9),
    outputs double precision[] not null default array_fill(0::float8, array[5]) check (cardinality(outputs) = 5),
    learnt_until timestamptz
);

-- Whether nobody may watch a subject: then its views are those that it is denied.
create function is_withheld(subject uuid) returns boolean language sql stable as
    $$ select exists (select from visibility where subject_id = subject and level in ('held', 'removed')) $$;

grant select, insert, update on reach_outlook to underseal_core;
grant execute on function is_withheld to underseal_core;
