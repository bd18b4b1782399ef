"""The two clients: they do the same, and say what is wrong."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from underseal.client import ApiError, AsyncClient, Client, Request, requests
from underseal.client.answers import Registered
from underseal.client.transport import read

VIDEO = ("video", "v-1")


@pytest.fixture
def clip(tmp_path):
    """A file that is sent in several chunks."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(256)) * 10_000)
    return path


async def test_the_synchronous_client_does_the_same_as_the_asynchronous_one(api, platform):
    request = requests.report(VIDEO, "u-1", "spam")

    def report():
        with Client(api.url, key=api.platform.token) as client:
            return client.send(request)

    assert await asyncio.to_thread(report) == await platform.send(request)


async def test_both_clients_upload_what_a_registration_awaits(api, platform, clip):
    registered = await platform.send(requests.register(VIDEO, "creator-1", upload=True))
    uploaded = await platform.upload(registered, clip)
    assert (uploaded.subject.id, uploaded.version, uploaded.upload_url) == ("v-1", 1, None)

    def upload():
        with Client(api.url, key=api.platform.token) as client:
            registered = client.send(requests.register(("video", "v-2"), "creator-1", upload=True))
            return client.upload(registered, clip)

    uploaded = await asyncio.to_thread(upload)
    assert (uploaded.subject.id, uploaded.visibility.level) == ("v-2", "held")
    async with api.system.db.transaction("underseal_core") as conn:
        sizes = await conn.fetch("select size_bytes from media")
    assert [row["size_bytes"] for row in sizes] == [2_560_000, 2_560_000]


async def test_media_is_frozen_once(platform, clip):
    registered = await platform.send(requests.register(VIDEO, "creator-1", upload=True))
    await platform.upload(registered, clip)
    with pytest.raises(ApiError) as refused:
        await platform.upload(registered, clip)
    assert refused.value.status == 409


async def test_a_registration_that_awaits_no_upload_takes_none(platform, clip):
    registered = await platform.send(
        requests.register(VIDEO, "creator-1", media_url="https://example.com/v.mp4")
    )
    with pytest.raises(ValueError, match="awaits no upload"):
        await platform.upload(registered, clip)


async def test_a_refusal_says_which_field_is_wrong(platform):
    with pytest.raises(ApiError) as refused:
        await platform.send(requests.report(VIDEO, "u-1", "no_such_guideline"))
    error = refused.value
    assert (error.status, error.type) == (400, "/problems/invalid-request")
    assert [(each.pointer, each.detail) for each in error.errors] == [
        ("/guideline", "there is no such guideline")
    ]
    assert "there is no such guideline" in str(error)


async def test_a_key_that_is_not_known_is_refused(api):
    async with AsyncClient(api.url, key=f"us_{'a' * 12}_{'b' * 43}") as stranger:
        with pytest.raises(ApiError) as refused:
            await stranger.send(requests.webhooks())
    assert refused.value.status == 401


async def test_a_request_under_a_key_of_ones_own_does_its_work_once(platform):
    request = requests.add_webhook("http://127.0.0.1:9/hooks", ["statement.issued"]).once("a-1")
    first = await platform.send(request)
    assert await platform.send(request) == first
    assert len((await platform.send(requests.webhooks())).endpoints) == 1
    other = requests.add_webhook("http://127.0.0.1:9/other", ["statement.issued"]).once("a-1")
    with pytest.raises(ApiError) as refused:
        await platform.send(other)
    assert refused.value.status == 422


async def test_a_server_that_is_not_there_is_no_refusal():
    async with AsyncClient("http://127.0.0.1:9", key="us_a_b") as client:
        with pytest.raises(httpx.TransportError):
            await client.send(requests.webhooks())


async def test_fields_that_this_version_does_not_know_are_passed_over(platform):
    request = requests.visibility(VIDEO)
    known = await platform.send(request)
    body = (
        b'{"subject":{"kind":"video","id":"v-1","new":1},"level":"public","newer":[],'
        b'"age_restricted":false,"labelled":false,"interaction_limited":false,"geo_blocked":[]}'
    )
    assert read(request, 200, body) == known


def test_an_answer_of_something_in_between_is_told_as_it_is():
    with pytest.raises(ApiError, match="502 not a problem document: <html>"):
        read(requests.webhooks(), 502, b"<html>bad gateway")


def test_nothing_secret_stands_in_what_is_printed():
    filed = read(requests.report(VIDEO, "u-1", "spam"), 201, b'{"receipt":"rcpt_x","state":"s"}')
    assert "rcpt_x" not in repr(filed)


def test_a_request_under_a_key_is_the_same_but_for_the_key():
    request = Request(method="POST", path="/", answer=Registered)
    assert replace(request.once("k"), headers={}) == request
