"""Every request of the SDK, answered by a real server."""

import inspect
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from underseal.client import ApiError, requests
from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.disclosure import HOUR, last_tick
from underseal.core.draft import CONFIRM_TIME, UNDO_TIME
from underseal.core.person import Person
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.assess import assess_subject
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.inquire import inquire
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_case import read_case
from underseal.flow.tick import run_tick
from underseal.store.cases import load_case
from underseal.store.roles import Role

COMMENT = ("comment", "c-1")
VIDEO = ("video", "v-1")
GUIDELINE = "bullying"


def subject_id(subject):
    kind, external_id = subject
    return SubjectRef(kind=SubjectKind(kind), external_id=external_id).subject_id


async def an_hour_passes(api):
    """What a worker does in an hour."""
    api.clock.now += timedelta(hours=1)
    await run_tick(api.system, last_tick(api.clock.now, HOUR), api.clock.now)


@pytest.fixture
async def queued(api, people, platform):
    """A comment that has been watched, reported and queued."""
    await platform.send(requests.register(COMMENT, "creator-1", caption="You again"))
    tick = last_tick(api.clock.now, HOUR)
    await platform.send(requests.count_views(tick, [(COMMENT, 900, 90)]))
    await run_tick(api.system, tick, api.clock.now)
    for reporter in ("u-1", "u-2"):
        await platform.send(requests.report(COMMENT, reporter, GUIDELINE, note="he calls me names"))
    await assess_subject(api.system, subject_id(COMMENT), api.clock.now)
    return COMMENT


@pytest.fixture
async def removed(api, people, queued):
    """The comment after it was removed by one moderator, and nobody has appealed."""
    moderator = people[ModeratorRole.MODERATOR]
    case = await moderator.send(requests.take_case())
    await moderator.send(
        requests.decide(
            case.case_id, "remove", guideline=GUIDELINE, finding="actioned", observed=[1]
        )
    )
    tick = last_tick(api.clock.now + timedelta(days=8), HOUR)
    api.clock.now = tick
    await run_tick(api.system, tick, tick)
    return COMMENT


async def test_a_report_has_a_receipt_and_a_repeat_the_same_one(platform):
    first = await platform.send(
        requests.report(VIDEO, "u-1", GUIDELINE, note="look", moments=[(1000, 2000)])
    )
    again = await platform.send(
        requests.report(VIDEO, "u-1", GUIDELINE, note="look", moments=[(1000, 2000)])
    )
    assert first == again
    assert first.state == "received"
    found = await platform.send(requests.look_up_receipt(first.receipt))
    assert (found.subject.kind, found.subject.id) == VIDEO
    assert (found.guideline, found.state, found.changed_at) == (GUIDELINE, "received", None)
    assert "received" in found.text["en"]


async def test_somebody_without_an_account_can_report(platform):
    filed = await platform.send(requests.report(VIDEO, None, GUIDELINE))
    assert filed.receipt.startswith("rcpt_")


async def test_a_notice_names_a_law_and_a_reporter_may_let_themselves_be_guessed(platform):
    filed = await platform.send(
        requests.report(VIDEO, "u-1", "violence_incitement", law="§ 111 StGB")
    )
    guessed = await platform.send(
        requests.report(VIDEO, "u-2", GUIDELINE, act_even_if_guessed=True)
    )
    assert filed.receipt != guessed.receipt
    with pytest.raises(ApiError, match="names the law"):
        await platform.send(requests.report(VIDEO, "u-3", "violence_incitement", law=""))


async def test_a_notice_of_a_trusted_flagger_says_so_and_a_report_that_is_no_notice_does_not(
    platform,
):
    body = requests.report_body(
        VIDEO, "u-1", "violence_incitement", law="§ 111 StGB", trusted_flagger=True
    )
    assert body["notice"]["trusted_flagger"] is True
    bulk = await platform.send(requests.report_many([body]))
    assert bulk.results[0].receipt
    assert requests.report_body(VIDEO, "u-1", GUIDELINE, trusted_flagger=True)["notice"] is None


