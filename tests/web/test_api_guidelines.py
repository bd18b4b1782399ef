from datetime import timedelta

import pytest

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.seal.ticket import Ticket, TicketSecret, sign_ticket

TAXONOMY = "/v1/taxonomy?subject_kind=video"


@pytest.fixture
def ticket(platform_key, clock):
    return sign_ticket(
        TicketSecret(platform_key.ticket_secret.encode()),
        Ticket(
            key_id=platform_key.key_id,
            subject=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"),
            reporter_id="anna",
            expires_at=clock() + timedelta(minutes=10),
        ),
    )


async def test_the_taxonomy_holds_what_a_subject_can_be_reported_for(platform, guidelines):
    answer = (await platform.get(f"{TAXONOMY}&language=de")).json()
    offered = [each for topic in answer["topics"] for each in topic["guidelines"]]
    assert {each["id"] for each in offered} == {
        each.id for each in guidelines.by_id.values() if SubjectKind.VIDEO in each.subjects
    }
    assert {each["label_language"] for each in offered} == {"de"}
    assert "Meldung" in " ".join(answer["before"]["always"])
    assert answer["before"]["notice"]
    assert answer["before"]["affected_person_only"]


async def test_the_guidelines_tell_no_number_and_no_term(platform):
    answer = (await platform.get("/v1/guidelines")).json()
    (first, *_) = answer["topics"][0]["guidelines"]
    assert first.keys() == {
        "id",
        "label",
        "label_language",
        "text",
        "text_language",
        "examples",
        "examples_language",
        "affected_person_only",
        "illegal_notice",
    }


async def test_a_page_with_a_ticket_may_read_the_taxonomy(client_of, ticket):
    page = await client_of(f"Ticket {ticket}")
    answer = await page.get(TAXONOMY)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_can_read_why_its_ticket_was_refused(client_of):
    page = await client_of("Ticket x")
    answer = await page.get(TAXONOMY)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_no_page_can_read_an_answer_to_a_key(platform):
    answer = await platform.get(TAXONOMY, headers={"origin": "https://loop.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_ticket_is_good_for_nothing_else(client_of, ticket):
    page = await client_of(f"Ticket {ticket}")
    for path in ("/v1/guidelines", "/v1/visibility?kind=video&id=v1", "/v1/queue"):
        answer = await page.get(path)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


async def test_a_page_may_ask_before_it_asks(anybody):
    answer = await anybody.options("/v1/taxonomy")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "authorization"
    assert answer.headers["allow"] == "GET, OPTIONS"
    other = await anybody.options("/v1/guidelines")
    assert "access-control-allow-origin" not in other.headers
