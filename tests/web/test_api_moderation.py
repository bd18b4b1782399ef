import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from underseal.core.caller import ModeratorRole
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.open_appeal import open_appeals
from underseal.seal.media import CHUNK_BYTES
from underseal.store.incidents import raise_incidents
from underseal.store.known import known_revision
from underseal.store.roles import Role

REMOVE = {"outcome": "remove", "guideline": "phishing", "finding": "actioned"}
CLEAR = {"outcome": "no_violation", "finding": "no_violation"}


@pytest.fixture
async def case_id(register, backstage, platform):
    """The case of a comment that Anna and Berta have reported."""
    await register("comment", "c1")
    for reporter, note in (("anna", "he wants my password"), ("berta", "")):
        report = {
            "subject": {"kind": "comment", "id": "c1"},
            "reporter": {"id": reporter},
            "guideline": "phishing",
            "note": note,
        }
        assert (await platform.post("/v1/reports", json=report)).status_code == 201
    return await backstage.enqueue("comment", "c1")


async def test_a_moderator_takes_a_case_and_sees_what_is_known(moderator, case_id, clock):
    assert (await moderator.get("/v1/queue")).json()["lanes"] == [
        {"kind": "review", "lane": "ordinary", "waiting": 1}
    ]
    case = (await moderator.post("/v1/cases/take", json={})).json()
    assert case["case_id"] == case_id
    assert case["subject"] == {"kind": "comment", "id": "c1"}
    assert case["caption"] == "look at this"
    assert case["because"] == "somebody must look"
    assert case["lease_until"] == (clock() + timedelta(minutes=10)).isoformat().replace(
        "+00:00", "Z"
    )
    notes = [each["unverified_notes"] for each in case["reports"]]
    assert sorted(notes) == [[], ["he wants my password"]]
    assert [each["alias"] for each in case["reports"]] == sorted(
        each["alias"] for each in case["reports"]
    )
    assert (await moderator.get("/v1/queue")).json()["lanes"] == []
    again = (await moderator.get(f"/v1/cases/{case_id}?language=de")).json()
    assert again["reports"] == case["reports"]


async def test_a_case_names_no_reporter_and_no_time_of_a_report(moderator, case_id):
    answer = await moderator.post("/v1/cases/take")
    assert b"anna" not in answer.content
    assert b"berta" not in answer.content
    assert answer.json()["reports"][0].keys() == {
        "alias",
        "guideline",
        "is_notice",
        "by_trusted_flagger",
        "unverified_notes",
        "moments",
        "inquiries",
    }


async def test_nothing_to_do_has_no_body(moderator):
    answer = await moderator.post("/v1/cases/take")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_case_is_for_who_has_it_and_for_those_who_oversee(moderator, admit, case_id):
    refused = await moderator.get(f"/v1/cases/{case_id}")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-leased")
    for role in (ModeratorRole.LEAD, ModeratorRole.AUDITOR):
        overseer = await admit(role, role)
        assert (await overseer.get(f"/v1/cases/{case_id}")).status_code == 200
    assert (await moderator.get(f"/v1/cases/{uuid4()}")).status_code == 404


async def test_a_decision_shows_at_the_tick(moderator, platform, backstage, case_id):
    await moderator.post("/v1/cases/take")
    answer = await moderator.post(f"/v1/cases/{case_id}/decision", json=REMOVE)
    assert answer.status_code == 200
    assert answer.json().keys() == {"decision_id"}
    path = "/v1/visibility?kind=comment&id=c1"
    assert (await platform.get(path)).json()["level"] == "public"
    await backstage.tick()
    assert (await platform.get(path)).json()["level"] == "removed"


