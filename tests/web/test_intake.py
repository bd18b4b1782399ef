import asyncio
import json
import logging
import socket
from datetime import timedelta

import httpx
import pytest
import uvicorn

from underseal.store.roles import Role
from underseal.web.intake import BODY_BYTES_MAX

REPORT = {
    "subject": {"kind": "video", "id": "v1"},
    "reporter": {"id": "anna"},
    "guideline": "hate_incitement",
}


async def stored(system) -> int:
    async with system.db.transaction(Role.CORE) as conn:
        count: int = await conn.fetchval("select count(*) from reports")
    return count


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json().get("errors", [])]


async def test_a_report_is_answered_with_a_receipt(client, system):
    answer = await client.post("/v1/reports", json=REPORT)
    assert answer.status_code == 201
    assert answer.json()["state"] == "received"
    assert answer.json()["receipt"].startswith("rcpt_")
    assert answer.headers["cache-control"] == "no-store"
    assert await stored(system) == 1


async def test_answers_differ_in_the_receipt_alone(client, system):
    reports = [
        REPORT,
        REPORT | {"note": "again"},
        REPORT | {"reporter": {"id": "berta" * 80}, "note": "n" * 5000},
        REPORT | {"reporter": None},
        REPORT | {"subject": {"kind": "account", "id": "a1"}, "guideline": "spam"},
    ]
    answers = [await client.post("/v1/reports", json=report) for report in reports]
    shapes = {
        (
            answer.status_code,
            tuple(answer.headers.raw),
            answer.content.replace(answer.json()["receipt"].encode(), b""),
            len(answer.json()["receipt"]),
        )
        for answer in answers
    }
    assert len(shapes) == 1
    assert answers[0].content == answers[1].content
    assert len({answer.content for answer in answers}) == 4


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "GET", "HEAD"])
@pytest.mark.parametrize("path", ["/v1/reports", "/v1/reports/bulk", "/v1/reports/rcpt_abc"])
async def test_nothing_changes_or_takes_back_a_report(client, system, method, path):
    await client.post("/v1/reports", json=REPORT)
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.headers["content-type"] == "application/problem+json"
    assert await stored(system) == 1


async def test_every_other_address_is_for_the_app_behind(client):
    assert (await client.post("/v1/reporters/forget", json={})).status_code == 299
    assert (await client.get("/v1/reportsx")).status_code == 299
    assert (await client.post("/v1/reports/other", json={})).status_code == 404


async def test_a_page_of_another_origin_may_file_reports(client):
    answer = await client.options("/v1/reports", headers={"origin": "https://loop.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]


async def test_a_page_reads_the_answer_to_its_ticket_and_to_nothing_else(client):
    for authorization, is_readable in (("Ticket x", True), ("ticket x", True), ("Bearer x", False)):
        headers = {"authorization": authorization, "origin": "https://loop.example"}
        answer = await client.post("/v1/reports", json=REPORT, headers=headers)
        assert answer.status_code == 401
        assert ("access-control-allow-origin" in answer.headers) == is_readable
    answer = await client.post("/v1/reports", json=REPORT)
    assert "access-control-allow-origin" not in answer.headers


async def test_a_body_of_another_type_or_too_large_is_refused(client, system):
    raw = json.dumps(REPORT).encode()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"content-type": content_type}
        answer = await client.post("/v1/reports", content=raw, headers=headers)
        assert answer.status_code == 415
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await client.post("/v1/reports", content=raw, headers=headers)).status_code == 201
    large = raw + b" " * BODY_BYTES_MAX

    async def chunks():
        for _ in range(65):
            yield b" " * 1024

    for content in (large, chunks()):
        answer = await client.post("/v1/reports", content=content, headers=headers)
        assert answer.status_code == 413
    assert await stored(system) == 1


