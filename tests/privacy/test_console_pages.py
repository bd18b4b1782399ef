"""Every page there is, asked for by everybody: nothing on any of them leads to who reported."""

import random
from base64 import b64encode
from itertools import chain

import httpx
import pytest
from arrivals import ARRIVALS, RECORDS, arrive, moderate
from marks import traces, traces_of_bytes
from scenery import World, world
from showing import ASKED, routes, shown, written

from underseal.core.caller import ModeratorRole
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import session

EVERYBODY = (None, *ModeratorRole)
AGENT = "agent-5f1d0c9b7a"
ADDRESS = "2001:db8:5c1:77:abcd::9e"
TRACED = {
    "user-agent": AGENT,
    "x-forwarded-for": ADDRESS,
    "x-real-ip": ADDRESS,
    "forwarded": f'for="[{ADDRESS}]"',
}
NO_PAGE = {
    "/console/sign-in/provider",
    "/console/sign-in/provider/return",
    "/console/cases/{case_id:uuid}/strip.jpg",
    "/console/sign-in/code",
    "/console/invitation/{token:str}",
    "/console/people/{who:uuid}/invite-anew",
    "/console/people/{who:uuid}/dismiss",
    "/console/people/invite",
    "/console/me/password",
    "/console/me/recovery-codes",
    "/statement/appeal",
    "/receipt/answer",
    "/receipt/complaint",
    "/receipt/supplement",
    "/console/cases/{case_id:uuid}/inquire",
    "/console/known/add",
    "/console/sign-in",
    "/console/drafts/{draft_id:uuid}/return",
}
"""What refuses what is asked here: the other tests of pages ask it for what it grants."""


def test_every_page_is_looked_at():
    assert set(ASKED) == set(routes())


async def test_a_page_that_is_not_in_the_list_fails(monkeypatch):
    monkeypatch.delitem(ASKED, ("GET", "/console/holds"))
    with pytest.raises(AssertionError):
        test_every_page_is_looked_at()


async def report_over_http(world: World) -> None:
    """People report from devices that could be known again."""
    transport = httpx.ASGITransport(world.site.app, client=(ADDRESS, 4711))
    async with httpx.AsyncClient(
        transport=transport, base_url="https://underseal", headers=TRACED
    ) as client:
        for reporter in (*world.scenery.reporters[:3], None):
            answer = await client.post(
                "/v1/reports",
                json={
                    "subject": {"kind": "video", "id": "v1"},
                    "reporter": reporter and {"id": reporter},
                    "guideline": "bullying",
                    "note": "somebody is laughed at",
                },
                headers={"authorization": f"Bearer {world.scenery.platform.token}"},
            )
            assert answer.status_code == 201, answer.text
        form = {"kind": "video", "subject": "v1", "topic": "scam", "guideline": "phishing"}
        answer = await client.post("/report", data={**form, "step": "file"})
        assert "rcpt_" in answer.text


async def secrets_of(world: World) -> set[bytes]:
    """All bytes that are kept of who reported, and the pseudonyms of those who did."""
    server = world.scenery.server
    async with session(world.address, server.embedded.superuser()) as superuser:
        rows = await superuser.fetch(
            "select tag, pseudonym, receipt, content, sealed, note from underseal.reports"
        )
        kept = await superuser.fetch("select pseudonym, sealed from vault.sealed_identities")
    found = {bytes(each) for row in (*rows, *kept) for each in row.values() if each is not None}
    today = world.stage.now.date()
    for reporter in world.scenery.reporters:
        of_person = pseudonyms(world.system.keys, today, reporter)
        found |= {each for each in (of_person.current, of_person.previous) if each is not None}
    return found


async def leaks(world: World, answers) -> set[str]:
    """What leads to a reporter in some answers; each line of them is searched once."""
    lines = b"\n".join(set(chain.from_iterable(written(each).split(b"\n") for each in answers)))
    people = (*world.scenery.reporters, AGENT, ADDRESS)
    found = {f"{mark} {form}" for mark in people for form in traces(mark, lines)}
    secrets = await secrets_of(world)
    assert len(secrets) > 100
    return found | {each.hex() for each in secrets if traces_of_bytes(each, lines)}


@pytest.mark.slow
async def test_nothing_on_any_page_leads_to_a_reporter(scenery):
    async with world(scenery) as here:
        await live(here)
        answers = {
            key: answer
            for method in ("GET", "POST")
            for role in EVERYBODY
            for key, answer in (await asked(here, role, method)).items()
        }
        assert all(
            each.status_code < httpx.codes.INTERNAL_SERVER_ERROR for each in answers.values()
        )
        granted = {
            (method, path)
            for (_, method, path, _), answer in answers.items()
            if answer.status_code < httpx.codes.BAD_REQUEST
        }
        assert {path for _, path in set(ASKED) - granted} <= NO_PAGE
        assert await leaks(here, answers.values()) == set()


@pytest.mark.slow
async def test_the_search_finds_what_a_page_should_not_say(scenery):
    """What colleagues say to each other is shown: so it is here that a mark is left."""
    async with world(scenery) as here:
        await live(here)
        mona = await here.site.signed_in()
        (kept, *_) = await here.stage.rows(
            "select tag, pseudonym from reports where note is not null"
        )
        tag, pseudonym = bytes(kept["tag"]), bytes(kept["pseudonym"])
        marks = (here.scenery.reporters[2], AGENT, tag.hex(), b64encode(b"x" + pseudonym).decode())
        (case,) = await here.stage.rows(
            "select case_id from cases join subjects using (subject_id) where external_id = 'v1'"
        )
        for said in marks:
            form = {"to": "lead", "body": f"it is {said}!"}
            await mona.post(f"/console/cases/{case['case_id']}/ask", data=form)
        answers = (await asked(here, ModeratorRole.LEAD, "GET")).values()
        found = {each.split()[0] for each in await leaks(here, answers)}
        assert found == {here.scenery.reporters[2], AGENT, tag.hex(), pseudonym.hex()}


async def live(here: World) -> None:
    await here.prove(dict(zip(here.scenery.reporters, RECORDS, strict=False)))
    await report_over_http(here)
    await arrive(here, ARRIVALS, random.Random(1))
    await moderate(here.site)


async def asked(here: World, role: ModeratorRole | None, method: str):
    """Ask all routes; but what changes something only as somebody who may, or as nobody."""
    everywhere = method == "GET" or role is None
    found = await shown(here, role, method, everywhere=everywhere)
    return {(role, *key): answer for key, answer in found.items()}
