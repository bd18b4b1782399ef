"""Messages are sent to the platform's endpoints, signed, until they are taken.

At least once: who receives a message twice knows it by its `webhook-id`. A request goes to no
address but public ones, and follows no redirect.

Source:
    The Standard Webhooks specification, 1.0.0.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx
from standardwebhooks.webhooks import Webhook

from underseal.core.message import IncidentKind
from underseal.flow.system import System
from underseal.scan.fetch import FetchFailedError, parse_url, public_address
from underseal.seal.box import TamperedError
from underseal.seal.vault import unwrap_secret
from underseal.store import incidents, outbox
from underseal.store.incidents import IncidentId
from underseal.store.outbox import DeliveryState, TakenDelivery
from underseal.store.roles import Role

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The waits after each attempt but the last. Source: the specification's example schedule."""

JITTER: Final = 0.1
"""The share of a wait by which it may be longer, so that not everything is sent at once."""

RETRY_AFTER_MAX: Final = timedelta(hours=24)
"""An endpoint may ask for no longer wait than the longest of ours. A limit of ours."""

TIMEOUT_S: Final = 15.0
"""How long an endpoint may take. Source: the specification's advice."""

LEASE: Final = timedelta(seconds=20)
"""How long a delivery is its taker's: longer than an attempt can take."""

AT_ONCE: Final = 20
"""Deliveries of one worker that are under way at a time. A setting."""

GONE: Final = 410
"""The status with which an endpoint says that it wants nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What an endpoint answered; `status` is None where it could not be reached."""

    status: int | None
    retry_after: timedelta = timedelta(0)

    @property
    def is_taken(self) -> bool:
        """Whether the message has arrived."""
        return self.status is not None and httpx.codes.is_success(self.status)


class Courier:
    """Sends what is due. `jitter` draws a number in [0, 1); an async context manager."""

    def __init__(self, system: System, jitter: Callable[[], float]) -> None:
        self._system = system
        self._jitter = jitter
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=TIMEOUT_S,
            # A kept connection would be used for another name at the same address.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def deliver(self, now: datetime) -> int:
        """Send what is due, and return how many messages were tried."""
        async with self._system.db.transaction(Role.CORE) as conn:
            taken = await outbox.take_due(conn, now, now + LEASE, AT_ONCE)
        answers = await asyncio.gather(*(self._send(each, now) for each in taken))
        for each, answer in zip(taken, answers, strict=True):
            await self._settle(each, answer, now)
        return len(taken)

    async def _send(self, taken: TakenDelivery, now: datetime) -> _Answer:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                asked = parse_url(taken.url)
                address = await public_address(asked, self._system.settings.allowed_hosts)
                async with self._client.stream(
                    "POST",
                    asked.copy_with(host=address),
                    content=taken.body,
                    headers={**self._signed(taken, now), "host": asked.netloc.decode()},
                    extensions={"sni_hostname": asked.raw_host.decode()},
                ) as response:
                    return _Answer(
                        status=response.status_code,
                        retry_after=_retry_after(response.headers.get("retry-after", "")),
                    )
        except (FetchFailedError, TamperedError, httpx.HTTPError, TimeoutError):
            return _Answer(status=None)

    def _signed(self, taken: TakenDelivery, now: datetime) -> dict[str, str]:
        """The headers of a message, with its signature."""
        key = unwrap_secret(self._system.keys.webhooks, taken.secret, taken.endpoint_id.bytes)
        name = f"msg_{taken.message_id.hex}"
        signature = Webhook(b64encode(key).decode()).sign(name, now, taken.body.decode())
        return {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }

    async def _settle(self, taken: TakenDelivery, answer: _Answer, now: datetime) -> None:
        state, next_at = DeliveryState.DUE, now
        if answer.is_taken:
            state = DeliveryState.DELIVERED
        elif taken.attempts > len(WAITS):
            state = DeliveryState.GIVEN_UP
        else:
            wait = WAITS[taken.attempts - 1] * (1 + JITTER * self._jitter())
            next_at = now + max(wait, answer.retry_after)
        async with self._system.db.transaction(Role.CORE) as conn:
            is_ours = await outbox.settle(conn, taken, state, next_at=next_at, status=answer.status)
            if answer.status == GONE:
                await outbox.disable_endpoint(conn, taken.endpoint_id, now)
            if is_ours and (state is DeliveryState.GIVEN_UP or answer.status == GONE):
                await incidents.raise_incidents(
                    conn,
                    IncidentKind.DELIVERY_GIVEN_UP,
                    [(IncidentId(self._system.new_id()), None)],
                    f"message {taken.message_id} to endpoint {taken.endpoint_id}",
                    now,
                )


def _retry_after(value: str) -> timedelta:
    """The wait that an endpoint asks for in seconds; a date, which our clocks decide, is ignored."""
    if not value.isascii() or not value.isdecimal():
        return timedelta(0)
    seconds_max = RETRY_AFTER_MAX // timedelta(seconds=1)
    is_long = len(value) > len(str(seconds_max))
    return timedelta(seconds=seconds_max if is_long else min(int(value), seconds_max))
