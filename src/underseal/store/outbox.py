"""The outbox: messages to the platform, and their delivery to each webhook endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from underseal.core.message import MessageType
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("outbox")

MessageId = NewType("MessageId", UUID)
EndpointId = NewType("EndpointId", UUID)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    DUE = "due"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be sent, encoded."""

    message_id: MessageId
    type: MessageType
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where messages of some types are sent."""

    endpoint_id: EndpointId
    url: str
    types: tuple[MessageType, ...]
    added_on: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TakenDelivery:
    """A delivery of which an attempt is under way; `attempts` counts it, `secret` is wrapped."""

    message_id: MessageId
    endpoint_id: EndpointId
    attempts: int
    lease_until: datetime
    body: bytes
    url: str
    secret: bytes


async def send(conn: Connection, messages: Sequence[NewMessage], at: datetime) -> None:
    """Put messages into the outbox, in the order given, for everybody who wants their type."""
    ids = [message.message_id for message in messages]
    types = [message.type for message in messages]
    await conn.execute(_SQL["add_messages"], ids, types, [each.body for each in messages], at)
    await conn.execute(_SQL["add_deliveries"], ids, types, at)


async def take_due(
    conn: Connection, now: datetime, until: datetime, limit: int
) -> tuple[TakenDelivery, ...]:
    """Take up to `limit` due deliveries for oneself until a moment; nobody else gets them."""
    return tuple(
        TakenDelivery(
            message_id=row["message_id"],
            endpoint_id=row["endpoint_id"],
            attempts=row["attempts"],
            lease_until=row["lease_until"],
            body=row["body"],
            url=row["url"],
            secret=row["secret"],
        )
        for row in await conn.fetch(_SQL["take_due"], now, until, limit)
    )


async def settle(
    conn: Connection,
    taken: TakenDelivery,
    state: DeliveryState,
    *,
    next_at: datetime,
    status: int | None,
) -> bool:
    """Record how an attempt ended; return False if the delivery was somebody else's by then."""
    settled = await conn.fetchval(
        _SQL["settle"],
        taken.message_id,
        taken.endpoint_id,
        taken.lease_until,
        state,
        next_at,
        status,
    )
    return bool(settled)


async def add_endpoint(conn: Connection, endpoint: Endpoint, secret: bytes) -> None:
    """Add an endpoint with its wrapped secret."""
    await conn.execute(
        _SQL["add_endpoint"],
        endpoint.endpoint_id,
        endpoint.url,
        secret,
        endpoint.types,
        endpoint.added_on,
    )


async def endpoints(conn: Connection) -> tuple[Endpoint, ...]:
    """Return the endpoints in use."""
    return tuple(
        Endpoint(
            endpoint_id=row["endpoint_id"],
            url=row["url"],
            types=tuple(map(MessageType, row["types"])),
            added_on=row["added_on"],
        )
        for row in await conn.fetch(_SQL["endpoints"])
    )


async def disable_endpoint(conn: Connection, endpoint_id: EndpointId, at: datetime) -> bool:
    """Send an endpoint nothing more; return whether it was in use."""
    return bool(await conn.fetchval(_SQL["disable_endpoint"], endpoint_id, at))


async def replay(conn: Connection, endpoint_id: EndpointId, at: datetime) -> int:
    """Let what was given up for an endpoint be due again; return how many messages that is."""
    return len(await conn.fetch(_SQL["replay"], endpoint_id, at))
