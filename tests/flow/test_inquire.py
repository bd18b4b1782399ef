"""A moderator asks a reporter by alias, who answers with the receipt; nobody learns more."""

from datetime import timedelta

import pytest
from asking import ANSWER, QUESTION, Interview, answer, asked, file, person

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, NotLeasedError
from underseal.core.inquiry import (
    AlreadyAnsweredError,
    InquiryClosedError,
    InquiryId,
    InquiryLengthError,
    InquiryOpenError,
)
from underseal.core.reasons import ReasonsQuoteError
from underseal.flow.answer_inquiry import UnknownInquiryError, answer_inquiry
from underseal.flow.complain import complain
from underseal.flow.inquire import UnknownReporterError, inquire
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import read_case
from underseal.flow.system import LEASE
from underseal.flow.take_case import release_case, take_case
from underseal.store.roles import Role

NOTE = "it asks for a password"
REASONS = "It was looked at again from beginning to end, and nothing was found."


@pytest.fixture
async def ref(stage):
    return await stage.comment()


@pytest.fixture
async def receipt(stage, ref):
    """Anna's, beside a report of Bert's."""
    await stage.report(ref, "phishing", "bert", note="look")
    return await file(stage, ref, "phishing", "anna", note=NOTE)


@pytest.fixture
async def interview(stage, ref, receipt):
    return await Interview.begin(stage, ref, await stage.moderator("mona"))


async def told(interview) -> list[tuple[str, str | None]]:
    """What a lead reads with the alias, who needs no lease."""
    lead = person(interview.by.principal_id, ModeratorRole.LEAD)
    stage = interview.stage
    file_ = await read_case(stage.system, interview.case_id, lead, stage.now)
    return [
        (each.question, each.answer)
        for report in file_.reports
        for each in report.inquiries
        if NOTE in report.notes
    ]


async def test_a_question_comes_to_the_receipt_at_a_tick_and_its_answer_at_the_next_one(
    stage, interview, receipt
):
    await interview.ask(await interview.report(NOTE))
    stage.now += timedelta(minutes=29)
    assert await asked(stage, receipt) == ()
    await stage.tick()
    (question,) = await asked(stage, receipt)
    assert (question.question, question.is_answered) == (QUESTION, False)
    assert await told(interview) == [(QUESTION, None)]
    await answer(stage, receipt)
    assert (await asked(stage, receipt))[0].is_answered
    assert await told(interview) == [(QUESTION, None)]
    await stage.tick()
    assert await told(interview) == [(QUESTION, ANSWER)]


async def test_whether_there_is_an_answer_cannot_be_found_out_before_its_tick(
    stage, interview, receipt
):
    """Not by asking again, either."""
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    await answer(stage, receipt)
    await interview.take()
    report = await interview.report(NOTE)
    assert not report.can_ask
    with pytest.raises(InquiryOpenError):
        await interview.ask(report, "And where?")
    await stage.tick()
    await interview.take()
    assert (await interview.report(NOTE)).can_ask
    await interview.ask(report, "And where?")


async def test_somebody_without_an_account_is_asked_in_the_same_way(stage, ref):
    receipts = [await file(stage, ref, "spam", None, note=f"note {n}") for n in range(2)]
    interview = await Interview.begin(stage, ref, await stage.moderator("mona"))
    await interview.ask(await interview.report("note 1"))
    await stage.tick()
    assert await asked(stage, receipts[0]) == ()
    await answer(stage, receipts[1])
    await stage.tick()
    await interview.take()
    (found,) = (await interview.report("note 1")).inquiries
    assert (found.asked_by, found.answer) == ("mona", ANSWER)


async def test_who_is_asked_is_the_one_who_was_meant_whoever_reports_meanwhile(
    stage, ref, interview, receipt
):
    """Others may change what the alias of somebody is; a form calls them the same."""
    seen = await interview.report(NOTE)
    for number in range(40):
        await stage.report(ref, "phishing", f"other{number}")
    await interview.ask(seen)
    await stage.tick()
    assert len(await asked(stage, receipt)) == 1


async def test_a_question_stands_with_every_receipt_that_its_reporter_has_of_the_round(
    stage, ref, interview, receipt
):
    second = await file(stage, ref, "spam", "anna")
    stranger = await file(stage, ref, "phishing", "cora")
    elsewhere = await file(stage, await stage.comment("c2"), "phishing", "anna")
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    assert await asked(stage, second) == await asked(stage, receipt) != ()
    assert await asked(stage, stranger) == await asked(stage, elsewhere) == ()
    await answer(stage, second)
    assert (await asked(stage, receipt))[0].is_answered


