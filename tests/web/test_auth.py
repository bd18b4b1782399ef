from datetime import timedelta

import httpx
import pytest

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow import authenticate
from underseal.flow.authenticate import admit_moderator, admit_platform, retire_key
from underseal.seal.ticket import Ticket, TicketSecret, sign_ticket
from underseal.store.roles import Role

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


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic YTpi", "Bearer", "Bearer us_x_y", f"Bearer us_abcdefghijkl_{'A' * 43}", "Ticket x"],
)
async def test_a_request_without_a_key_in_use_is_refused(client, system, authorization):
    answer = await client.post("/v1/reports", json=REPORT, headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await stored(system) == 0


async def test_a_wrong_secret_is_refused_like_an_unknown_key(client, key):
    wrong = f"Bearer {key.token[:-1]}{'A' if key.token[-1] != 'A' else 'B'}"
    unknown = f"Bearer us_aaaaaaaaaaaa_{key.token[-43:]}"
    answers = [
        await client.post("/v1/reports", json=REPORT, headers={"authorization": authorization})
        for authorization in (wrong, unknown)
    ]
    assert answers[0].status_code == 401
    assert answers[0].content == answers[1].content


async def test_a_key_without_the_scope_is_refused(client, system, clock):
    other = await admit_platform(system, "Other", [Scope.VIEWS_WRITE], clock().date())
    moderator = await admit_moderator(system, "Mo", ModeratorRole.ADMIN, clock().date())
    for token in (other.token, moderator.token):
        headers = {"authorization": f"Bearer {token}"}
        for path, body in (
            ("/v1/reports", REPORT),
            ("/v1/reports/bulk", {"reports": [REPORT]}),
            ("/v1/receipts/lookup", {"receipt": "x"}),
        ):
            assert (await client.post(path, json=body, headers=headers)).status_code == 403
    assert await stored(system) == 0


async def test_a_retired_key_is_refused_as_soon_as_keys_are_read_again(
    client, system, clock, key, monkeypatch
):
    assert (await client.post("/v1/reports", json=REPORT)).status_code == 201
    await retire_key(system, key.key_id, clock().date())
    assert (await client.post("/v1/reports", json=REPORT)).status_code == 201
    monkeypatch.setattr(authenticate, "FRESH_S", 0)
    assert (await client.post("/v1/reports", json=REPORT)).status_code == 401


def ticket(key, clock, *, minutes: float = 10, reporter: str | None = "anna", **said) -> str:
    return sign_ticket(
        TicketSecret((key.ticket_secret or "").encode()),
        Ticket(
            key_id=key.key_id,
            subject=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"),
            reporter_id=reporter,
            expires_at=clock() + timedelta(minutes=minutes),
            **said,
        ),
    )


async def test_a_ticket_files_the_report_of_the_person_it_names(client, key, clock, system):
    by_server = await client.post("/v1/reports", json=REPORT)
    by_ticket = await client.post(
        "/v1/reports",
        json={"guideline": REPORT["guideline"]},
        headers={"authorization": f"Ticket {ticket(key, clock)}"},
    )
    assert by_ticket.content == by_server.content
    anonymous = await client.post(
        "/v1/reports",
        json={"guideline": REPORT["guideline"]},
        headers={"authorization": f"Ticket {ticket(key, clock, reporter=None)}"},
    )
    assert anonymous.status_code == 201
    assert await stored(system) == 2


NOTICE = {"law": "StGB 130", "good_faith": True}


async def flags(system) -> list[bool]:
    async with system.db.transaction(Role.CORE) as conn:
        rows = await conn.fetch("select by_trusted_flagger from reports order by 1")
    return [row["by_trusted_flagger"] for row in rows]


async def test_the_platform_says_who_is_a_trusted_flagger_in_a_report_or_its_ticket(
    client, key, clock, system
):
    plain = {"guideline": REPORT["guideline"], "notice": NOTICE}
    for by, is_flagger in (("anna", True), ("bert", False)):
        text = ticket(key, clock, reporter=by, by_trusted_flagger=is_flagger)
        headers = {"authorization": f"Ticket {text}"}
        assert (await client.post("/v1/reports", json=plain, headers=headers)).status_code == 201
    assert await flags(system) == [False, True]
    said = REPORT | {"reporter": {"id": "cleo"}, "notice": NOTICE | {"trusted_flagger": True}}
    assert (await client.post("/v1/reports", json=said)).status_code == 201
    assert await flags(system) == [False, True, True]


async def test_what_is_no_notice_is_no_trusted_flaggers(client, key, clock, system):
    text = ticket(key, clock, by_trusted_flagger=True)
    await client.post(
        "/v1/reports",
        json={"guideline": REPORT["guideline"]},
        headers={"authorization": f"Ticket {text}"},
    )
    assert await flags(system) == [False]


async def test_nobody_says_of_themselves_that_they_are_a_trusted_flagger(client, key, clock):
    answer = await client.post(
        "/v1/reports",
        json={
            "guideline": REPORT["guideline"],
            "notice": NOTICE | {"trusted_flagger": True},
        },
        headers={"authorization": f"Ticket {ticket(key, clock)}"},
    )
    assert (answer.status_code, pointers(answer)) == (400, ["/notice/trusted_flagger"])


@pytest.mark.parametrize("field", ["subject", "reporter"])
async def test_a_ticket_alone_says_who_reports_what(client, key, clock, field):
    answer = await client.post(
        "/v1/reports",
        json={"guideline": REPORT["guideline"], field: REPORT[field]},
        headers={"authorization": f"Ticket {ticket(key, clock)}"},
    )
    assert (answer.status_code, pointers(answer)) == (400, [f"/{field}"])


async def test_a_ticket_of_no_use_is_refused(client, key, clock, system):
    mute = await admit_platform(system, "Mute", [Scope.REPORTS_WRITE], clock().date())
    good = ticket(key, clock)
    for text in (
        ticket(key, clock, minutes=0),
        ticket(key, clock, minutes=61),
        f"{good[:-43]}{'A' * 43}",
        ticket(mute, clock),
    ):
        answer = await client.post(
            "/v1/reports", json={"guideline": "spam"}, headers={"authorization": f"Ticket {text}"}
        )
        assert answer.status_code == 401
    for path, body in (("/v1/reports/bulk", {"reports": [REPORT]}), ("/v1/receipts/lookup", {})):
        answer = await client.post(path, json=body, headers={"authorization": f"Ticket {good}"})
        assert answer.status_code == 403
    assert await stored(system) == 0