async def test_that_reports_were_made_up_waits_for_a_second_person(
    moderator, backstage, case_id, system
):
    await moderator.post("/v1/cases/take")
    made_up = {"outcome": "no_violation", "finding": "manifestly_unfounded"}
    answer = await moderator.post(f"/v1/cases/{case_id}/decision", json=made_up)
    assert answer.status_code == 200
    async with system.db.transaction(Role.CORE) as conn:
        findings = await conn.fetch("select finding from decisions")
        charged = await conn.fetch("select decision_id, state from charges")
        wrong = await conn.fetch("select wrong_weight from track_records")
    assert [row["finding"] for row in findings] == ["no_violation"]
    assert [(str(row["decision_id"]), row["state"]) for row in charged] == [
        (answer.json()["decision_id"], "waiting")
    ]
    assert {row["wrong_weight"] for row in wrong} == {0.25}


async def test_a_decision_is_taken_once_and_by_who_has_the_case(moderator, lead, case_id):
    early = await moderator.post(f"/v1/cases/{case_id}/decision", json=CLEAR)
    assert early.status_code == 409
    await moderator.post("/v1/cases/take")
    for decider, status in ((lead, 409), (moderator, 200), (moderator, 409)):
        answer = await decider.post(f"/v1/cases/{case_id}/decision", json=CLEAR)
        assert answer.status_code == status


SENSELESS = [
    ({"guideline": None}, 400, ""),
    ({"finding": "no_violation"}, 400, ""),
    ({"outcome": "forgive"}, 400, "/outcome"),
    ({"moments": [{"start_ms": 5, "end_ms": 5}]}, 400, ""),
    ({"moments": [{"start_ms": 0, "end_ms": 5}]}, 400, "/moments"),
    ({"moments": [{"start_ms": 0, "end_ms": 2**31}]}, 400, "/moments/0/end_ms"),
    ({"guideline": "nothing"}, 400, "/guideline"),
    ({"observed": [99]}, 409, "/observed"),
    ({"observed": [-1]}, 400, "/observed/0"),
    ({"reasons": "x\0"}, 400, "/reasons"),
]


async def test_a_decision_that_makes_no_sense_is_refused(moderator, case_id, subtests):
    await moderator.post("/v1/cases/take")
    for changes, status, pointer in SENSELESS:
        with subtests.test(str(changes)):
            answer = await moderator.post(f"/v1/cases/{case_id}/decision", json=REMOVE | changes)
            assert answer.status_code == status
            assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert (await moderator.get(f"/v1/cases/{case_id}")).json()["state"] == "leased"


async def test_a_case_that_was_given_back_is_not_offered_again(moderator, lead, case_id):
    await moderator.post("/v1/cases/take")
    answer = await moderator.post(f"/v1/cases/{case_id}/release", json={"not_me": True})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await moderator.post("/v1/cases/take")).status_code == 204
    assert (await lead.post("/v1/cases/take")).json()["case_id"] == case_id
    assert (await moderator.post(f"/v1/cases/{case_id}/release")).status_code == 409


async def test_an_appeal_is_decided_by_somebody_else(
    platform, removed, moderator, lead, system, clock, backstage
):
    body = {
        "statement_id": removed["statement_id"],
        "creator": {"id": "carl"},
        "grounds": "it is satire",
    }
    await platform.post("/v1/appeals", json=body)
    await open_appeals(system, clock())
    assert (await moderator.post("/v1/cases/take", json={"kind": "appeal"})).status_code == 204
    case = (await lead.post("/v1/cases/take", json={"kind": "appeal"})).json()
    assert case["appeal"]["grounds"] == "it is satire"
    assert case["appeal"]["first"]["outcome"] == "remove"
    path = f"/v1/cases/{case['case_id']}/decision"
    silent = await lead.post(path, json=CLEAR)
    assert silent.json()["errors"][0]["pointer"] == "/reasons"
    reasons = "It makes fun of people who do such things."
    assert (await lead.post(path, json=CLEAR | {"reasons": reasons})).status_code == 200
    await backstage.tick()
    (granted,) = (await platform.get("/v1/creators/appeals?creator=carl")).json()["appeals"]
    assert (granted["state"], granted["reasons"]) == ("granted", reasons)
    assert (await platform.get("/v1/creators/standing?creator=carl")).json()["points"] == 0


