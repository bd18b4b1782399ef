import logging
from dataclasses import replace
from uuid import UUID

import httpx

from underseal.core.caller import ModeratorRole
from underseal.flow import reach_database, read_visibility
from underseal.flow.authenticate import Callers
from underseal.store.connection import Address
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.web.app import make_api
from underseal.web.problems import MEDIA_TYPE

ABSENT = UUID("00000000-0000-4000-8000-000000000001")

ROUTES = {
    "POST /v1/subjects": "subjects:write",
    "PUT /v1/media": "subjects:write",
    "POST /v1/views": "views:write",
    "GET /v1/visibility": "visibility:read",
    "POST /v1/visibility/bulk": "visibility:read",
    "GET /v1/visibility/changes": "visibility:read",
    "GET /v1/creators/statements": "creators:read",
    f"GET /v1/creators/statements/{ABSENT}": "creators:read",
    "GET /v1/creators/standing": "creators:read",
    "GET /v1/creators/appeals": "creators:read",
    "POST /v1/appeals": "appeals:write",
    "POST /v1/reporters/forget": "reports:write",
    "GET /v1/taxonomy": "guidelines:read",
    "GET /v1/guidelines": "guidelines:read",
    "POST /v1/webhooks": "webhooks:write",
    "GET /v1/webhooks": "webhooks:write",
    f"DELETE /v1/webhooks/{ABSENT}": "webhooks:write",
    "POST /v1/cases/take": "moderator lead",
    f"GET /v1/cases/{ABSENT}": "moderator lead auditor",
    f"POST /v1/cases/{ABSENT}/release": "moderator lead",
    f"POST /v1/cases/{ABSENT}/decision": "moderator lead",
    f"GET /v1/cases/{ABSENT}/media": "moderator lead auditor",
    f"HEAD /v1/cases/{ABSENT}/media": "moderator lead auditor",
    f"GET /v1/cases/{ABSENT}/explanation": "lead auditor",
    "GET /v1/queue": "moderator lead auditor admin",
    "GET /v1/incidents": "lead auditor",
    "POST /v1/known-content": "lead",
}
"""Who may do what, written down a second time; webhooks are for admins, too."""


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and kind of a problem, after a look at its form."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return answer.status_code, problem["type"].removeprefix("/problems/")


