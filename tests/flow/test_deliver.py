import asyncio
import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook

from underseal.core.message import MessageType
from underseal.flow.deliver import JITTER, LEASE, WAITS, Courier
from underseal.flow.register_endpoint import (
    EndpointUrlError,
    UnknownEndpointError,
    read_endpoints,
    register_endpoint,
    remove_endpoint,
    replay,
)

SECRET = bytes(range(32))


@dataclass
class Receiver:
    """A platform's endpoint: what it was sent, and what it answers."""

    url: str
    host: str
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append((dict(self.headers.items()), body))
            receiver.arrived.set()
            receiver.pause.wait(5)
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host = f"127.0.0.1:{server.server_port}"
        receiver = Receiver(url=f"http://{host}/hook", host=host)
        receiver.pause.set()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
async def sending(stage, receiver):
    """A stage whose platform may be reached, and a message that is due."""
    settings = replace(stage.system.settings, allowed_hosts=frozenset({receiver.host}))
    stage.system = replace(stage.system, settings=settings)
    stage.now = datetime.now(UTC)  # who verifies has a clock of their own
    return stage


@pytest.fixture
async def courier(sending):
    courier = Courier(sending.system, lambda: 0.5)
    yield courier
    await courier.close()


async def endpoint(stage, receiver, *types):
    wanted = types or (MessageType.VISIBILITY_CHANGED,)
    return await register_endpoint(stage.system, receiver.url, wanted, SECRET, stage.now)


async def remove(stage, name="c1"):
    ref = await stage.comment(name)
    mona = await stage.moderator(name)
    await stage.decide(ref, mona, "remove", "threat_to_life")


async def delivery(stage):
    (row,) = await stage.rows("select state, attempts, next_at, last_status from deliveries")
    return row


async def test_a_message_arrives_signed_as_the_specification_says(sending, receiver, courier):
    new = await endpoint(sending, receiver)
    assert new.secret.startswith("whsec_")
    assert b64decode(new.secret.removeprefix("whsec_")) == SECRET
    await remove(sending)
    assert await courier.deliver(sending.now) == 1
    ((headers, body),) = receiver.requests
    said = Webhook(new.secret).verify(body, headers)
    assert said["type"] == "visibility.changed"
    assert said["data"]["subject"] == {"kind": "comment", "id": "c1"}
    assert said["data"]["visibility"]["level"] == "removed"
    assert headers["webhook-id"].startswith("msg_")
    assert (await delivery(sending))["state"] == "delivered"
    assert await courier.deliver(sending.now + timedelta(days=9)) == 0


async def test_an_endpoint_gets_the_types_it_wants_and_nothing_from_before(
    sending, receiver, courier
):
    await remove(sending, "before")
    await endpoint(sending, receiver, MessageType.STATEMENT_ISSUED)
    await remove(sending)
    assert await courier.deliver(sending.now) == 1
    ((_, body),) = receiver.requests
    assert json.loads(body)["type"] == "statement.issued"


async def test_what_is_not_taken_is_sent_again_after_growing_waits_and_then_given_up(
    sending, receiver, courier
):
    await endpoint(sending, receiver)
    await remove(sending)
    receiver.answers = [(500, {})] * 20
    now = sending.now
    for wait in WAITS:
        assert await courier.deliver(now) == 1
        expected = now + wait * (1 + JITTER * 0.5)
        assert (await delivery(sending))["next_at"] == expected
        assert await courier.deliver(expected - timedelta(seconds=1)) == 0
        now = expected
    assert await courier.deliver(now) == 1
    row = await delivery(sending)
    assert (row["state"], row["attempts"], row["last_status"]) == ("given_up", 10, 500)
    assert await sending.rows("select kind from incidents") == [{"kind": "delivery_given_up"}]
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1


