-- What dashboards and lists of the console read: no figure here is about a single person.

set local search_path = underseal;

-- When the first lease of a case ends: somebody began to look a lease before.
alter table cases add column first_leased_until timestamptz;
create function note_first_lease() returns trigger language plpgsql as $$
begin
    new.first_leased_until := coalesce(old.first_leased_until, new.leased_until);
    return new;
end $$;
create trigger note_first_lease before update on cases
    for each row when (new.state = 'leased') execute function note_first_lease();

-- Who closed an incident without a decision, and what they said.
alter table incidents
    add column closed_by uuid references principals,
    add column closed_with text check (length(closed_with) between 1 and 2000),
    add check ((closed_by is null) = (closed_with is null)),
    add check (closed_by is null or closed_at is not null);
create index incidents_closed_at_idx on incidents (closed_at) where closed_at is not null;

-- Who confirmed known content, and who took it off the list.
alter table known_content
    add column confirmed_by uuid references principals,
    add column retired_by uuid references principals,
    add check (retired_by is null or retired_on is not null);

create view latest_ticks as select tick, done_at from ticks order by tick desc limit 12;

-- `is_tried`: at least one attempt has failed.
create view delivery_counts as
    select state, attempts > (lease_until is not null)::int as is_tried, count(*) as deliveries
    from deliveries group by 1, 2;

grant select on latest_ticks, delivery_counts to underseal_core, underseal_console;
grant select on checkpoint_heads to underseal_console;
