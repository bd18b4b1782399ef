-- name: add_session
-- A session of a person, by the hash of its token.
insert into sessions (token_sha256, principal_id, opened_at, used_at) values ($1, $2, $3, $3)

-- name: use_session
-- Whose session it is, if it was opened and used recently enough; it is used now.
update sessions s set used_at = greatest(s.used_at, $2)
from principals p
where s.token_sha256 = $1 and s.opened_at > $3 and s.used_at > $4
  and p.principal_id = s.principal_id and p.withdrawn_on is null
returning p.principal_id, p.name, p.role

-- name: load_sessions
-- The sessions of a person that were opened and used recently enough, the last used first.
select token_sha256, opened_at, used_at from sessions
where principal_id = $1 and opened_at > $2 and used_at > $3 order by used_at desc, opened_at desc

-- name: end_session
-- Forgets a session.
delete from sessions where token_sha256 = $1

-- name: end_old_sessions
-- Forgets sessions that time has ended.
delete from sessions where opened_at <= $1 or used_at <= $2

-- name: end_sessions
-- Forgets all sessions of a person.
delete from sessions where principal_id = $1

-- name: lock_people
-- Lets one change of who is in service follow the other, so that one admin is always left.
lock table people in share row exclusive mode

-- name: add_principal
-- Whoever decides and is named in history.
insert into principals (principal_id, name, kind, role, added_on) values ($1, $2, 'moderator', $3, $4)

-- name: add_person
-- Somebody in service who has not taken their invitation.
insert into people (principal_id, user_name) values ($1, $2) on conflict (user_name) do nothing
returning true

-- name: load_people
-- Everybody who moderates and has not been dismissed, with and without a way to sign in.
select p.principal_id, p.name, p.role, q.user_name, q.password_hash is not null as has_joined,
       i.invited_at, (select max(s.used_at) from sessions s where s.principal_id = p.principal_id) as seen_at
from principals p
left join people q using (principal_id)
left join invitations i using (principal_id)
where p.kind = 'moderator' and p.withdrawn_on is null
order by p.name, p.principal_id

-- name: load_person
-- Somebody in service, with or without a way to sign in.
select principal_id, name, role from principals
where principal_id = $1 and withdrawn_on is null and kind = 'moderator'

-- name: find_person
-- Somebody in service, by their user name.
select p.principal_id, p.name, p.role from principals p join people q using (principal_id)
where q.user_name = $1 and p.withdrawn_on is null

-- name: count_admins
-- How many admins are left who can sign in, somebody not counted.
select count(*) from principals p join people q using (principal_id)
where p.role = 'admin' and p.withdrawn_on is null and q.password_hash is not null and p.principal_id <> $1

-- name: change_role
-- Gives somebody in service another role.
update principals set role = $2 where principal_id = $1 and withdrawn_on is null and kind = 'moderator'
returning role

-- name: withdraw
-- Ends somebody's service, for good; what they decided keeps their name.
update principals set withdrawn_on = $2 where principal_id = $1 and withdrawn_on is null and kind = 'moderator'
returning role

-- name: forget_person
-- Forgets somebody's user name and all that they could sign in with.
delete from people where principal_id = $1

-- name: reset_credentials
-- Takes back what somebody could sign in with.
update people set password_hash = null, totp_secret = null, totp_step = null
where principal_id = $1 returning user_name

-- name: load_credentials
-- What somebody in service signs in with.
select p.principal_id, p.name, p.role, q.user_name, q.password_hash, q.totp_secret, q.totp_step
from people q join principals p using (principal_id)
where (q.user_name = $1 or q.principal_id = $2) and q.password_hash is not null and p.withdrawn_on is null

-- name: set_credentials
-- What somebody signs in with from now on.
update people set password_hash = $2, totp_secret = $3, totp_step = $4 where principal_id = $1

-- name: set_password
-- Another password, or the same one hashed anew.
update people set password_hash = $2 where principal_id = $1 and password_hash is not null

-- name: use_totp_step
-- Takes the code of a step unless it, or a later one, was taken before.
update people set totp_step = $2 where principal_id = $1 and totp_step < $2 returning true

-- name: use_recovery_code
-- Takes a recovery code, once.
delete from recovery_codes where principal_id = $1 and code_sha256 = $2 returning true

-- name: drop_recovery_codes
-- Forgets all recovery codes of a person.
delete from recovery_codes where principal_id = $1

-- name: add_recovery_code
-- The hash of a recovery code.
insert into recovery_codes (principal_id, code_sha256) values ($1, $2)

-- name: count_recovery_codes
-- How many codes a person has left.
select count(*) from recovery_codes where principal_id = $1

-- name: put_invitation
-- The one invitation of a person; an older one is worth nothing any more.
insert into invitations (principal_id, token_sha256, invited_at) values ($1, $2, $3)
on conflict (principal_id) do update set token_sha256 = $2, invited_at = $3

-- name: find_invitation
-- Whose invitation it is, if it is recent enough.
select p.principal_id, p.name, p.role, q.user_name
from invitations i join people q using (principal_id) join principals p using (principal_id)
where i.token_sha256 = $1 and i.invited_at > $2 and p.withdrawn_on is null

-- name: take_invitation
-- Uses an invitation up.
delete from invitations where token_sha256 = $1 returning true

-- name: add_step
-- Keeps that somebody gave the right password.
insert into sign_in_steps (token_sha256, principal_id, began_at) values ($1, $2, $3)

-- name: drop_old_steps
-- Forgets sign-ins that nobody went on with.
delete from sign_in_steps where began_at <= $1

-- name: find_step
-- Who gave the right password, recently enough.
select principal_id from sign_in_steps where token_sha256 = $1 and began_at > $2

-- name: drop_steps
-- Forgets all sign-ins that a person has begun.
delete from sign_in_steps where principal_id = $1

-- name: begin_tries
-- Makes a row for a name to count its wrong tries in.
insert into sign_in_tries (user_name_sha256, failures, tried_at) values ($1, 0, $2) on conflict do nothing

-- name: lock_tries
-- The wrong tries for a name; the next try has to wait until this one is counted.
select failures, tried_at from sign_in_tries where user_name_sha256 = $1 for update

-- name: count_try
-- Counts a try as a wrong one, before it is known whether it is.
update sign_in_tries set failures = $2, tried_at = $3 where user_name_sha256 = $1

-- name: take_back_try
-- The try was right.
update sign_in_tries set failures = greatest(failures - 1, 0), tried_at = $2 where user_name_sha256 = $1

-- name: forget_tries
-- Forgets the wrong tries for a name.
delete from sign_in_tries where user_name_sha256 = $1

-- name: forget_old_tries
-- Forgets wrong tries of long ago.
delete from sign_in_tries where tried_at <= $1

-- name: load_preferences
-- How somebody wants to meet what they review.
select blur, greyscale, mute from preferences where principal_id = $1

-- name: save_preferences
-- How somebody wants to meet what they review.
insert into preferences (principal_id, blur, greyscale, mute) values ($1, $2, $3, $4)
on conflict (principal_id) do update set blur = $2, greyscale = $3, mute = $4

-- name: add_person_event
-- What happened to somebody's access.
insert into people_events (event_id, principal_id, acted_by, kind, role, happened_at)
values ($1, $2, $3, $4, $5, $6)

-- name: load_person_events
-- What happened to everybody's access, the newest first.
select e.kind, e.role, e.happened_at, p.name, a.name as actor
from people_events e join principals p using (principal_id)
left join principals a on a.principal_id = e.acted_by
order by e.happened_at desc, e.event_id limit $1
