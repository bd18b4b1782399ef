-- name: add_messages
-- Keeps messages, in the order given.
insert into messages (message_id, type, body, made_at)
select g.message_id, g.type, g.body, $4
from unnest($1::uuid[], $2::text[], $3::bytea[]) with ordinality as g (message_id, type, body, place)
order by g.place

-- name: add_deliveries
-- Every message goes to each endpoint that wants its type.
insert into deliveries (message_id, endpoint_id, state, next_at)
select g.message_id, e.endpoint_id, 'due', $3
from unnest($1::uuid[], $2::text[]) as g (message_id, type)
join webhook_endpoints e on g.type = any (e.types) and e.disabled_at is null

-- name: take_due
-- Deliveries that are due and that nobody is about, taken for a while. A time that is weeks ahead was
-- set by a clock that was: nothing is put off for so long.
with due as (
    select d.message_id, d.endpoint_id
    from deliveries d join webhook_endpoints e using (endpoint_id)
    where d.state = 'due' and (d.next_at <= $1 or d.next_at > $1 + interval '30 days')
      and (d.lease_until is null or d.lease_until <= $1 or d.lease_until > $1 + interval '30 days')
      and e.disabled_at is null
    order by d.next_at limit $3 for update of d skip locked
)
update deliveries d set lease_until = $2, attempts = d.attempts + 1
from due, messages m, webhook_endpoints e
where (d.message_id, d.endpoint_id) = (due.message_id, due.endpoint_id)
  and m.message_id = d.message_id and e.endpoint_id = d.endpoint_id
returning d.message_id, d.endpoint_id, d.attempts, d.lease_until, m.body, e.url, e.secret

-- name: settle
-- How an attempt ended, unless somebody else has taken the delivery over.
update deliveries set state = $4, next_at = $5, last_status = $6, lease_until = null
where (message_id, endpoint_id) = ($1, $2) and lease_until = $3 and state = 'due'
returning true

-- name: add_endpoint
-- Adds an endpoint.
insert into webhook_endpoints (endpoint_id, url, secret, types, added_on) values ($1, $2, $3, $4, $5)

-- name: endpoints
-- The endpoints in use.
select endpoint_id, url, types, added_on from webhook_endpoints where disabled_at is null
order by added_on, endpoint_id

-- name: disable_endpoint
-- Sends an endpoint nothing more, and gives up what is under way to it.
with gone as (
    update webhook_endpoints set disabled_at = $2 where endpoint_id = $1 and disabled_at is null
    returning endpoint_id
), dropped as (
    update deliveries set state = 'given_up', lease_until = null
    where endpoint_id in (select endpoint_id from gone) and state = 'due'
)
select true from gone

-- name: replay
-- What was given up for an endpoint in use is due again.
update deliveries d set state = 'due', attempts = 0, next_at = $2, lease_until = null
from webhook_endpoints e
where d.endpoint_id = $1 and d.state = 'given_up' and e.endpoint_id = d.endpoint_id
  and e.disabled_at is null
returning d.message_id
