-- name: be_patient
-- Lets the statements of a transaction take longer than those that somebody waits for.
set local statement_timeout = '1h'

-- name: year_needed
-- What still needs the year $1 at a moment.
select rounds, complaints, decisions, unsealings, first_year from year_needed($1, $2)

-- name: links_to_end
-- The next links that end with a year, with the records at both ends.
select pseudonym, topic, old_right, old_wrong, old_resolved, old_as_of,
       new_right, new_wrong, new_resolved, new_as_of
from links_to_end($1, $2, $3, $4)

-- name: end_links
-- Ends links, and writes what was carried over them.
select end_links($1::bytea[], $2, $3, $4::bytea[], $5::text[], $6::float8[], $7::float8[], $8::int[],
    $9::float8[], $10::float8[], $11::int[], $12::date[])

-- name: erase_year
-- Destroys the identities of a year.
select erase_year($1)

-- name: carried_in
-- All that was carried over when a year was destroyed.
select pseudonym, topic, year, right_weight, wrong_weight, resolved, carried_on
from carried_records where year = $1

-- name: carried_to
-- What these reporters have taken over.
select pseudonym, topic, right_weight, wrong_weight, resolved, carried_on
from carried_records where pseudonym = any ($1) order by year

-- name: steps
-- What the ledger tells of years that were destroyed.
select body from events where subject_id = $1 and kind = $2 order by seq

-- name: carried_years
-- The years that anything was carried over from.
select distinct year from carried_records
