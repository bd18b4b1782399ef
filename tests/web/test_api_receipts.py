"""Questions and answers over the API: what a platform shows its reporters, and sends for them."""

from uuid import uuid4

import pytest

from underseal.core.caller import ModeratorRole, PrincipalId, Scope
from underseal.core.person import Person
from underseal.flow.authenticate import admit_platform
from underseal.flow.inquire import inquire
from underseal.flow.read_case import read_case
from underseal.store.cases import CaseId

QUESTION = "Which of the two people do you mean?"
ANSWER = "I mean the tall one with the red umbrella."
REPORT = {
    "subject": {"kind": "comment", "id": "c1"},
    "reporter": {"id": "anna"},
    "guideline": "phishing",
    "note": "look there",
}


@pytest.fixture
async def receipt(platform, register, moderator, backstage, system, clock):
    """A receipt with which a question stands."""
    await register("comment", "c1")
    receipt = (await platform.post("/v1/reports", json=REPORT)).json()["receipt"]
    case_id = CaseId(await backstage.enqueue("comment", "c1"))
    await moderator.post("/v1/cases/take")
    async with system.db.transaction("underseal_core") as conn:
        by = await conn.fetchval("select leased_by from cases where case_id = $1", case_id)
    mona = Person(principal_id=PrincipalId(by), name="mona", role=ModeratorRole.MODERATOR)
    (report,) = (await read_case(system, case_id, mona, clock.now)).reports
    await inquire(system, case_id, mona, report.handle, QUESTION, now=clock.now)
    await backstage.tick()
    return receipt


async def look_up(platform, receipt: str) -> list[dict]:
    answer = await platform.post("/v1/receipts/lookup", json={"receipt": receipt})
    assert answer.status_code == 200
    return answer.json()["inquiries"]


async def send(platform, receipt: str, inquiry_id: str | None = None, answer: str = ANSWER):
    if inquiry_id is None:
        ((inquiry_id),) = [each["inquiry_id"] for each in await look_up(platform, receipt)]
    body = {"receipt": receipt, "inquiry_id": inquiry_id, "answer": answer}
    return await platform.post("/v1/receipts/answer", json=body)


async def test_a_question_is_looked_up_and_answered_and_moderators_programs_read_it(
    platform, moderator, lead, backstage, receipt, system
):
    ((question),) = await look_up(platform, receipt)
    assert (question["question"], question["is_answered"]) == (QUESTION, False)
    for _ in range(2):
        answer = await send(platform, receipt)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await look_up(platform, receipt) == [{**question, "is_answered": True}]
    async with system.db.transaction("underseal_core") as conn:
        case_id = await conn.fetchval("select case_id from cases")

    async def read() -> list[dict]:
        case = (await lead.get(f"/v1/cases/{case_id}")).json()
        return case["reports"][0]["inquiries"]

    assert await read() == [{"question": QUESTION, "unverified_answer": None}]
    await backstage.tick()
    assert await read() == [{"question": QUESTION, "unverified_answer": ANSWER}]


async def test_a_receipt_of_nobody_who_was_asked_has_no_question(platform, receipt):
    other = {**REPORT, "reporter": {"id": "bert"}}
    filed = (await platform.post("/v1/reports", json=other)).json()
    assert await look_up(platform, filed["receipt"]) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"answer": ""}, "/answer"),
        ({"answer": " \n"}, "/answer"),
        ({"answer": "x" * 2_001}, "/answer"),
        ({"answer": "a\0b"}, "/answer"),
        ({"answer": None}, "/answer"),
        ({"inquiry_id": "x"}, "/inquiry_id"),
        ({"receipt": 1}, "/receipt"),
        ({"more": 1}, "/more"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_pointed_to(platform, receipt, change, pointer):
    body = {"receipt": receipt, "inquiry_id": str(uuid4()), "answer": ANSWER, **change}
    answer = await platform.post("/v1/receipts/answer", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_an_answer_needs_a_receipt_a_question_and_that_there_is_no_other(platform, receipt):
    async def kind(*given, **named) -> tuple[int, str]:
        answer = await send(platform, *given, **named)
        return answer.status_code, answer.json()["type"].removeprefix("/problems/")

    assert await kind("rcpt_" + "a" * 58, str(uuid4())) == (404, "unknown-receipt")
    assert await kind(receipt, str(uuid4())) == (404, "unknown-inquiry")
    ((question),) = await look_up(platform, receipt)
    await send(platform, receipt)
    other = {"inquiry_id": question["inquiry_id"], "answer": "no, the other one"}
    assert await kind(receipt, **other) == (409, "already-answered")


async def test_an_answer_is_too_late_once_the_outcome_is_told(
    platform, moderator, backstage, receipt
):
    ((question),) = await look_up(platform, receipt)
    case = (await moderator.post("/v1/cases/take")).json()
    verdict = {"outcome": "no_violation", "finding": "no_violation"}
    await moderator.post(f"/v1/cases/{case['case_id']}/decision", json=verdict)
    assert await look_up(platform, receipt) == [question]
    for _ in range(8 * 24 + 1):
        await backstage.tick()
    assert await look_up(platform, receipt) == []
    answer = await send(platform, receipt, question["inquiry_id"])
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-late")


async def test_an_answer_takes_a_key_that_may_report(system, clock, client_of, callers, receipt):
    key = await admit_platform(system, "Reader", [Scope.RECEIPTS_READ], clock().date())
    callers._read_at_s = float("-inf")
    reader = await client_of(f"Bearer {key.token}")
    assert (await send(reader, receipt)).status_code == 403
