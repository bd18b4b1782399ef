import asyncio
from datetime import timedelta

import pytest

from underseal.core.caller import ModeratorRole
from underseal.flow import register_endpoint
from underseal.store.roles import Role
from underseal.web.idempotency import read_key
from underseal.web.problems import InvalidRequestError

BODY = {"url": "https://loop.example/hook", "types": ["visibility.changed"]}


async def post(client, key: str | bytes, path: str = "/v1/webhooks", body: dict = BODY):
    return await client.post(path, json=body, headers={"idempotency-key": key})


async def test_a_request_that_is_sent_twice_is_answered_once(platform):
    first = await post(platform, '"a"')
    second = await post(platform, '"a"')
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert len((await platform.get("/v1/webhooks")).json()["endpoints"]) == 1


async def test_a_refusal_is_given_again_too(platform):
    body = BODY | {"url": "https://10.0.0.1/hook"}
    first = await post(platform, "a", body=body)
    second = await post(platform, "a", body=body)
    assert first.status_code == second.status_code == 409
    assert first.content == second.content
    assert second.headers["content-type"] == "application/problem+json"


async def test_an_answer_without_a_body_is_given_again(moderator):
    for _ in range(2):
        answer = await post(moderator, "a", "/v1/cases/take", {})
        assert (answer.status_code, answer.content) == (204, b"")


async def test_a_key_belongs_to_one_request(platform):
    await post(platform, '"a"')
    for path, body in (
        ("/v1/webhooks", BODY | {"types": ["statement.issued"]}),
        ("/v1/reporters/forget", BODY),
        ("/v1/webhooks?x=1", BODY),
    ):
        answer = await post(platform, '"a"', path, body)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/idempotency-key-reused"


async def test_a_key_is_its_senders_alone(platform, admit):
    admin = await admit(ModeratorRole.ADMIN, "ada")
    first, second = await post(platform, '"a"'), await post(admin, '"a"')
    assert second.status_code == 201
    assert first.json()["endpoint_id"] != second.json()["endpoint_id"]


async def test_two_at_the_same_time_are_one(platform, monkeypatch):
    began, may_end = asyncio.Event(), asyncio.Event()
    add = register_endpoint.outbox.add_endpoint

    async def slow(*given: object) -> None:
        began.set()
        await may_end.wait()
        await add(*given)

    monkeypatch.setattr(register_endpoint.outbox, "add_endpoint", slow)
    first = asyncio.create_task(post(platform, '"a"'))
    await began.wait()
    meanwhile = await post(platform, '"a"')
    assert meanwhile.status_code == 409
    assert meanwhile.json()["type"] == "/problems/in-flight"
    may_end.set()
    assert (await first).status_code == 201
    assert (await post(platform, '"a"')).content == (await first).content


async def test_what_failed_on_our_side_can_be_tried_again(platform, monkeypatch):
    async def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(register_endpoint.outbox, "add_endpoint", fail)
        assert (await post(platform, '"a"')).status_code == 500
    assert (await post(platform, '"a"')).status_code == 201


async def test_a_request_whose_process_died_can_be_tried_again(platform, system, clock):
    await post(platform, '"a"')
    async with system.db.transaction(Role.CORE) as conn:
        await conn.execute("update idempotent_answers set status = null, body = null")
    assert (await post(platform, '"a"')).status_code == 409
    clock.now += timedelta(minutes=1, seconds=1)
    assert (await post(platform, '"a"')).status_code == 201


async def test_a_key_is_free_after_a_day(platform, clock):
    first = await post(platform, '"a"')
    clock.now += timedelta(days=1, seconds=1)
    assert (await post(platform, '"a"')).json() != first.json()


async def test_what_is_kept_tells_neither_key_nor_request_nor_answer(platform, system):
    answer = await post(platform, '"of anna"')
    await post(platform, '"b"', "/v1/reporters/forget", {"reporter": {"id": "anna"}})
    async with system.db.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select * from idempotent_answers")
    kept = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in rows
        for value in row.values()
    )
    assert len(rows) == 2
    assert answer.json()["secret"].encode() not in kept
    assert answer.json()["endpoint_id"].encode() not in kept
    assert b"anna" not in kept


async def test_reports_need_no_key_and_take_none(platform, system):
    report = {"subject": {"kind": "video", "id": "v1"}, "reporter": None, "guideline": "spam"}
    for subject in ("v1", "v2"):
        body = report | {"subject": {"kind": "video", "id": subject}}
        assert (await post(platform, '"a"', "/v1/reports", body)).status_code == 201


async def test_a_key_does_not_let_anybody_in(anybody):
    assert (await post(anybody, '"a"')).status_code == 401


async def test_a_key_that_is_none_is_refused(platform):
    for key in (b'"', b'""', b"", b"a b", b"\xc3\xa9", b"a" * 256, b'a"b'):
        answer = await post(platform, key)
        assert (answer.status_code, answer.headers["content-type"]) == (
            400,
            "application/problem+json",
        )


@pytest.mark.parametrize(
    ("header", "key"),
    [('"a b"', "a b"), ("a-b", "a-b"), ('"a\\"b\\\\c"', 'a"b\\c'), (" a ", "a")],
)
def test_a_key_is_a_quoted_string_or_a_bare_one(header, key):
    assert read_key(header) == key


@pytest.mark.parametrize(
    "header", ['"a', 'a"', r'"\a"', "a,b", "a;b", "a\tb", '"' + "a" * 256 + '"']
)
def test_what_is_not_a_key_is_refused(header):
    with pytest.raises(InvalidRequestError):
        read_key(header)
