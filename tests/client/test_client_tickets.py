"""Tickets that the SDK signs: the server takes them, for what they say and nothing else."""

from datetime import timedelta

import httpx
import pytest

from underseal.client import sign_ticket
from underseal.core.caller import KeyId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.seal import ticket as seal_ticket

VIDEO = ("video", "v-1")


@pytest.fixture
def signed(api):
    """Signs a ticket of the platform's."""

    def sign(reporter="u-1", valid_for=timedelta(minutes=10), **said):
        return sign_ticket(
            api.platform.token,
            api.platform.ticket_secret,
            subject=VIDEO,
            reporter=reporter,
            expires_at=api.clock.now + valid_for,
            **said,
        )

    return sign


@pytest.fixture
async def browser(api):
    async with httpx.AsyncClient(base_url=api.url) as http:

        async def report(ticket, **body):
            return await http.post(
                "/v1/reports",
                json={"guideline": "spam", **body},
                headers={"authorization": f"Ticket {ticket}"},
            )

        yield report


async def test_a_browser_reports_with_a_ticket(browser, signed):
    answer = await browser(signed())
    assert answer.status_code == 201
    assert answer.json()["receipt"].startswith("rcpt_")
    assert (await browser(signed())).json() == answer.json()


async def test_a_ticket_of_somebody_without_an_account_is_taken(browser, signed):
    assert (await browser(signed(reporter=None))).status_code == 201


async def test_a_ticket_says_that_a_notice_is_a_trusted_flaggers(api, signed):
    text = signed(trusted_flagger=True)
    secret = seal_ticket.TicketSecret(api.platform.ticket_secret.encode())
    read = seal_ticket.verify_ticket(seal_ticket.parse_ticket(text), secret, api.clock.now)
    assert read.by_trusted_flagger


async def test_a_ticket_is_for_its_subject_and_person_alone(browser, signed):
    answer = await browser(signed(), reporter={"id": "u-2"})
    assert answer.status_code == 400


async def test_a_ticket_is_valid_for_an_hour_at_most_and_not_beyond_its_end(browser, signed):
    assert (await browser(signed(valid_for=timedelta(minutes=61)))).status_code == 401
    assert (await browser(signed(valid_for=timedelta(seconds=-1)))).status_code == 401


async def test_a_ticket_signed_with_something_else_is_refused(api, browser):
    ticket = sign_ticket(
        api.platform.token,
        "not the secret",
        subject=VIDEO,
        reporter="u-1",
        expires_at=api.clock.now + timedelta(minutes=5),
    )
    assert (await browser(ticket)).status_code == 401


def test_it_is_signed_as_the_server_would(api, signed):
    ticket = seal_ticket.Ticket(
        key_id=KeyId(api.platform.key_id),
        subject=SubjectRef(kind=SubjectKind.VIDEO, external_id="v-1"),
        reporter_id="u-1",
        expires_at=api.clock.now + timedelta(minutes=10),
    )
    secret = seal_ticket.TicketSecret(api.platform.ticket_secret.encode())
    assert signed() == seal_ticket.sign_ticket(secret, ticket)
