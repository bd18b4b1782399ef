-- Which migrations the database has had. The first migration makes the schema that the table is in.

-- name: has_table
-- Tell whether any migration has run.
select to_regclass('underseal.schema_migrations') is not null

-- name: create_table
-- Create the record of migrations.
create table underseal.schema_migrations (
    number integer primary key check (number > 0),
    name text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    applied_on date not null
)

-- name: applied
-- List the migrations that have run, in order.
select number, name, sha256 from underseal.schema_migrations order by number

-- name: record
-- Record that a migration has run.
insert into underseal.schema_migrations (number, name, sha256, applied_on) values ($1, $2, $3, $4)