async def test_only_who_has_the_case_asks(stage, interview):
    report = await interview.report(NOTE)

    async def ask(by) -> None:
        await inquire(stage.system, interview.case_id, by, report.handle, QUESTION, now=stage.now)

    lead = person(await stage.moderator("lea", ModeratorRole.LEAD), ModeratorRole.LEAD)
    nils = person(await stage.moderator("nils"))
    for other in (lead, nils):
        with pytest.raises(NotLeasedError):
            await ask(other)
    stage.now += LEASE
    with pytest.raises(NotLeasedError):
        await ask(interview.by)
    assert await stage.rows("select 1 from inquiries") == []


async def test_whom_and_what_are_checked(stage, interview):
    report = await interview.report(NOTE)
    for text in ("", " \n", "x" * 501):
        with pytest.raises(InquiryLengthError):
            await interview.ask(report, text)
    for whom in ("", "Reporter A", report.handle[:-1], "0" * 32):
        with pytest.raises(UnknownReporterError):
            await inquire(
                stage.system, interview.case_id, interview.by, whom, QUESTION, now=stage.now
            )


async def test_one_question_at_a_time_and_the_same_twice_is_one(stage, interview, receipt):
    report = await interview.report(NOTE)
    await interview.ask(report)
    await interview.ask(report, f" {QUESTION} ")
    with pytest.raises(InquiryOpenError):
        await interview.ask(report, "And where?")
    await interview.ask(await interview.report("look"), "And where?")
    await stage.tick()
    assert len(await asked(stage, receipt)) == 1


async def test_an_answer_stays_as_it_is_and_the_same_twice_is_one(stage, interview, receipt):
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    await answer(stage, receipt)
    await answer(stage, receipt, f"{ANSWER}\n")
    with pytest.raises(AlreadyAnsweredError):
        await answer(stage, receipt, "no, the other one")
    await stage.tick()
    assert await told(interview) == [(QUESTION, ANSWER)]


async def test_an_answer_goes_to_a_question_that_stands_with_the_receipt(
    stage, ref, interview, receipt
):
    stranger = await file(stage, ref, "phishing", "cora")
    await interview.ask(await interview.report(NOTE))
    (row,) = await stage.rows("select inquiry_id from inquiries")
    inquiry_id = row["inquiry_id"]

    async def send(token: str, to=inquiry_id, text: str = ANSWER) -> None:
        await answer_inquiry(stage.system, token, InquiryId(to), text, stage.now)

    with pytest.raises(UnknownInquiryError):  # the tick has not come
        await send(receipt)
    await stage.tick()
    with pytest.raises(UnknownInquiryError):
        await send(stranger)
    with pytest.raises(UnknownInquiryError):
        await send(receipt, to=stage.system.new_id())
    with pytest.raises(UnknownReceiptError):
        await send("rcpt_" + "a" * 58)
    for text in ("", "  ", "x" * 2_001):
        with pytest.raises(InquiryLengthError):
            await send(receipt, text=text)
    assert await stage.rows("select 1 from inquiry_answers") == []


async def test_a_decision_changes_nothing_on_the_receipt_until_its_outcome_is_told(
    stage, interview, receipt
):
    """The holder of a receipt may be the creator."""
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    await interview.take()
    before = await asked(stage, receipt)
    await stage.submit(interview.case_id, interview.by.principal_id, "no_violation")
    assert await asked(stage, receipt) == before
    await answer(stage, receipt)
    (question,) = await asked(stage, receipt)
    await stage.tick()
    assert await asked(stage, receipt) == (question,)
    await stage.answer_day()
    assert await asked(stage, receipt) == ()
    with pytest.raises(InquiryClosedError):
        await answer_inquiry(stage.system, receipt, question.inquiry_id, "more", stage.now)
    assert await told(interview) == [(QUESTION, ANSWER)]


async def test_an_unanswered_question_holds_nothing_up(stage, interview, receipt):
    await interview.ask(await interview.report(NOTE))
    await stage.submit(interview.case_id, interview.by.principal_id, "remove", "phishing")
    await stage.tick()
    assert await asked(stage, receipt) == ()
    assert len(await stage.statements()) == 1


