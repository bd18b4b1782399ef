"""The review page: a reporter is asked by alias, and what they answer stands there, unverified."""

import re

import pytest
from asking import ANSWER, QUESTION, answer, asked, file, handles
from deciding import CLEAR, HX

from underseal.core.caller import ModeratorRole
from underseal.flow.system import LEASE

NOTE = "it asks for a password"
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
async def mona(site):
    return await site.signed_in()


@pytest.fixture
async def receipt(site):
    return await file(site.stage, await site.stage.comment(), "phishing", "anna", note=NOTE)


@pytest.fixture
async def case(site, mona, receipt):
    """Where Mona's case about what Anna has reported is."""
    ref = await site.stage.comment()
    await site.stage.enqueue(ref, rate=1e9)
    return (await mona.post("/console/next")).headers["location"]


async def ask(client, case: str, question: str = QUESTION, **given):
    (handle,) = handles((await client.get(case)).text) or ["none"]
    form = {"report": handle, "question": question}
    return await client.post(f"{case}/inquire", data=form, **given)


async def test_a_question_and_its_answer_stand_beside_the_alias(site, mona, case, receipt):
    stage = site.stage
    answered = await ask(mona, case)
    assert (answered.status_code, answered.headers["location"]) == (303, case)
    page = (await mona.get(case)).text
    assert re.search(rf"<strong>mona</strong> asked, .*22 Nov 2026.*{QUESTION}", page, re.DOTALL)
    assert "No answer yet." in page
    assert handles(page) == []
    await stage.tick()
    await answer(stage, receipt)
    lead = await site.signed_in(ModeratorRole.LEAD)
    assert ANSWER not in (await lead.get(case)).text
    await stage.tick()
    lead = await site.signed_in(ModeratorRole.LEAD)
    page = (await lead.get(case)).text
    assert re.search(rf'"chip">unverified</span>\s*<div class="said" dir="auto">{ANSWER}', page)


async def test_the_form_says_who_may_read_it_and_who_has_no_lease_has_none(site, mona, case):
    page = (await mona.get(case)).text
    assert "Ask this reporter" in page
    assert "may be the creator: do not quote others" in page
    assert f'data-keep="inquire-{handles(page)[0]}"' in page
    lead = await site.signed_in(ModeratorRole.LEAD)
    assert "Ask this reporter" not in (await lead.get(case)).text
    await mona.post(f"{case}/decide", data=CLEAR)
    assert "Ask this reporter" not in (await mona.get(case)).text


async def test_a_double_click_asks_once_and_another_question_waits(site, mona, case):
    (handle,) = handles((await mona.get(case)).text)
    form = {"report": handle, "question": QUESTION}
    for _ in range(2):
        assert (await mona.post(f"{case}/inquire", data=form)).status_code == 303
    assert len(await site.stage.rows("select 1 from inquiries")) == 1
    other = await mona.post(f"{case}/inquire", data={**form, "question": "And where?"})
    assert (other.status_code, "one at a time" in other.text) == (409, True)
    assert "And where?" in other.text


@pytest.mark.parametrize("question", ["", "  ", "x" * 501])
async def test_a_question_that_is_not_taken_is_told_why_and_nothing_typed_is_lost(
    mona, case, question
):
    answered = await ask(mona, case, question)
    assert (answered.status_code, "1 to 500 characters" in answered.text) == (400, True)
    assert question.strip() in answered.text
    quick = await ask(mona, case, question, headers=HX)
    assert (quick.status_code, 'role="alert"' in quick.text) == (400, True)
    assert "<html" not in quick.text


async def test_a_lease_that_ran_out_a_stranger_and_a_made_up_handle_ask_nothing(site, mona, case):
    form = {"report": handles((await mona.get(case)).text)[0], "question": QUESTION}
    nils = await site.signed_in(name="nils")
    lost = await nils.post(f"{case}/inquire", data=form)
    assert (lost.status_code, QUESTION in lost.text) == (409, True)
    made_up = await mona.post(f"{case}/inquire", data={**form, "report": "0" * 32})
    assert (made_up.status_code, "nobody like that" in made_up.text) == (400, True)
    auditor = await site.signed_in(ModeratorRole.AUDITOR)
    assert (await auditor.post(f"{case}/inquire", data=form)).status_code == 403
    site.stage.now += LEASE
    assert (await mona.post(f"{case}/inquire", data=form)).status_code == 409
    assert await site.stage.rows("select 1 from inquiries") == []


async def test_what_both_sides_write_is_shown_as_text(site, mona, case, receipt):
    await ask(mona, case, f"Is it {SCRIPT}?")
    await site.stage.tick()
    assert (await asked(site.stage, receipt))[0].question == f"Is it {SCRIPT}?"
    await answer(site.stage, receipt, f"It is {SCRIPT}.")
    await site.stage.tick()
    lead = await site.signed_in(ModeratorRole.LEAD)
    page = (await lead.get(case)).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 2