async def test_a_bulk_answers_each_report_by_itself(platform):
    filed = await platform.send(
        requests.report_many(
            [
                requests.report_body(VIDEO, "u-1", GUIDELINE),
                requests.report_body(VIDEO, "u-2", "no_such_guideline"),
                requests.report_body(VIDEO, None, GUIDELINE, moments=[(0, 10)]),
            ]
        )
    )
    good, bad, anonymous = filed.results
    assert good.receipt
    assert good.state == "received"
    assert bad.receipt is None
    assert bad.problem
    assert bad.problem["errors"] == [
        {"pointer": "/guideline", "detail": "there is no such guideline"}
    ]
    assert anonymous.receipt


async def ask_reporters(api, case_id: str) -> None:
    """What a moderator does in the console: ask everybody who has reported."""
    async with api.system.db.transaction(Role.CORE) as conn:
        case = await load_case(conn, UUID(case_id))
    mona = Person(
        principal_id=PrincipalId(case.leased_by), name="mona", role=ModeratorRole.MODERATOR
    )
    file = await read_case(api.system, case.case_id, mona, api.clock.now)
    for each in file.reports:
        await inquire(api.system, case.case_id, mona, each.handle, "All of it?", now=api.clock.now)


async def test_a_reporter_answers_what_a_moderator_asks(api, people, queued, platform):
    again = requests.report(COMMENT, "u-1", GUIDELINE, note="he calls me names")
    receipt = (await platform.send(again)).receipt
    case = await people[ModeratorRole.MODERATOR].send(requests.take_case())
    await ask_reporters(api, case.case_id)
    assert (await platform.send(requests.look_up_receipt(receipt))).inquiries == ()
    await an_hour_passes(api)
    (asked,) = (await platform.send(requests.look_up_receipt(receipt))).inquiries
    assert (asked.question, asked.is_answered) == ("All of it?", False)
    answer = requests.answer_inquiry(receipt, asked.inquiry_id, "Only the last line")
    assert await platform.send(answer) is None
    with pytest.raises(ApiError) as refused:
        await platform.send(requests.answer_inquiry(receipt, asked.inquiry_id, "No"))
    assert (refused.value.status, refused.value.type) == (409, "/problems/already-answered")
    await an_hour_passes(api)
    read = await people[ModeratorRole.LEAD].send(requests.read_case(case.case_id))
    answers = [each.unverified_answer for report in read.reports for each in report.inquiries]
    assert sorted(answers, key=str) == [None, "Only the last line"]


async def test_a_reporter_can_be_forgotten(api, platform):
    forgotten = await platform.send(requests.forget_reporter("u-1"))
    assert forgotten.identity_destroyed_by > api.clock.now.date()


async def test_a_video_is_registered_and_held_until_it_is_scanned(platform):
    registered = await platform.send(
        requests.register(VIDEO, "creator-1", caption="Hi", language="de", upload=True)
    )
    assert registered.version == 1
    assert registered.upload_url is not None
    captions = "WEBVTT\n\n00:00.000 --> 00:01.000\nHi"
    said = requests.register(
        VIDEO, "creator-1", caption="Hi", language="de", upload=True, captions=captions
    )
    assert (await platform.send(said)).version == 2
    with pytest.raises(ApiError) as refused:
        await platform.send(requests.register(VIDEO, "c", upload=True, captions="Hi"))
    assert [each.pointer for each in refused.value.errors] == ["/media/captions"]
    assert registered.visibility.level == "held"
    fetched = await platform.send(
        requests.register(("video", "v-2"), "creator-1", media_url="https://example.com/v.mp4")
    )
    assert fetched.upload_url is None
    assert (await platform.send(requests.visibility(VIDEO))).level == "held"
    many = await platform.send(requests.visibility_of_many([VIDEO, ("video", "unknown")]))
    assert [each.level for each in many.visibility] == ["held", "public"]


