"""Webhooks: where messages are sent, by the Standard Webhooks specification."""

import secrets
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath
from msgspec import Meta

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.message import MessageType
from underseal.flow.register_endpoint import (
    SECRET_BYTES,
    EndpointUrlError,
    UnknownEndpointError,
    read_endpoints,
    register_endpoint,
    remove_endpoint,
)
from underseal.flow.system import System
from underseal.store.outbox import EndpointId
from underseal.web.api.bodies import Answer, Strict, Url
from underseal.web.api.operation import OPERATION, Access, Injected, Operation

ACCESS = Access(scope=Scope.WEBHOOKS_WRITE, roles=frozenset({ModeratorRole.ADMIN}))


class EndpointBody(Strict):
    """Where messages of some types are to be sent."""

    url: Url
    types: Annotated[tuple[MessageType, ...], Meta(min_length=1, max_length=len(MessageType))]


class EndpointAnswer(Answer):
    """Where messages of some types are sent."""

    endpoint_id: UUID
    url: str
    types: tuple[MessageType, ...]
    added_on: date


class NewEndpointAnswer(EndpointAnswer):
    """A new endpoint; `secret` (`whsec_…`) signs its messages and is shown this once."""

    secret: str


class EndpointsAnswer(Answer):
    """The endpoints in use."""

    endpoints: tuple[EndpointAnswer, ...]


@post(
    "/v1/webhooks",
    opt={OPERATION: Operation(access=ACCESS, raises=(EndpointUrlError,))},
)
async def add(
    given: Injected[EndpointBody], system: Injected[System], now: Injected[datetime]
) -> NewEndpointAnswer:
    """Have messages sent to an address from now on."""
    secret = secrets.token_bytes(SECRET_BYTES)
    types = tuple(sorted(set(given.types)))
    new = await register_endpoint(system, given.url, types, secret, now)
    return NewEndpointAnswer(
        endpoint_id=new.endpoint_id,
        url=given.url,
        types=types,
        added_on=now.date(),
        secret=new.secret,
    )


@get("/v1/webhooks", opt={OPERATION: Operation(access=ACCESS)})
async def list_all(system: Injected[System]) -> EndpointsAnswer:
    """List where messages are sent."""
    return EndpointsAnswer(
        endpoints=tuple(
            EndpointAnswer(
                endpoint_id=each.endpoint_id,
                url=each.url,
                types=each.types,
                added_on=each.added_on,
            )
            for each in await read_endpoints(system)
        )
    )


@delete(
    "/v1/webhooks/{endpoint_id:uuid}",
    opt={OPERATION: Operation(access=ACCESS, raises=(UnknownEndpointError,))},
)
async def remove(
    endpoint_id: FromPath[UUID], system: Injected[System], now: Injected[datetime]
) -> None:
    """Send an address nothing more, not even what is under way."""
    await remove_endpoint(system, EndpointId(endpoint_id), now)


handlers = (add, list_all, remove)
