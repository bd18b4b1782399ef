-- The people who moderate: how they sign in to the console, and that they have.
-- An address is a colleague's; there is no creator and no reporter here.

set local search_path = underseal;

create table sessions (
    token_sha256 digest primary key,
    principal_id uuid not null references principals,
    opened_at timestamptz not null,
    used_at timestamptz not null,
    check (opened_at <= used_at)
);
create index sessions_principal_idx on sessions (principal_id);

grant select, insert, update, delete on sessions to underseal_console;
