"""The receipt page: what a moderator asks, and the answer of whoever has the receipt."""

import re

import pytest
from asking import ANSWER, QUESTION, Interview

from underseal.web.words import CATALOGUES, LANGUAGES

ENGLISH = CATALOGUES["en"]
UNKNOWN = "rcpt_" + "a" * 58
FIELD = re.compile(r'name="inquiry" value="([0-9a-f-]{36})"')


@pytest.fixture
async def interview(stage, reporter):
    """Mona has the case of what somebody without an account has reported."""
    ref = await stage.comment()
    return await Interview.begin(stage, ref, await stage.moderator("mona"))


@pytest.fixture
async def receipt(stage, reporter, interview):
    """A receipt with which a question stands."""
    receipt = await reporter.file(note="look there")
    await interview.ask(await interview.report("look there"))
    await stage.tick()
    return receipt


async def send(reporter, receipt: str, text: str = ANSWER, inquiry: str | None = None, **query):
    if inquiry is None:
        (inquiry,) = FIELD.findall((await reporter.look(receipt)).text)
    form = {"receipt": receipt, "inquiry": inquiry, "text": text}
    return await reporter.browser.post("/receipt/answer", data=form, params=query)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_stands_with_the_receipt_and_is_answered_there(
    stage, reporter, interview, receipt, language
):
    words = CATALOGUES[language]
    page = (await reporter.look(receipt, lang=language)).text
    assert f'<blockquote dir="auto">{QUESTION}</blockquote>' in page
    assert words["inquiry.title"] in page
    assert words["inquiry.lead"] in page
    page = (await send(reporter, receipt, lang=language)).text
    assert words["receipt.replied"] in page
    assert words["inquiry.answered"] in page
    assert FIELD.findall(page) == []
    assert ANSWER not in page
    await stage.tick()
    await interview.take()
    (found,) = (await interview.report("look there")).inquiries
    assert found.answer == ANSWER


async def test_the_page_does_not_name_who_asks_nor_when(stage, reporter, receipt):
    page = (await reporter.look(receipt)).text
    assert "mona" not in page.lower()
    assert "12:30" not in page
    assert "Reporter " not in page


async def test_nobody_else_sees_that_somebody_is_asked(stage, reporter, interview):
    receipts = [await reporter.file(note=f"note {number}") for number in range(2)]

    async def pages() -> list[str]:
        return [(await reporter.look(each)).text.replace(each, "IT") for each in receipts]

    before = await pages()
    await interview.ask(await interview.report("note 0"))
    assert await pages() == before
    await stage.tick()
    asked, other = await pages()
    assert other == before[1] != asked


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001])
async def test_an_answer_that_is_not_taken_is_still_there(reporter, receipt, text):
    answer = await send(reporter, receipt, text)
    assert answer.status_code == 400
    assert ENGLISH["error.answer"] in answer.text
    assert answer.text.count('role="alert"') == 1
    assert re.search(rf'<textarea id="inquiry-[^>]*>\n\s*{text.strip()}</textarea>', answer.text)


async def test_a_double_click_answers_once_and_another_answer_is_kept_for_its_writer(
    stage, reporter, receipt
):
    (inquiry,) = FIELD.findall((await reporter.look(receipt)).text)
    for _ in range(2):
        answer = await send(reporter, receipt, inquiry=inquiry)
        assert (answer.status_code, ENGLISH["receipt.replied"] in answer.text) == (200, True)
    other = await send(reporter, receipt, "no, the other one", inquiry)
    assert other.status_code == 400
    assert ENGLISH["error.inquiry_answered"] in other.text
    assert "no, the other one" in other.text
    assert len(await stage.rows("select 1 from inquiry_answers")) == 1


@pytest.mark.parametrize("inquiry", ["", "x", "0" * 36, "00000000-0000-4000-8000-000000000000"])
async def test_what_is_no_question_is_not_answered_and_nothing_typed_is_lost(
    stage, reporter, receipt, inquiry
):
    answer = await send(reporter, receipt, inquiry=inquiry)
    assert (answer.status_code, ENGLISH["error.inquiry"] in answer.text) == (400, True)
    assert f"<blockquote>{ANSWER}</blockquote>" in answer.text
    unknown = await send(reporter, UNKNOWN, inquiry=inquiry)
    assert unknown.status_code == 404
    assert await stage.rows("select 1 from inquiry_answers") == []


async def test_with_the_outcome_the_question_goes(stage, reporter, interview, receipt):
    (inquiry,) = FIELD.findall((await reporter.look(receipt)).text)
    await interview.take()
    before = (await reporter.look(receipt)).text
    await stage.submit(interview.case_id, interview.by.principal_id, "no_violation")
    assert (await reporter.look(receipt)).text == before
    await stage.answer_day()
    assert QUESTION not in (await reporter.look(receipt)).text
    late = await send(reporter, receipt, inquiry=inquiry)
    assert (late.status_code, ENGLISH["error.inquiry"] in late.text) == (400, True)
    assert ANSWER in late.text


async def test_a_question_is_shown_as_text(stage, reporter, interview):
    receipt = await reporter.file(note="look there")
    await interview.ask(await interview.report("look there"), "<script>alert(1)</script>")
    await stage.tick()
    page = (await reporter.look(receipt)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