async def test_views_of_a_tick_count_once(api, platform):
    await platform.send(requests.register(COMMENT, "creator-1"))
    views = [(COMMENT, 10, 5), (("comment", "unknown"), 1, 1)]
    counted = await platform.send(requests.count_views(last_tick(api.clock.now, HOUR), views))
    assert (counted.counted, counted.ignored) == (1, 1)


async def test_guidelines_and_the_report_dialog_come_in_the_language_asked_for(platform):
    dialog = await platform.send(requests.taxonomy("comment", "de"))
    assert any("Mobbing" in each.label for topic in dialog.topics for each in topic.guidelines)
    assert dialog.before.always
    everything = await platform.send(requests.guidelines("en"))
    assert everything.version == dialog.version
    assert len(everything.topics) >= len(dialog.topics)


async def test_webhooks_are_added_listed_and_removed(platform):
    added = await platform.send(
        requests.add_webhook("http://127.0.0.1:9/hooks", ["visibility.changed"])
    )
    assert added.secret.startswith("whsec_")
    assert added.secret not in repr(added)
    listed = await platform.send(requests.webhooks())
    assert [each.endpoint_id for each in listed.endpoints] == [added.endpoint_id]
    assert await platform.send(requests.remove_webhook(added.endpoint_id)) is None
    assert (await platform.send(requests.webhooks())).endpoints == ()


async def test_a_moderator_takes_reads_and_gives_back_a_case(people, queued):
    moderator = people[ModeratorRole.MODERATOR]
    (lane,) = (await moderator.send(requests.queue())).lanes
    assert (lane.kind, lane.waiting) == ("review", 1)
    case = await moderator.send(requests.take_case("review"))
    assert case is not None
    assert (case.subject.kind, case.subject.id) == queued
    assert {each.band for each in case.guidelines} <= {"low", "medium"}
    assert case.reports[0].unverified_notes == ("he calls me names",)
    assert await moderator.send(requests.read_case(case.case_id)) == case
    assert await moderator.send(requests.take_case()) is None
    assert await moderator.send(requests.release_case(case.case_id, not_me=True)) is None
    assert await moderator.send(requests.take_case()) is None
    assert await people[ModeratorRole.LEAD].send(requests.take_case()) is not None


@pytest.fixture
async def reported(platform, api):
    """An account that somebody has to look at."""
    account = ("account", "creator-1")
    await platform.send(requests.register(account, "creator-1", caption="Me"))
    tick = last_tick(api.clock.now, HOUR)
    await platform.send(requests.count_views(tick, [(account, 900, 90)]))
    await run_tick(api.system, tick, api.clock.now)
    for reporter in ("u-1", "u-2"):
        await platform.send(requests.report(account, reporter, GUIDELINE))
    await assess_subject(api.system, subject_id(account), api.clock.now)
    return account


async def test_two_moderators_remove_an_account(api, people, platform, reported):
    moderator, lead = people[ModeratorRole.MODERATOR], people[ModeratorRole.LEAD]
    case = await moderator.send(requests.take_case())
    ban = requests.decide(case.case_id, "remove", guideline=GUIDELINE, finding="actioned")
    first = await moderator.send(ban)
    assert first.decision_id is None
    assert first.waits_until == api.clock.now + CONFIRM_TIME
    assert await lead.send(requests.return_draft(first.draft_id, "Really?")) is None
    came_back = await moderator.send(requests.read_draft(first.draft_id))
    assert (came_back.state, came_back.word) == ("returned", "lead: Really?")
    second = await moderator.send(ban)
    page = await lead.send(requests.confirmations(limit=1))
    (waiting,) = page.confirmations
    assert (waiting.draft_id, waiting.subject.id) == (second.draft_id, "creator-1")
    assert (await lead.send(requests.confirmations(page.cursor))).confirmations == ()
    assert await lead.send(requests.confirm_draft(second.draft_id)) is None
    await settle_drafts(api.system, api.clock.now + UNDO_TIME)
    api.clock.now += timedelta(days=8)
    await an_hour_passes(api)
    assert (await platform.send(requests.visibility(reported))).level == "removed"


