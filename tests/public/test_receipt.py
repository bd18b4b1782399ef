"""The receipt page: what became of a report, notes added to it, and complaints."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from underseal.core.caller import Caller, KeyId, ModeratorRole
from underseal.core.case import CaseKind
from underseal.core.receipt_state import RECEIPT_WORDS
from underseal.core.report import quarter_of
from underseal.flow.read_case import read_case
from underseal.flow.take_case import take_case
from underseal.web.words import CATALOGUES, LANGUAGES

UNKNOWN = "rcpt_" + "a" * 64
ENGLISH = CATALOGUES["en"]


@pytest.fixture
async def answered(stage, reporter):
    """A receipt of a report of a comment that Mona has found nothing wrong with."""
    ref = await stage.comment()
    receipt = await reporter.file(note="first words")
    mona = await stage.moderator("mona")
    await stage.decide(ref, mona, "no_violation")
    await stage.answer_day()
    return receipt, ref, mona


async def complain(reporter, receipt: str, text: str = "It is the third time"):
    return await reporter.browser.post(
        "/receipt/complaint", data={"receipt": receipt, "text": text}
    )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receipt_says_what_became_of_the_report_in_every_language(
    stage, reporter, language
):
    ref = await stage.comment()
    receipt = await reporter.file()
    words = CATALOGUES[language]
    page = await reporter.look(receipt, lang=language)
    assert words["next.received"] in page.text
    assert words["receipt.nothing_to_do"] in page.text
    assert words["help.danger"] in page.text
    stage.now += timedelta(days=1)
    page = await reporter.look(receipt, lang=language)
    assert words["next.in_review"] in page.text
    await stage.decide(ref, await stage.moderator("mona"), "no_violation")
    await stage.answer_day()
    page = await reporter.look(receipt, lang=language)
    assert words["next.no_violation"] in page.text
    said = RECEIPT_WORDS["en" if language == "ar" else language].no_harm
    assert said in page.text
    assert ('lang="en" dir="ltr">We have found' in page.text) == (language == "ar")


async def test_what_was_never_given_and_what_is_no_receipt_are_answered_alike(reporter):
    answers = []
    for typed in (UNKNOWN, "rcpt_", "nothing", "x" * 5000):
        answer = await reporter.look(typed)
        assert answer.status_code == 404
        answers.append(answer.text.replace(f'value="{typed}"', "value"))
    assert len(set(answers)) == 1
    for action in ("supplement", "complaint"):
        answer = await reporter.browser.post(
            f"/receipt/{action}", data={"receipt": UNKNOWN, "text": "hello"}
        )
        assert answer.text.replace(f'value="{UNKNOWN}"', "value") == answers[0]


async def test_a_receipt_tells_nothing_of_what_its_sender_is_worth(stage, reporter):
    """The page is the same for one whose reports were right and for one who has none."""
    ref = await stage.comment()
    await stage.prove("anna", "scam")
    await stage.report(ref, "phishing", "anna", "bert")
    receipts = [await reporter.file(), await reporter.file()]
    for _ in range(2):
        pages = [(await reporter.look(each)).text.replace(each, "IT") for each in receipts]
        assert pages[0] == pages[1]
        stage.now += timedelta(days=1)


async def test_a_receipt_is_in_no_address_and_in_no_log(stage, reporter, caplog):
    with caplog.at_level(logging.DEBUG):
        await stage.comment()
        receipt = await reporter.file()
        page = await reporter.look(receipt)
        await reporter.browser.post(
            "/receipt/supplement", data={"receipt": receipt, "text": "more"}
        )
    assert receipt not in caplog.text
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', page.text):
        assert receipt not in address
    assert (await reporter.browser.get(f"/receipt?receipt={receipt}")).text.count(receipt) == 0


async def test_a_receipt_tells_days_and_no_times(stage, reporter):
    await stage.comment()
    page = (await reporter.look(await reporter.file())).text
    assert "22 November 2026" in page
    assert "12:30" not in page


async def test_a_note_is_added_and_moderators_read_it(stage, reporter):
    ref = await stage.comment()
    receipt = await reporter.file(note="first words")
    for _ in range(2):
        answer = await reporter.browser.post(
            "/receipt/supplement", data={"receipt": receipt, "text": "second words"}
        )
        assert ENGLISH["receipt.added"] in answer.text
    assert await notes(stage, ref) == {"first words", "second words"}
    (added,) = await stage.rows("select * from report_supplements")
    assert added["added_in"] == quarter_of(stage.now.date())
    assert not [value for value in added.values() if isinstance(value, datetime)]


@pytest.mark.parametrize("text", ["", "   ", "x" * 8001])
async def test_a_note_that_is_not_taken_is_still_there(stage, reporter, text):
    await stage.comment()
    receipt = await reporter.file()
    answer = await reporter.browser.post(
        "/receipt/supplement", data={"receipt": receipt, "text": text}
    )
    assert answer.status_code == 400
    assert 'id="supplement-error"' in answer.text
    assert text.strip() in answer.text


async def test_a_decision_shows_on_a_receipt_at_its_tick_and_not_before(stage, reporter):
    """Not even by what can be added: the holder may be the creator."""
    ref = await stage.comment()
    receipt = await reporter.file()
    stage.now += timedelta(days=1)
    before = (await reporter.look(receipt)).text
    await stage.decide(ref, await stage.moderator("mona"), "remove", "phishing")
    assert (await reporter.look(receipt)).text == before
    answer = await reporter.browser.post(
        "/receipt/supplement", data={"receipt": receipt, "text": "more"}
    )
    assert ENGLISH["receipt.added"] in answer.text
    await stage.tick()
    after = (await reporter.look(receipt)).text
    assert ENGLISH["next.action_taken"] in after
    assert "/receipt/supplement" not in after
    late = await reporter.browser.post(
        "/receipt/supplement", data={"receipt": receipt, "text": "too late"}
    )
    assert ENGLISH["error.answered"] in late.text
    assert "too late" in late.text


async def test_a_complaint_comes_before_somebody_else_who_reads_all_that_was_said(
    answered, stage, reporter
):
    receipt, ref, mona = answered
    page = await complain(reporter, receipt, "It is the third time")
    assert ENGLISH["receipt.complained"] in page.text
    assert ENGLISH["complaint.in_review"] in page.text
    stage.now += timedelta(days=4)
    assert await take_case(stage.system, mona, None, stage.now) is None
    assert await notes(stage, ref, "nils") == {"first words", "It is the third time"}


async def test_a_complaint_is_answered_at_a_tick(answered, stage, reporter):
    receipt, ref, _ = answered
    await complain(reporter, receipt)
    nils = await stage.moderator("nils")
    await stage.judge(nils, "remove", "phishing", kind=CaseKind.REVIEW)
    waiting = await reporter.look(receipt)
    assert ENGLISH["complaint.in_review"] in waiting.text
    await stage.tick()
    page = await reporter.look(receipt)
    assert ENGLISH["complaint.action_taken"] in page.text
    assert await stage.level(ref) == "removed"


async def test_somebody_complains_once_and_a_round_is_looked_at_once_more(stage, reporter):
    ref = await stage.comment()
    receipts = [await reporter.file(), await reporter.file(), await reporter.file()]
    await stage.decide(ref, await stage.moderator("mona"), "no_violation")
    await stage.answer_day()
    await complain(reporter, receipts[0])
    again = await complain(reporter, receipts[0])
    assert ENGLISH["error.complained"] in again.text
    await complain(reporter, receipts[1])
    nils = await stage.moderator("nils")
    await stage.judge(nils, "no_violation")
    await stage.tick()
    late = await complain(reporter, receipts[2])
    assert ENGLISH["complaint.no_violation"] in late.text
    assert await take_case(stage.system, await stage.moderator("olga"), None, stage.now) is None
    (count,) = await stage.rows("select count(*) from cases where state <> 'decided'")
    assert count["count"] == 0


@pytest.mark.parametrize("text", ["", "x" * 8001])
async def test_a_complaint_says_something(answered, reporter, text):
    receipt, _, _ = answered
    answer = await complain(reporter, receipt, text)
    assert answer.status_code == 400
    assert 'id="complaint-error"' in answer.text
    assert text in answer.text


async def test_nobody_complains_before_an_outcome_or_about_an_action(stage, reporter):
    ref = await stage.comment()
    receipt = await reporter.file()
    answer = await complain(reporter, receipt, "my words")
    assert ENGLISH["error.nothing_to_complain"] in answer.text
    assert "my words" in answer.text
    await stage.decide(ref, await stage.moderator("mona"), "remove", "phishing")
    await stage.tick()
    answer = await complain(reporter, receipt)
    assert ENGLISH["error.nothing_to_complain"] in answer.text
    assert "/receipt/complaint" not in answer.text
    assert await stage.rows("select 1 from complaints") == []


async def test_the_time_to_complain_ends_with_a_day(answered, stage, reporter):
    receipt, _, _ = answered
    stage.now = datetime(2027, 5, 30, 23, 59, tzinfo=UTC)
    page = await reporter.look(receipt)
    assert "30 May 2027" in page.text
    stage.now = datetime(2027, 5, 31, 0, 0, tzinfo=UTC)
    assert "/receipt/complaint" not in (await reporter.look(receipt)).text
    answer = await complain(reporter, receipt)
    assert ENGLISH["error.complaint_late"] in answer.text


async def test_a_complaint_takes_its_case_from_who_decided(answered, stage, reporter):
    """Who decided may have the subject in hand again because of a new report."""
    receipt, ref, mona = answered
    case_id = await stage.enqueue(ref)
    await take_case(stage.system, mona, None, stage.now)
    await complain(reporter, receipt)
    (case,) = await stage.rows(
        "select state, leased_by, not_for from cases where case_id = $1", case_id
    )
    assert case == {"state": "queued", "leased_by": None, "not_for": [mona]}


async def test_what_is_said_is_shown_as_text(stage, reporter):
    await stage.comment("<script>alert(1)</script>")
    receipt = await reporter.file(subject="<script>alert(1)</script>")
    page = await reporter.look(receipt)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def notes(stage, ref, name: str = "olga") -> set[str]:
    """What somebody who takes the next case about a subject reads of what reporters say."""
    moderator = await stage.moderator(name)
    if not await stage.rows("select 1 from cases where state = 'queued'"):
        await stage.enqueue(ref)
    lease = await take_case(stage.system, moderator, None, stage.now)
    reader = Caller(
        key_id=KeyId("k"),
        principal_id=moderator,
        scopes=frozenset(),
        role=ModeratorRole.MODERATOR,
    )
    file = await read_case(stage.system, lease.case_id, reader, stage.now)
    return {note for report in file.reports for note in report.notes}