async def test_overseers_see_every_term(lead, moderator, case_id):
    answer = await lead.get(f"/v1/cases/{case_id}/explanation")
    assert answer.json() == {"assessments": []}
    assert (await moderator.get(f"/v1/cases/{case_id}/explanation")).status_code == 403
    assert (await lead.get(f"/v1/cases/{uuid4()}/explanation")).status_code == 404


async def test_known_content_comes_from_a_decision(lead, moderator, case_id, register):
    body = {"subject": {"kind": "comment", "id": "c1"}, "guideline": "phishing", "verified": True}
    undecided = await lead.post("/v1/known-content", json=body)
    assert undecided.json()["type"] == "/problems/not-decided"
    await moderator.post("/v1/cases/take")
    await moderator.post(f"/v1/cases/{case_id}/decision", json=REMOVE)
    no_frames = await lead.post("/v1/known-content", json=body)
    assert no_frames.json()["type"] == "/problems/nothing-to-match"
    unknown = body | {"subject": {"kind": "comment", "id": "c2"}}
    assert (await lead.post("/v1/known-content", json=unknown)).status_code == 409


async def test_a_lead_verifies_known_content_and_scanners_learn_of_it(
    film, lead, moderator, system
):
    case_id = film.split("/")[3]
    async with system.db.transaction(Role.CORE) as conn:
        await conn.execute(
            "insert into frame_hashes select subject_id, version, at_ms, sha256(at_ms::text::bytea), "
            "quality from versions, (values (0, 80), (500, 20), (1000, 90)) as f (at_ms, quality)"
        )
    label = {"outcome": "label", "guideline": "spam", "finding": "actioned"}
    await moderator.post(f"/v1/cases/{case_id}/decision", json=label)
    body = {"subject": {"kind": "video", "id": "v1"}, "guideline": "spam", "verified": False}
    items, revisions = [], []
    for is_verified in (False, True):
        answer = await lead.post("/v1/known-content", json=body | {"verified": is_verified})
        assert answer.status_code == 201
        items.append(answer.json())
        async with system.db.transaction(Role.CORE) as conn:
            revisions.append(await known_revision(conn))
    assert [each["frames"] for each in items] == [2, 2]
    assert [each["verified"] for each in items] == [False, True]
    assert items[0]["item_id"] == items[1]["item_id"]
    assert revisions[0] != revisions[1]
    other = await lead.post("/v1/known-content", json=body | {"guideline": "phishing"})
    assert other.json()["type"] == "/problems/not-decided"


async def test_overseers_see_what_went_wrong(lead, case_id, system, clock):
    subject = SubjectRef(kind=SubjectKind.COMMENT, external_id="c1")
    incident_id = uuid4()
    async with system.db.transaction(Role.CORE) as conn:
        about = [(incident_id, subject.subject_id)]
        await raise_incidents(conn, IncidentKind.REVIEW_OVERDUE, about, "late", clock())
    assert (await lead.get("/v1/incidents")).json()["incidents"] == [
        {
            "incident_id": str(incident_id),
            "kind": "review_overdue",
            "subject": {"kind": "comment", "id": "c1"},
            "detail": "late",
            "raised_at": "2026-11-22T12:30:00Z",
        }
    ]


@pytest.fixture
def content() -> bytes:
    """More than two chunks of a frozen copy."""
    return bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"the end"


@pytest.fixture
async def film(register, platform, backstage, moderator, content):
    """The media of a case that the moderator has taken."""
    await register("video", "v1")
    await platform.put("/v1/media?kind=video&id=v1&version=1", content=content)
    case_id = await backstage.enqueue("video", "v1")
    await moderator.post("/v1/cases/take")
    return f"/v1/cases/{case_id}/media"


