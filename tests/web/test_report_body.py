import json
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underseal.store.roles import Role
from underseal.web.problems import InvalidRequestError
from underseal.web.report_body import read_report

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


NOTICE = {"law": "StGB 130", "good_faith": True}
LONG_ID = "ü" * 257


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"subject": {"kind": "video"}}, "/subject/id"),
        ({"subject": {"kind": "channel", "id": "v1"}}, "/subject/kind"),
        ({"subject": {"kind": "video", "id": ""}}, "/subject/id"),
        ({"subject": {"kind": "video", "id": "a\0b"}}, "/subject/id"),
        ({"subject": {"kind": "video", "id": LONG_ID}}, "/subject/id"),
        ({"subject": {"kind": "video", "id": 7}}, "/subject/id"),
        ({"reporter": {"id": ""}}, "/reporter/id"),
        ({"reporter": {"id": LONG_ID}}, "/reporter/id"),
        ({"reporter": {"id": "anna", "name": "Anna"}}, "/reporter/name"),
        ({"reporter": "anna"}, "/reporter"),
        ({"guideline": "no_such"}, "/guideline"),
        ({"guideline": None}, "/guideline"),
        ({"guideline": "underage_account"}, "/guideline"),
        ({"note": "n" * 8001}, "/note"),
        ({"note": "a\0b"}, "/note"),
        ({"note": ["n"]}, "/note"),
        ({"moments": [{"start_ms": 5, "end_ms": 5}]}, "/moments/0"),
        ({"moments": [{"start_ms": 0, "end_ms": 1}, {"start_ms": -1, "end_ms": 5}]}, "/moments/1"),
        ({"moments": [{"start_ms": 0, "end_ms": 1.5}]}, "/moments/0/end_ms"),
        ({"moments": [{"start_ms": 0, "end_ms": 10**9}]}, "/moments/0"),
        ({"moments": [{"start_ms": i, "end_ms": i + 1} for i in range(21)]}, "/moments"),
        (
            {"subject": {"kind": "account", "id": "a"}, "moments": [{"start_ms": 0, "end_ms": 1}]},
            "/moments",
        ),
        ({"guideline": "spam", "notice": NOTICE}, "/notice"),
        ({"notice": NOTICE | {"good_faith": False}}, "/notice/good_faith"),
        ({"notice": NOTICE | {"law": " "}}, "/notice/law"),
        ({"notice": NOTICE | {"law": "§" * 501}}, "/notice/law"),
        ({"notice": NOTICE | {"trusted_flagger": "yes"}}, "/notice/trusted_flagger"),
        ({"trusted_flagger": True}, "/trusted_flagger"),
        ({"act_even_if_guessed": "yes"}, "/act_even_if_guessed"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
async def test_what_is_wrong_is_pointed_at(client, system, changes, pointer):
    answer = await client.post("/v1/reports", json=REPORT | changes)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert answer.json()["type"] == "/problems/invalid-request"
    assert await stored(system) == 0


@pytest.mark.parametrize("field", ["subject", "reporter", "guideline"])
async def test_a_missing_field_is_pointed_at(client, field):
    body = {name: value for name, value in REPORT.items() if name != field}
    answer = await client.post("/v1/reports", json=body)
    assert (answer.status_code, pointers(answer)) == (400, [f"/{field}"])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"{",
        b'{"subject":"\xff"}',
        b'{"guideline":"\\ud800"}',
        b'{"guideline":"\\udc00"}',
        b"[" * 60_000,
        json.dumps(REPORT).encode() + b"x",
    ],
)
async def test_what_is_not_json_is_refused(client, raw):
    headers = {"content-type": "application/json"}
    answer = await client.post("/v1/reports", content=raw, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("person", ["x", "a b/c?d", "日本語", "a" * 512, "\u202eevil", "\uff41nna"])
async def test_ids_of_any_script_and_length_are_taken_as_they_are(client, person):
    body = REPORT | {"reporter": {"id": person}, "subject": {"kind": "video", "id": person}}
    answer = await client.post("/v1/reports", json=body)
    assert answer.status_code == 201
    found = await client.post("/v1/receipts/lookup", json={"receipt": answer.json()["receipt"]})
    assert found.json()["subject"]["id"] == person


@given(st.binary())
def test_any_bytes_are_a_report_or_refused(raw):
    with suppress(InvalidRequestError):
        filing, _ = read_report(raw)
        assert filing.subject.external_id


TEXTS = st.text(st.characters(codec=None, categories=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.lists(
    st.fixed_dictionaries({"start_ms": st.integers() | VALUES, "end_ms": st.integers()}), max_size=3
)


@given(
    st.fixed_dictionaries(
        {
            "subject": st.fixed_dictionaries(
                {"kind": st.sampled_from(["video", "account", "sound", "x"]), "id": TEXTS}
            ),
            "reporter": st.none() | st.fixed_dictionaries({"id": TEXTS}) | VALUES,
            "guideline": st.sampled_from(["hate_incitement", "spam", "underage_account"]) | TEXTS,
        },
        optional={
            "note": TEXTS | VALUES,
            "moments": MOMENTS | VALUES,
            "notice": st.fixed_dictionaries({"law": TEXTS, "good_faith": st.booleans()}) | VALUES,
            "act_even_if_guessed": st.booleans() | VALUES,
        },
    )
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_sent_is_taken_or_refused_and_never_fails(client, body):
    raw = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    answer = await client.post("/v1/reports", content=raw, headers=headers)
    assert answer.status_code in {201, 400}
    in_bulk = await client.post(
        "/v1/reports/bulk", content=b'{"reports":[' + raw + b"]}", headers=headers
    )
    assert in_bulk.status_code in {200, 400}
    if in_bulk.status_code == 200 and body["reporter"] is not None:
        (result,) = in_bulk.json()["results"]
        assert result == (
            answer.json() if answer.status_code == 201 else {"problem": answer.json()}
        )