async def test_nobody_gets_in_without_a_key(anybody, subtests):
    for route in ROUTES:
        method, path = route.split()
        with subtests.test(route):
            answer = await anybody.request(method, path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert method == "HEAD" or refusal(answer) == (401, "unauthenticated")


async def test_an_unknown_key_is_told_no_more_than_no_key(client_of):
    stranger = await client_of(f"Bearer us_{'a' * 12}_{'b' * 43}")
    assert refusal(await stranger.get("/v1/queue")) == (401, "unauthenticated")


async def test_each_operation_is_for_those_it_is_for(platform, admit, anybody):
    callers = {role: await admit(role, role) for role in ModeratorRole}
    for route, allowed in ROUTES.items():
        method, path = route.split()
        for role, caller in callers.items():
            answer = await caller.request(method, path)
            is_allowed = role in allowed.split() or (
                role is ModeratorRole.ADMIN and "webhooks" in route
            )
            is_public_text = "guidelines:read" in allowed
            assert (answer.status_code != 403) == (is_allowed or is_public_text), (route, role)
        answer = await platform.request(method, path)
        assert (answer.status_code != 403) == (":" in allowed), route


async def test_what_does_not_exist_is_a_problem(platform):
    for route in ("GET /v1/nothing", "GET /v1", "GET /v1/cases/1", "POST /docs/x/y"):
        assert refusal(await platform.request(*route.split())) == (404, "not-found")


async def test_reports_cannot_be_changed_or_taken_back(platform):
    for method in ("PUT", "PATCH", "DELETE", "GET", "TRACE"):
        for path in ("/v1/reports", "/v1/reports/rcpt_1"):
            answer = await platform.request(method, path)
            assert refusal(answer) == (405, "method-not-allowed")
            assert answer.headers["allow"] == "POST"


async def test_a_method_that_is_not_allowed_says_which_are(platform):
    answer = await platform.patch("/v1/webhooks")
    assert refusal(answer) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST", "OPTIONS"}


WRONG_BODIES = [
    (b"", None),
    (b"{", None),
    (b'{"subject"', None),
    (b"\xff", None),
    (b"[" * 50_000, ""),
    (b'"' + b"a" * 1000, None),
    (b"{}", "/subject"),
    (b'{"x": 1}', "/x"),
    (b'{"subject": {"kind": "song", "id": "1"}}', "/subject/kind"),
    (b'{"subject": {"kind": "video", "id": ""}}', "/subject/id"),
    (b'{"subject": {"kind": "video", "id": "a\\u0000b"}}', "/subject/id"),
    (b'{"subject": {"kind": "video", "id": "%s"}}' % (b"\xc3\xa9" * 300), "/subject"),
    (b'{"subject": {"kind": "video", "id": 1e999}}', "/subject/id"),
    (b'{"subject": {"kind": "video", "id": "\\ud800"}}', None),
    (b'{"subject": {"kind": "video", "id": "1", "a/b~c": 1}}', "/subject/a~1b~0c"),
]


async def test_a_body_that_is_wrong_is_told_where(platform, subtests):
    headers = {"content-type": "application/json"}
    for body, pointer in WRONG_BODIES:
        with subtests.test(body[:50]):
            answer = await platform.post("/v1/subjects", content=body, headers=headers)
            assert refusal(answer) == (400, "invalid-request")
            errors = [each["pointer"] for each in answer.json().get("errors", [])]
            assert errors == ([] if pointer is None else [pointer])


async def test_a_body_of_another_type_is_refused(platform):
    for media_type in ("text/plain", "application/xml", "multipart/form-data", ""):
        headers = {"content-type": media_type}
        answer = await platform.post("/v1/subjects", content=b"{}", headers=headers)
        assert refusal(answer) == (415, "unsupported-body")


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(platform):
    async def chunks():
        for _ in range(70):
            yield b" " * 1024

    headers = {"content-type": "application/json"}
    for content in (b" " * 70 * 1024, chunks()):
        answer = await platform.post("/v1/appeals", content=content, headers=headers)
        assert refusal(answer) == (413, "body-too-large")


ABSURD_QUERIES = [
    "kind=video",
    "id=1",
    "kind=video&id=",
    "kind=song&id=1",
    "kind=video&id=1&more=1",
    "kind=video&id=1&id=2",
    "kind=video&id=%00",
    "kind=video&id=%ff",
    "kind=video&id=%ed%a0%80",
    "kind=video&id=" + "a" * 513,
    "kind=video&id=" + "%C3%A9" * 300,
    "&".join(f"p{number}=1" for number in range(3_000)),
]


async def test_an_absurd_query_is_refused(platform, subtests):
    for query in ABSURD_QUERIES:
        with subtests.test(query[:50]):
            answer = await platform.get(f"/v1/visibility?{query}")
            assert refusal(answer) == (400, "invalid-request")


async def test_a_limit_is_a_number_from_1_to_100(platform, subtests):
    for limit in ("0", "101", "-1", "1.5", "ten", "", "9" * 400, "true", "null"):
        with subtests.test(limit[:50]):
            answer = await platform.get(f"/v1/visibility/changes?limit={limit}")
            assert refusal(answer) == (400, "invalid-request")


async def test_whole_numbers_may_have_a_point(platform, register):
    await register("comment", "c1")
    body = (
        b'{"tick": "2026-11-22T12:00:00Z", "views": [{"subject": {"kind": "comment", "id": "c1"},'
        b' "organic": 3.0, "qualifying": 2e0}]}'
    )
    headers = {"content-type": "application/json"}
    answer = await platform.post("/v1/views", content=body, headers=headers)
    assert answer.json() == {"counted": 1, "ignored": 0}


async def test_a_fault_of_ours_is_told_by_a_name_that_the_log_has_too(
    platform, monkeypatch, caplog
):
    def fail(*_: object) -> None:
        raise RuntimeError("the secret of v1")

    monkeypatch.setattr(read_visibility, "read_visibility", fail)
    with caplog.at_level(logging.DEBUG):
        answer = await platform.get("/v1/visibility?kind=video&id=v1")
    assert refusal(answer) == (500, "internal")
    assert answer.json().keys() == {"type", "title", "status", "instance"}
    (line,) = [each for each in caplog.messages if "request_failed" in each]
    assert answer.json()["instance"] in line
    assert "secret" not in caplog.text
    assert "v1/" not in line


async def test_nothing_is_logged_of_what_goes_well(platform, register, caplog):
    with caplog.at_level(logging.DEBUG, logger="underseal"):
        await register("comment", "c1")
        await platform.post("/v1/reporters/forget", json={"reporter": {"id": "anna"}})
        await platform.get("/v1/visibility?kind=comment&id=c1")
    assert [each for each in caplog.records if each.name.startswith("underseal")] == []


async def test_every_answer_says_what_browsers_may_not_do_with_it(platform):
    for path in ("/v1/queue", "/v1/webhooks", "/healthz", "/nothing", "/schema/openapi.json"):
        headers = (await platform.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


async def test_a_process_says_whether_it_reaches_its_database(
    anybody, system, server, clock, monkeypatch
):
    monkeypatch.setattr(reach_database, "SOON_S", 0.2)
    assert (await anybody.get("/healthz")).json() == {"status": "ok"}
    nowhere = Address(url="postgresql:///nowhere?host=/nowhere")
    away = await Database.open(nowhere, server.passwords, {Role.INTAKE: 1})
    cut_off = replace(system, db=away)
    app = make_api(cut_off, Callers(away, system.keys), clock)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://underseal"
    ) as client:
        answer = await client.get("/healthz")
    assert refusal(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "nowhere" not in answer.text
    await away.close()