async def test_a_second_moderator_ends_what_the_first_calls_made_up(people, queued):
    moderator, lead = people[ModeratorRole.MODERATOR], people[ModeratorRole.LEAD]
    case = await moderator.send(requests.take_case())
    decided = await moderator.send(
        requests.decide(case.case_id, "no_violation", finding="manifestly_unfounded")
    )
    page = await lead.send(requests.charges(limit=1))
    assert [each.decision_id for each in page.charges] == [decided.decision_id]
    assert (await lead.send(requests.charges(page.cursor))).charges == ()
    assert await lead.send(requests.confirm_charge(decided.decision_id)) is None
    with pytest.raises(ApiError) as refused:
        await lead.send(requests.refuse_charge(decided.decision_id))
    assert refused.value.status == 409


async def test_an_auditor_reads_every_term_and_a_lead_the_incidents(people, queued):
    moderator = people[ModeratorRole.MODERATOR]
    case = await moderator.send(requests.take_case())
    auditor = people[ModeratorRole.AUDITOR]
    (assessment,) = (await auditor.send(requests.explain_case(case.case_id))).assessments
    assert assessment.guideline == GUIDELINE
    total = sum(term.nats for term in assessment.terms)
    assert total == pytest.approx(assessment.log_odds)
    lead = people[ModeratorRole.LEAD]
    assert (await lead.send(requests.incidents(10))).incidents == ()


async def test_a_removal_is_explained_counted_appealed_and_overturned(
    api, people, platform, removed
):
    (found,) = (await platform.send(requests.statements("creator-1", limit=5))).statements
    assert found.kind == "removal"
    assert found.effect.level == "removed"
    assert found.guideline is not None
    assert found.guideline.observed["en"] == ("A video that ranks colleagues by their looks",)
    assert await platform.send(requests.statement("creator-1", found.statement_id)) == found
    standing = await platform.send(requests.standing("creator-1"))
    assert [strike.guideline for strike in standing.active] == [GUIDELINE]

    lodged = await platform.send(
        requests.appeal(found.statement_id, "creator-1", "We are friends.")
    )
    assert lodged.state == "lodged"
    await open_appeals(api.system, api.clock.now)
    lead = people[ModeratorRole.LEAD]
    case = await lead.send(requests.take_case("appeal"))
    assert case.appeal.grounds == "We are friends."
    decided = await lead.send(
        requests.decide(
            case.case_id,
            "no_violation",
            finding="no_violation",
            reasons="Both of them say that they tease each other.",
        )
    )
    assert decided.decision_id
    await an_hour_passes(api)
    (appeal,) = (await platform.send(requests.appeals("creator-1"))).appeals
    assert appeal.state == "granted"
    assert appeal.reasons == "Both of them say that they tease each other."
    assert (await platform.send(requests.standing("creator-1"))).points == 0
    levels = [each.level for each in (await platform.send(requests.visibility_changes())).changes]
    assert levels == ["removed", "public"]


async def test_changes_go_on_from_a_cursor(platform, removed):
    first = await platform.send(requests.visibility_changes(limit=1))
    assert [each.level for each in first.changes] == ["removed"]
    rest = await platform.send(requests.visibility_changes(cursor=first.cursor))
    assert rest.changes == ()


async def test_only_what_was_found_to_break_a_guideline_becomes_known_content(people, removed):
    lead = people[ModeratorRole.LEAD]
    with pytest.raises(ApiError) as refused:
        await lead.send(requests.add_known_content(VIDEO, GUIDELINE, verified=True))
    assert refused.value.status == 409


def test_every_request_of_the_sdk_is_tried_here():
    source = Path(__file__).read_text()
    named = [
        name
        for name, made in inspect.getmembers(requests, inspect.isfunction)
        if made.__module__ == requests.__name__ and not name.startswith("_")
    ]
    untried = [name for name in named if f"requests.{name}(" not in source]
    assert len(named) > 20
    assert untried == []
