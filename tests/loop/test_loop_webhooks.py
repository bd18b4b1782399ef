"""Webhooks: what Underseal signed is taken, once; whatever else comes changes nothing."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import standardwebhooks
import uvicorn
from loop_stage import ref

from loop.listening import HOOK, SECRET, connect
from underseal.client import requests
from underseal.flow.deliver import Courier


def message(statement_id="5e8f1f5c-0000-4000-8000-000000000000", kind="video", name="v-1"):
    data = {"subject": {"kind": kind, "id": name}, "statement_id": statement_id, "kind": "removal"}
    return json.dumps(
        {"type": "statement.issued", "timestamp": "2026-11-22T12:00:00Z", "data": data}
    ).encode()


def signed(secret, body, message_id="msg_1"):
    now = datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standardwebhooks.Webhook(secret).sign(message_id, now, body.decode()),
    }


def notices(loop):
    return [tuple(row) for row in loop.site.db.execute("select person_id, what from notices")]


@pytest.fixture
async def secret(loop):
    await connect(loop.site)
    return loop.site.secret(SECRET).read_text()


async def test_a_genuine_message_is_taken_once_and_tells_the_creator(loop, secret):
    video_id = await loop.video("Ada")
    machine, ada = await loop.visitor(), await loop.visitor("Ada")
    body = message(name=video_id)
    for _ in range(2):
        answer = await machine.post(HOOK, content=body, headers=signed(secret, body))
        assert answer.status_code == 204
    assert notices(loop) == [(loop.people["Ada"].id, "removal")]
    assert '<span class="count">1' in (await ada.get("/")).text
    assert '<span class="count">' not in (await (await loop.visitor("Ben")).get("/")).text


async def test_a_forged_old_or_changed_message_is_refused(loop, secret):
    video_id = await loop.video("Ada")
    machine = await loop.visitor()
    body = message(name=video_id)
    headers = signed(secret, body)
    forged = signed("whsec_" + "A" * 32, body)
    old = headers | {"webhook-timestamp": "1000000000"}
    for sent, given in (
        (body, {}),
        (body, forged),
        (body, old),
        (body, headers | {"webhook-id": "msg_2"}),
        (body.replace(b"removal", b"hold"), headers),
        (b"", headers),
    ):
        assert (await machine.post(HOOK, content=sent, headers=given)).status_code == 400
    assert notices(loop) == []


async def test_before_it_is_connected_nothing_is_believed(loop):
    machine = await loop.visitor()
    body = message()
    answer = await machine.post(HOOK, content=body, headers=signed("whsec_" + "A" * 32, body))
    assert answer.status_code == 503
    assert not loop.site.secret(SECRET).exists()


async def test_connecting_again_replaces_the_endpoint_and_its_secret(loop, secret):
    await connect(loop.site)
    found = await loop.site.underseal.send(requests.webhooks())
    assert len(found.endpoints) == 1
    path = loop.site.secret(SECRET)
    assert path.read_text() != secret
    assert path.stat().st_mode & 0o077 == 0


@asynccontextmanager
async def serving_where_it_says(loop):
    settings = loop.site.settings
    with socket.create_server((settings.host, settings.port)) as listening:
        server = uvicorn.Server(uvicorn.Config(loop.app, log_config=None, lifespan="off"))
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            yield
            server.should_exit = True


async def test_what_underseal_sends_is_understood(loop, secret):
    """The whole way: a removal, its messages by Underseal's own courier, and a notice."""
    video_id = await loop.video("Ada")
    async with serving_where_it_says(loop):
        moderator = await loop.stage.moderator("mona")
        await loop.stage.decide(ref("video", video_id), moderator, "remove", "phishing")
        await loop.stage.tick()
        courier = Courier(loop.stage.system, lambda: 0.0)
        while await courier.deliver(datetime.now(UTC)):  # by which receivers judge its age
            pass
        await courier.close()
    assert notices(loop) == [(loop.people["Ada"].id, "removal")]
    kept = loop.site.db.execute("select count(*) from messages").fetchone()[0]
    assert kept >= 2  # who may see it, and that there is a statement