async def test_neither_question_nor_answer_leads_to_anything(stage, interview, receipt):
    """No event, no message, no assessment, no other place in the queue."""
    await stage.assess()

    async def everything() -> dict:
        return {
            table: await stage.rows(f"select * from {table} order by {table}::text")
            for table in (
                *("events", "messages", "deliveries", "assessments", "pending_assessments"),
                *("effects", "incidents", "credits", "track_records", "report_supplements"),
                *("receipt_states", "commitments"),
            )
        }

    await stage.tick()
    await interview.take()
    before = await everything()
    place = "select rate, due_at, lane, because, state from cases"
    queued = await stage.rows(place)
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    await answer(stage, receipt)
    await stage.tick()
    await stage.assess()
    assert await everything() == before
    assert await stage.rows(place) == queued


async def test_a_complaint_is_asked_about_in_the_round_in_which_it_is_heard(
    stage, ref, interview, receipt
):
    await stage.submit(interview.case_id, interview.by.principal_id, "no_violation")
    await stage.answer_day()
    await complain(stage.system, receipt, "It is the third time", stage.now)
    again = await Interview.begin(stage, ref, await stage.moderator("nils"))
    await again.ask(await again.report("It is the third time"))
    await stage.tick()
    await answer(stage, receipt)
    await stage.tick()
    await again.take()
    (found,) = (await again.report("It is the third time")).inquiries
    assert found.answer == ANSWER
    await stage.submit(again.case_id, again.by.principal_id, "no_violation")
    assert len(await asked(stage, receipt)) == 1
    await stage.tick()
    assert await asked(stage, receipt) == ()


async def test_on_an_appeal_nobody_is_asked_and_no_answer_is_quoted(stage, interview, receipt):
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    await answer(stage, receipt)
    await stage.tick()
    await interview.take()
    await stage.submit(interview.case_id, interview.by.principal_id, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    nils = await stage.moderator("nils")
    lease = await take_case(stage.system, nils, CaseKind.APPEAL, stage.now)
    appeal = Interview(stage, lease.case_id, person(nils))
    report = await appeal.report(NOTE)
    assert [each.answer for each in report.inquiries] == [ANSWER]
    assert not report.can_ask
    with pytest.raises(UnknownReporterError):
        await appeal.ask(report, "Are you sure?")
    quoting = "Somebody wrote of THE TALL one, with the red umbrella, and so it stays."
    with pytest.raises(ReasonsQuoteError):
        await stage.submit(lease.case_id, nils, "no_violation", reasons=quoting)
    await stage.submit(lease.case_id, nils, "no_violation", reasons=REASONS)


async def test_words_are_kept_encrypted_and_are_destroyed_with_the_notes(
    stage, ref, interview, receipt
):
    await interview.ask(await interview.report(NOTE))
    await stage.tick()
    (question,) = await asked(stage, receipt)
    await answer(stage, receipt)
    await stage.tick()
    kept = await stage.rows(
        "select question, answer from inquiries join inquiry_answers using (inquiry_id)"
    )
    for word in (*QUESTION.split(), *ANSWER.split()):
        if len(word) > 3:
            assert word not in repr(kept)
    async with stage.system.db.transaction(Role.RETENTION) as conn:
        await conn.fetchval("select underseal.destroy_note_key($1)", ref.subject_id)
    assert await told(interview) == []
    assert await asked(stage, receipt) == ()
    with pytest.raises(InquiryClosedError):
        await answer_inquiry(stage.system, receipt, question.inquiry_id, ANSWER, stage.now)
    await interview.take()
    (report, *_) = (await interview.file()).reports
    assert not report.can_ask
    with pytest.raises(InquiryClosedError):
        await interview.ask(report)


async def test_whoever_takes_the_case_next_reads_what_was_answered(stage, interview, receipt):
    await interview.ask(await interview.report(NOTE))
    mona = interview.by.principal_id
    await release_case(stage.system, interview.case_id, mona, not_me=False)
    await stage.tick()
    await answer(stage, receipt)
    await stage.tick()
    nils = await stage.moderator("nils")
    lease = await take_case(stage.system, nils, None, stage.now)
    report = await Interview(stage, lease.case_id, person(nils)).report(NOTE)
    assert [(each.asked_by, each.answer) for each in report.inquiries] == [("mona", ANSWER)]
