-- name: add
-- An account that somebody uses themself, encrypted.
insert into own_accounts (own_account_id, principal_id, account, declared_on) values ($1, $2, $3, $4)

-- name: load
-- The accounts that somebody uses themself.
select account from own_accounts where principal_id = $1

-- name: counts
-- How many accounts everybody has declared.
select principal_id, count(*) as accounts from own_accounts group by principal_id

-- name: forget
-- Nothing is somebody's own any more.
delete from own_accounts where principal_id = $1