async def test_what_was_given_up_is_sent_again_on_demand(sending, receiver, courier):
    new = await endpoint(sending, receiver)
    await remove(sending)
    receiver.answers = [(503, {})] * 10
    for number in range(10):
        await courier.deliver(sending.now + timedelta(days=2 * number))
    assert await replay(sending.system, new.endpoint_id, sending.now) == 1
    assert await courier.deliver(sending.now) == 1
    assert (await delivery(sending))["state"] == "delivered"
    with pytest.raises(UnknownEndpointError):
        await replay(sending.system, sending.system.new_id(), sending.now)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("3600", timedelta(hours=1)),
        ("1", WAITS[0] * 1.05),
        ("999999999999999999999999", timedelta(hours=24)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", WAITS[0] * 1.05),
        ("-5", WAITS[0] * 1.05),
    ],
)
async def test_an_endpoint_may_ask_for_a_longer_wait(sending, receiver, courier, asked, waits):
    await endpoint(sending, receiver)
    await remove(sending)
    receiver.answers = [(429, {"retry-after": asked})]
    await courier.deliver(sending.now)
    assert (await delivery(sending))["next_at"] == sending.now + waits


async def test_an_endpoint_that_is_gone_gets_nothing_more(sending, receiver, courier):
    await endpoint(sending, receiver)
    await remove(sending, "a")
    await remove(sending, "b")
    receiver.answers = [(410, {}), (410, {})]
    await courier.deliver(sending.now)
    await remove(sending, "c")
    assert await courier.deliver(sending.now + timedelta(days=1)) == 0
    assert await read_endpoints(sending.system) == ()
    states = await sending.rows("select distinct state from deliveries")
    assert states == [{"state": "given_up"}]
    assert await sending.rows("select 1 from incidents")


async def test_a_removed_endpoint_gets_nothing_more(sending, receiver, courier):
    new = await endpoint(sending, receiver)
    await remove(sending)
    await remove_endpoint(sending.system, new.endpoint_id, sending.now)
    assert await courier.deliver(sending.now) == 0
    assert receiver.requests == []
    with pytest.raises(UnknownEndpointError):
        await remove_endpoint(sending.system, new.endpoint_id, sending.now)


async def test_a_redirect_is_not_followed(sending, receiver, courier):
    await endpoint(sending, receiver)
    await remove(sending)
    receiver.answers = [(307, {"location": receiver.url})]
    await courier.deliver(sending.now)
    assert len(receiver.requests) == 1
    assert (await delivery(sending))["state"] == "due"


async def test_two_couriers_at_once_send_each_message_once(sending, receiver, courier):
    await endpoint(sending, receiver)
    for number in range(6):
        await remove(sending, f"c{number}")
    other = Courier(sending.system, lambda: 0.0)
    counts = await asyncio.gather(courier.deliver(sending.now), other.deliver(sending.now))
    await other.close()
    assert sum(counts) == 6
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 6
    assert len(receiver.requests) == 6


async def test_a_message_whose_courier_died_is_sent_by_another(sending, receiver, courier):
    await endpoint(sending, receiver)
    await remove(sending)
    receiver.pause.clear()
    dying = asyncio.create_task(courier.deliver(sending.now))
    assert await asyncio.to_thread(receiver.arrived.wait, 5)
    dying.cancel()
    receiver.pause.set()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert await courier.deliver(sending.now) == 0
    assert await courier.deliver(sending.now + LEASE) == 1
    row = await delivery(sending)
    assert (row["state"], row["attempts"]) == ("delivered", 2)


async def test_a_private_address_is_never_connected_to(sending, receiver, courier):
    await endpoint(sending, receiver)
    await remove(sending)
    closed = replace(sending.system.settings, allowed_hosts=frozenset())
    guarded = Courier(replace(sending.system, settings=closed), lambda: 0.0)
    assert await guarded.deliver(sending.now) == 1
    await guarded.close()
    assert receiver.requests == []
    row = await delivery(sending)
    assert (row["state"], row["last_status"]) == ("due", None)


@pytest.mark.parametrize("url", ["ftp://platform.example", "http://platform.example/hook", "x"])
async def test_an_endpoint_has_an_https_url(stage, url):
    with pytest.raises(EndpointUrlError):
        await register_endpoint(stage.system, url, [MessageType.APPEAL_DECIDED], SECRET, stage.now)
    assert await read_endpoints(stage.system) == ()


async def test_the_secret_is_neither_stored_nor_shown_in_clear(stage):
    new = await register_endpoint(
        stage.system, "https://platform.example", [MessageType.APPEAL_DECIDED], SECRET, stage.now
    )
    (row,) = await stage.rows("select secret from webhook_endpoints")
    assert SECRET not in row["secret"]
    assert new.secret not in repr(new)
