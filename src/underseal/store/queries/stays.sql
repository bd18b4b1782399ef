-- name: note_stay
-- A moderator stays with a case once more, up to so many times.
insert into stays (case_id, principal_id, times) values ($1, $2, 1)
on conflict (case_id, principal_id) do update set times = stays.times + 1 where stays.times < $3
returning times
