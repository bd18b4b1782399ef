-- name: issue_strikes
-- Issues the strikes of decisions, each at most once.
insert into strikes (decision_id, creator_id, guideline, weight, issued_on, expires_on)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::date[], $6::date[])
on conflict do nothing

-- name: void_strikes
-- Takes back the strikes of overturned decisions; answers those that were there.
update strikes k set voided_by = g.voided_by
from unnest($1::uuid[], $2::uuid[]) as g (decision_id, voided_by)
where k.decision_id = g.decision_id and k.voided_by is null
returning k.decision_id

-- name: strikes_of
-- All strikes of an account.
select decision_id, guideline, weight, issued_on, expires_on, voided_by
from strikes where creator_id = $1

-- name: is_struck
-- Whether a strike of an account counts on a day.
select exists (select from strikes where creator_id = $1 and voided_by is null
    and issued_on <= $2 and $2 < expires_on)