async def test_a_moderator_watches_the_frozen_copy(moderator, film, content):
    answer = await moderator.get(film)
    assert answer.status_code == 200
    assert answer.content == content
    headers = answer.headers
    assert headers["content-length"] == str(len(content))
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-disposition"].startswith("attachment")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "application/octet-stream"


STRETCHES = [
    ("bytes=0-0", 0, 0),
    ("bytes=5-", 5, None),
    ("bytes=-7", -7, None),
    ("bytes=0-9999999999", 0, None),
    (f"bytes={CHUNK_BYTES - 1}-{CHUNK_BYTES}", CHUNK_BYTES - 1, CHUNK_BYTES),
    (f"bytes={CHUNK_BYTES}-{CHUNK_BYTES}", CHUNK_BYTES, CHUNK_BYTES),
    ("bytes=-9999999999", 0, None),
]

NO_STRETCHES = [
    {"range": "bytes=5-2"},
    {"range": "bytes=0-1,4-5"},
    {"range": "bytes=-"},
    {"range": "lines=1-2"},
    {"range": "bytes=" + "9" * 400 + "-"},
    {"range": "bytes=0-1", "if-range": '"another"'},
]


async def test_a_player_gets_the_stretch_it_asks_for(moderator, film, content, subtests):
    for asked, first, last in STRETCHES:
        with subtests.test(asked):
            answer = await moderator.get(film, headers={"range": asked})
            wanted = content[first:] if last is None else content[first : last + 1]
            assert answer.status_code == 206
            assert answer.content == wanted
            start = first % len(content)
            end = start + len(wanted) - 1
            assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(content)}"
            assert answer.headers["content-length"] == str(len(wanted))


async def test_a_stretch_that_is_not_there_is_refused(moderator, film, content):
    for asked in ("bytes=9999999999-", "bytes=-0"):
        answer = await moderator.get(film, headers={"range": asked})
        assert answer.status_code == 416
        assert answer.json()["type"] == "/problems/range-not-satisfiable"
        assert answer.headers["content-range"] == f"bytes */{len(content)}"


async def test_a_range_that_says_nothing_is_passed_over(moderator, film, content, subtests):
    for headers in NO_STRETCHES:
        with subtests.test(str(headers)[:50]):
            answer = await moderator.get(film, headers=headers)
            assert (answer.status_code, len(answer.content)) == (200, len(content))


async def test_a_range_of_this_copy_is_answered(moderator, film):
    tag = (await moderator.head(film)).headers["etag"]
    answer = await moderator.get(film, headers={"range": "bytes=0-1", "if-range": tag})
    assert answer.status_code == 206


async def test_the_head_tells_the_length(moderator, film, content):
    answer = await moderator.head(film)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["accept-ranges"] == "bytes"


async def test_media_is_for_who_has_the_case(moderator, lead, admit, film, clock):
    other = await admit(ModeratorRole.MODERATOR, "nora")
    assert (await other.get(film)).status_code == 409
    assert (await lead.get(film, headers={"range": "bytes=0-1"})).status_code == 206
    clock.now += timedelta(minutes=10)
    assert (await moderator.get(film)).status_code == 409
    assert (await moderator.head(film)).status_code == 409


async def test_a_case_without_media_says_so(lead, case_id):
    answer = await lead.get(f"/v1/cases/{case_id}/media")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-media")


async def test_two_moderators_never_get_the_same_case(admit, register, backstage):
    for number in range(4):
        await register("comment", f"c{number}")
        await backstage.enqueue("comment", f"c{number}")
    moderators = [await admit(ModeratorRole.MODERATOR, f"m{number}") for number in range(4)]
    taken = await asyncio.gather(*(each.post("/v1/cases/take") for each in moderators))
    assert len({each.json()["case_id"] for each in taken}) == 4