async def test_a_bulk_request_answers_each_report_by_itself(client, system):
    bad = REPORT | {"guideline": "no_such"}
    named = {"reporter": {"id": "berta"}}
    body = {"reports": [REPORT, bad, 7, REPORT | named, REPORT, REPORT | {"note": 5}]}
    answer = await client.post("/v1/reports/bulk", json=body)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert ["receipt" in result for result in results] == [True, False, False, True, True, False]
    assert results[0] == results[4] != results[3]
    problems = [result["problem"] for result in results if "problem" in result]
    assert [problem["status"] for problem in problems] == [400, 400, 400]
    found = [problem["errors"][0]["pointer"] for problem in problems]
    assert found == ["/guideline", "", "/note"]
    assert await stored(system) == 2


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_bulk_request_has_1_to_1000_reports(client, system, count):
    answer = await client.post("/v1/reports/bulk", json={"reports": [REPORT] * count})
    assert (answer.status_code, pointers(answer)) == (400, ["/reports"])
    assert await stored(system) == 0


async def test_a_receipt_tells_what_is_true(client, clock):
    token = (await client.post("/v1/reports", json=REPORT)).json()["receipt"]
    told = (await client.post("/v1/receipts/lookup", json={"receipt": token})).json()
    assert told["subject"] == REPORT["subject"]
    assert told["guideline"] == REPORT["guideline"]
    assert (told["reported_on"], told["state"]) == ("2026-11-22", "received")
    assert told["changed_at"] is None
    assert "received" in told["text"]["en"]
    clock.now += timedelta(days=1)
    told = (await client.post("/v1/receipts/lookup", json={"receipt": token})).json()
    assert (told["state"], told["changed_at"]) == ("in_review", "2026-11-23T00:00:00Z")


@pytest.mark.parametrize("token", ["", "rcpt_", f"rcpt_{'a' * 64}", "\0"])
async def test_a_receipt_that_was_never_given_is_unknown(client, token):
    answer = await client.post("/v1/receipts/lookup", json={"receipt": token})
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/unknown-receipt"


async def test_a_sender_who_hangs_up_is_not_answered(intake, key, system):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = [
        (b"authorization", f"Bearer {key.token}".encode()),
        (b"content-type", b"application/json"),
    ]
    scope = {"type": "http", "method": "POST", "path": "/v1/reports", "headers": headers}
    await intake(scope, receive, send)
    assert sent == []
    assert await stored(system) == 0


async def test_no_log_line_holds_anything_of_a_report(client, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    secret = REPORT | {"reporter": {"id": "person-4711"}, "note": "my-own-words"}
    answer = await client.post("/v1/reports", json=secret)
    await client.post("/v1/reports", json=secret | {"law": "x"})
    await client.post("/v1/reports/bulk", json={"reports": [secret, secret | {"note": "\0"}]})
    await client.post("/v1/receipts/lookup", json={"receipt": answer.json()["receipt"]})
    lines = [line for line in caplog.text.splitlines() if "httpx" not in line]
    for trace in ("person-4711", "my-own-words", answer.json()["receipt"], 'v1"'):
        assert trace not in "\n".join(lines)


async def test_chunks_pipelines_and_broken_connections_are_all_served(intake, key, system):
    config = uvicorn.Config(intake, port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    port = listening.getsockname()[1]
    raw = json.dumps(REPORT).encode()
    head = (
        f"POST /v1/reports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key.token}\r\n"
        "content-type: application/json\r\n"
    ).encode()
    whole = head + f"content-length: {len(raw)}\r\n\r\n".encode() + raw
    parts = b"".join(b"%x\r\n%b\r\n" % (1, raw[i : i + 1]) for i in range(len(raw)))
    chunked = head + b"transfer-encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
    too_large = head + b"content-length: 99999999\r\n\r\n"

    async def talk(sent: bytes, answers: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        await writer.drain()
        statuses = [(await reader.readuntil(b"}"))[9:12] for _ in range(answers)]
        writer.close()
        await writer.wait_closed()
        return statuses

    await talk(whole[:-5], 0)
    assert await talk(chunked + whole + whole, 3) == [b"201"] * 3
    assert await talk(too_large, 1) == [b"413"]
    assert await stored(system) == 1
    server.should_exit = True
    await serving
