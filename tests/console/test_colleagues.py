"""Two people, questions, escalation and skipping in the console."""

import re

import pytest
from deciding import HX, REMOVE, look, settle, take
from staging import account

from underseal.core.caller import ModeratorRole

NEXT = re.compile(r"/console/cases/([0-9a-f-]{36})")


@pytest.fixture
async def mona(site):
    return await site.signed_in()


@pytest.fixture
async def nils(site):
    return await site.signed_in(name="nils")


@pytest.fixture
async def lea(site):
    return await site.signed_in(ModeratorRole.LEAD)


async def test_a_ban_waits_for_another_person_who_reads_the_case_and_confirms(site, mona, nils):
    await site.stage.comment()
    case = await take(site, mona, account("carl"))
    assert "Somebody else has to confirm" in await look(mona, case, ground="phishing")
    await mona.post(f"{case}/decide", data=REMOVE)
    assert await settle(site) == []
    own = (await mona.get("/console/confirmations")).text
    assert "Nothing waits for you" in own
    theirs = (await nils.get("/console/confirmations")).text
    assert "mona has decided this" in theirs
    confirm = re.search(r'action="(/console/drafts/[^"]+)/confirm"', theirs)[1]
    assert (await mona.post(f"{confirm}/confirm")).status_code == 403
    assert (await nils.get(case)).status_code == 200
    assert (await nils.post(f"{confirm}/confirm")).status_code == 303
    assert len(await settle(site)) == 1
    again = await nils.post(f"{confirm}/confirm")
    assert again.status_code == 409
    assert (await nils.get(case)).status_code == 409


async def test_what_is_returned_comes_back_with_a_word_and_no_word_is_not_enough(site, mona, nils):
    await site.stage.comment()
    case = await take(site, mona, account("carl"))
    await mona.post(f"{case}/decide", data=REMOVE)
    page = (await nils.get("/console/confirmations")).text
    place = re.search(r'action="(/console/drafts/[^"]+/return)"', page)[1]
    empty = await nils.post(place, data={"body": "  "})
    assert (empty.status_code, "1 to 2000 characters" in empty.text) == (422, True)
    assert (await nils.post(place, data={"body": "a warning will do"})).status_code == 303
    mine = (await mona.get(case)).text
    assert "nils: a warning will do" in mine.replace("Nils", "nils")
    assert 'id="decide-form"' in mine
    understood = re.search(r'action="(/console/drafts/[^"]+/read)"', mine)[1]
    await mona.post(understood, headers=HX)
    assert "a warning will do" not in (await mona.get(case)).text


@pytest.mark.parametrize(("end", "state"), [("confirm", "confirmed"), ("refuse", "refused")])
async def test_that_reports_were_made_up_is_for_somebody_else_to_say_too(
    site, mona, nils, end, state
):
    case = await take(site, mona)
    form = {"ground": "none", "finding": "manifestly_unfounded", "go": "1"}
    await mona.post(f"{case}/decide", data=form)
    assert len(await settle(site)) == 1
    assert "Nothing waits for you" in (await mona.get("/console/confirmations")).text
    page = (await nils.get("/console/confirmations")).text
    assert "mona found nothing wrong" in page
    place = re.search(rf'action="(/console/charges/[^"]+/{end})"', page)[1]
    assert (await mona.post(place)).status_code == 403
    assert (await nils.get(case)).status_code == 200
    assert (await nils.post(place)).status_code == 303
    assert await site.stage.rows("select state from charges") == [{"state": state}]
    assert (await nils.post(place)).status_code == 409
    assert (await nils.get(case)).status_code == 409


async def test_a_colleague_is_asked_and_answers_and_nothing_typed_is_lost(site, mona, nils):
    case = await take(site, mona)
    to = str(site.people["nils"])
    nobody = await mona.post(f"{case}/ask", data={"to": "the cook", "body": "is it Dutch?"})
    assert nobody.status_code == 400
    assert "is it Dutch?" in nobody.text
    assert (await nils.get(case)).status_code == 409
    await mona.post(f"{case}/ask", data={"to": to, "body": "is it Dutch?"})
    assert (await nils.get(case)).status_code == 200
    page = (await nils.get("/console/colleagues")).text
    place = re.search(r'action="(/console/questions/[^"]+/answer)"', page)[1]
    long = await nils.post(place, data={"body": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.text
    assert (await nils.post(place, data={"body": "Frisian"})).status_code == 303
    assert "Frisian" in (await mona.get(case)).text
    late = await nils.post(place, data={"body": "or perhaps not"})
    assert (late.status_code, "or perhaps not" in late.text) == (409, True)


async def test_an_escalated_case_goes_to_leads_with_the_word(site, mona, nils, lea):
    case = await take(site, mona)
    empty = await mona.post(f"{case}/escalate", data={"body": ""})
    assert empty.status_code == 400
    answer = await mona.post(f"{case}/escalate", data={"body": "is this satire?"})
    assert answer.headers["location"].startswith("/console/queue")
    for client in (mona, nils):
        assert (await client.post("/console/next")).headers["location"].startswith("/console/queue")
        refused = await client.post(f"{case}/take")
        assert refused.status_code == 409
    assert (await lea.post("/console/next")).headers["location"] == case
    assert "is this satire?" in (await lea.get(case)).text


async def test_skip_goes_on_and_the_case_does_not_come_again(site, mona, nils):
    case = await take(site, mona)
    answer = await mona.post(f"{case}/release", data={"not_me": "true"})
    assert answer.headers["location"].startswith("/console/queue")
    assert (await nils.post("/console/next")).headers["location"] == case
    await nils.post(f"{case}/release", data={"not_me": "false"})
    assert (await nils.post("/console/next")).headers["location"] == case
