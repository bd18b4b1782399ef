"""Where the platform's messages are sent, and under which secret they are signed."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from underseal.core.message import MessageType
from underseal.flow.system import System
from underseal.scan.fetch import PORTS, FetchFailedError, FetchFailure, is_public, parse_url
from underseal.seal.redacted import Redacted
from underseal.seal.vault import wrap_secret
from underseal.store import outbox
from underseal.store.outbox import Endpoint, EndpointId
from underseal.store.roles import Role

SECRET_BYTES: Final = 32
"""Source: the Standard Webhooks specification asks for 24 to 64."""

PREFIX: Final = "whsec_"


class EndpointUrlError(ValueError):
    """The URL cannot be sent to."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(f"the URL cannot be sent to: {failure}")
        self.failure = failure


class UnknownEndpointError(Exception):
    """There is no such endpoint in use."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewEndpoint(Redacted):
    """What is shown once: the secret with which messages to the endpoint are signed."""

    endpoint_id: EndpointId
    secret: str


async def register_endpoint(
    system: System, url: str, types: Iterable[MessageType], random_bytes: bytes, now: datetime
) -> NewEndpoint:
    """Send messages of these types to `url` from now on.

    Args:
        system: of which only allowed hosts may be reached without TLS.
        url: where to.
        types: what is sent there.
        random_bytes: the secret, of `SECRET_BYTES`.
        now: the day it is added on.

    Raises:
        EndpointUrlError: the URL is not one, or not `https`, or names an address that is not
            public. What a name resolves to is checked whenever something is sent.
    """
    if len(random_bytes) != SECRET_BYTES:
        raise ValueError(f"a secret is {SECRET_BYTES} random bytes")
    try:
        asked = parse_url(url)
    except FetchFailedError as refused:
        raise EndpointUrlError(refused.failure) from None
    host = f"{asked.host}:{asked.port or PORTS[asked.scheme]}"
    if asked.scheme != "https" and host not in system.settings.allowed_hosts:
        raise EndpointUrlError(FetchFailure.NOT_HTTPS)
    if host not in system.settings.allowed_hosts and not _may_be_public(asked.host):
        raise EndpointUrlError(FetchFailure.FORBIDDEN_ADDRESS)
    endpoint_id = EndpointId(system.new_id())
    endpoint = Endpoint(
        endpoint_id=endpoint_id,
        url=url,
        types=tuple(sorted(set(types))),
        added_on=now.date(),
    )
    wrapped = wrap_secret(system.keys.webhooks, random_bytes, endpoint_id.bytes)
    async with system.db.transaction(Role.CORE) as conn:
        await outbox.add_endpoint(conn, endpoint, wrapped)
    secret = PREFIX + b64encode(random_bytes).decode()
    return NewEndpoint(endpoint_id=endpoint_id, secret=secret)


async def read_endpoints(system: System) -> tuple[Endpoint, ...]:
    """Return the endpoints in use."""
    async with system.db.transaction(Role.CORE) as conn:
        return await outbox.endpoints(conn)


async def remove_endpoint(system: System, endpoint_id: EndpointId, now: datetime) -> None:
    """Send an endpoint nothing more.

    Raises:
        UnknownEndpointError: there is none.
    """
    async with system.db.transaction(Role.CORE) as conn:
        if not await outbox.disable_endpoint(conn, endpoint_id, now):
            raise UnknownEndpointError


async def replay(system: System, endpoint_id: EndpointId, now: datetime) -> int:
    """Send again what was given up for an endpoint; return how many messages that is.

    Raises:
        UnknownEndpointError: there is none.
    """
    async with system.db.transaction(Role.CORE) as conn:
        if endpoint_id not in {each.endpoint_id for each in await outbox.endpoints(conn)}:
            raise UnknownEndpointError
        return await outbox.replay(conn, endpoint_id, now)


def _may_be_public(host: str) -> bool:
    """Whether a host is a name, or an address that is public."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return True
