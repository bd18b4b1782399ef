-- Each year's pseudonyms end: what they earned is carried over to the next year's, the links between
-- the two and the identities of the year are destroyed, and then its key, which is in no database.

set local search_path = underseal;

-- What a pseudonym has taken over from the one before it, which is not named: rounded, because exact
-- numbers would name it. With a pseudonym's credits it adds up to its track record.
create table carried_records (
    pseudonym digest not null,
    topic text not null,
    year smallint not null,            -- the one that was destroyed
    right_weight double precision not null check (right_weight >= 0),
    wrong_weight double precision not null check (wrong_weight >= 0),
    resolved int not null check (resolved >= 0),
    carried_on date not null,
    primary key (pseudonym, topic, year)
);
call make_append_only('carried_records');

-- What still needs a year: undecided rounds with reports of it, undecided complaints about such,
-- decisions that gave credit for such and could still be overturned, or beside which a charge waits (a
-- week: `core.charge`), unsealings under way.
create function year_needed(of_year int, now timestamptz)
returns table (rounds bigint, complaints bigint, decisions bigint, unsealings bigint, first_year smallint)
language sql stable security definer set search_path = underseal, pg_temp as $$
    with people as materialized (select pseudonym from vault.sealed_identities where year = of_year)
    select
        (select count(*) from (select distinct s.subject_id from people p join reports r using (pseudonym)
            join subjects s on (s.subject_id, s.round) = (r.subject_id, r.round)) open),
        (select count(*) from (select distinct c.subject_id, c.heard_in from people p
            join reports r using (pseudonym)
            join complaints c using (subject_id, round, guideline, tag)
            join cases k on (k.subject_id, k.round) = (c.subject_id, c.heard_in)
            where k.state not in ('decided', 'superseded')) heard),
        (select count(*) from (select distinct c.decision_id from people p
            join credits c using (pseudonym)
            join statements s using (decision_id)
            left join disclosures d using (statement_id)
            left join appeals a using (decision_id)
            where not exists (select from decisions o where o.reviews = c.decision_id)
              and (d.appeal_until > now or a.appeal_id is not null or d.statement_id is null and exists (
                   select from effects e where e.subject_id = s.subject_id and e.state = 'intended'))
            union select c.decision_id from people p
            join credits c using (pseudonym)
            join charges h using (decision_id)
            join decisions d using (decision_id)
            where h.state = 'waiting' and d.decided_at > now - interval '7 days') contestable),
        (select count(*) from people p join unsealings u using (pseudonym)
            where u.refused_at is null and u.confirmed_at is null
              and (u.approval_ends_at is null or u.approval_ends_at > now)),
        (select min(year) from vault.sealed_identities)
$$;

-- The next links that end with a year: those to whatever is no identity of a later one. Locks them,
-- and the records at both ends of each.
create function links_to_end(of_year int, after_link bytea, at_most int, today date)
returns table (pseudonym bytea, topic text,
    old_right double precision, old_wrong double precision, old_resolved int, old_as_of date,
    new_right double precision, new_wrong double precision, new_resolved int, new_as_of date)
language plpgsql security definer set search_path = underseal, pg_temp as $$
#variable_conflict use_column
declare
    ended bytea[];
begin
    ended := array(
        select l.pseudonym from vault.pseudonym_links l
        where l.pseudonym > after_link and not exists (
            select from vault.sealed_identities i where i.pseudonym = l.previous and i.year > of_year)
        order by l.pseudonym limit at_most for update);
    insert into track_records
        select l.pseudonym, t.topic, 0, 0, 0, today from vault.pseudonym_links l
        join track_records t on t.pseudonym = l.previous
        where l.pseudonym = any (ended) order by l.pseudonym, t.topic
        on conflict do nothing;
    perform from track_records t
        where t.pseudonym in (select unnest(array[l.pseudonym, l.previous])
            from vault.pseudonym_links l where l.pseudonym = any (ended))
        order by t.pseudonym, t.topic for update;
    return query
        select l.pseudonym::bytea, o.topic, o.right_weight, o.wrong_weight, o.resolved, o.as_of,
               n.right_weight, n.wrong_weight, n.resolved, n.as_of
        from vault.pseudonym_links l
        left join track_records o on o.pseudonym = l.previous
        left join track_records n on (n.pseudonym, n.topic) = (l.pseudonym, o.topic)
        where l.pseudonym = any (ended) order by l.pseudonym, o.topic;
end $$;

-- Ends links, and writes what was carried over them: at the same moment, so that nothing is lost and
-- nothing counts twice, wherever it is broken off.
create function end_links(
    links bytea[], of_year int, today date, people bytea[], topics text[],
    rights double precision[], wrongs double precision[], resolved int[],
    all_right double precision[], all_wrong double precision[], all_resolved int[], as_of date[]
) returns void
language plpgsql security definer set search_path = underseal, pg_temp as $$
begin
    insert into carried_records
        select g.pseudonym, g.topic, of_year, g.r, g.w, g.n, today
        from unnest(people, topics, rights, wrongs, end_links.resolved) as g (pseudonym, topic, r, w, n);
    update track_records t
        set right_weight = g.r, wrong_weight = g.w, resolved = g.n, as_of = g.day
        from unnest(people, topics, all_right, all_wrong, all_resolved, end_links.as_of)
            as g (pseudonym, topic, r, w, n, day)
        where (t.pseudonym, t.topic) = (g.pseudonym, g.topic);
    delete from vault.pseudonym_links where pseudonym = any (links);
end $$;

-- Destroys the identities of a year, once no link leads to them or away.
create function erase_year(of_year int) returns bigint
language plpgsql security definer set search_path = underseal, pg_temp as $$
declare
    gone bigint;
begin
    if exists (select from vault.sealed_identities i join vault.pseudonym_links l
               on i.pseudonym in (l.pseudonym, l.previous) where i.year = of_year) then
        raise exception 'links lead to identities of %', of_year using errcode = 'restrict_violation';
    end if;
    delete from vault.sealed_identities where year = of_year;
    get diagnostics gone = row_count;
    return gone;
end $$;

-- Track records of the years that are there, after a place and in order. What an earlier one earned
-- was carried over: both together would count it twice.
create function living_records(after_pseudonym bytea, after_topic text, at_most int)
returns setof track_records
language sql stable security definer set search_path = underseal, pg_temp as $$
    select t.* from track_records t join vault.sealed_identities i using (pseudonym)
    where (t.pseudonym, t.topic) > (after_pseudonym, after_topic)
    order by t.pseudonym, t.topic limit at_most
$$;

grant select on carried_records to underseal_core;
grant execute on function living_records to underseal_core;
grant execute on function year_needed, links_to_end, end_links, erase_year to underseal_retention;
