import asyncio
from datetime import timedelta

import pytest

from underseal.core.case import NotLeasedError, StepNotAllowedError
from underseal.core.decision import Automation
from underseal.core.guideline import DisclosureClass
from underseal.core.report import Moment
from underseal.core.statement import StatementKind, UnknownExampleError, statement_text
from underseal.core.visibility import Level
from underseal.flow.decide import UnknownCaseError
from underseal.flow.decide_by_machine import MachineMayNotRemoveError, decide_by_machine
from underseal.flow.file_report import (
    GuidelineNotForKindError,
    NoMomentsError,
    UnknownGuidelineError,
)
from underseal.flow.take_case import take_case
from underseal.store.ledger import lock_chain
from underseal.store.roles import Role
from underseal.store.scans import FrameHash, ScanCause, TakenScan, add_frame_hashes
from underseal.store.subjects import load_subject
from underseal.store.visibility import Basis


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


async def test_a_removal_waits_for_its_tick_and_comes_with_statement_and_strike(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "phishing", observed=(1,))
    assert await stage.level(ref) is Level.PUBLIC
    assert await stage.statements() == ()
    assert (await stage.standing()).points == 0

    await stage.tick()

    shown = await stage.shown(ref)
    (read,) = await stage.statements()
    assert shown.visibility.level is Level.REMOVED
    assert shown.basis is Basis.EFFECT
    assert shown.statement_id == read.statement.id
    assert read.statement.kind is StatementKind.REMOVAL
    assert len(read.statement.guideline.observed["en"]) == 1
    assert read.disclosed_at == shown.changed_at
    assert (await stage.standing()).points == 4


async def test_where_nothing_is_broken_nothing_is_to_be_seen(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", "bert")
    await stage.decide(ref, mona, "no_violation")
    await stage.tick()
    assert await stage.shown(ref) is None
    assert await stage.statements() == ()
    assert await stage.rows("select 1 from messages") == []


async def test_a_hold_that_is_only_intended_is_withdrawn_without_a_trace(stage, mona):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.decide(ref, mona, "no_violation")
    await stage.tick()
    assert await stage.shown(ref) is None
    assert await stage.statements() == ()


async def test_a_held_subject_that_breaks_an_ordinary_guideline_is_removed_at_the_next_tick(
    stage, mona
):
    ref = await stage.comment()
    await stage.hold(ref, "bullying")
    await stage.tick()
    assert stage.system.guidelines.by_id["bullying"].disclosure is DisclosureClass.WINDOW
    await stage.decide(ref, mona, "remove", "bullying")
    assert await stage.level(ref) is Level.HELD
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_held_subject_that_breaks_nothing_is_back_at_the_next_tick(stage, mona):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.tick()
    assert await stage.level(ref) is Level.HELD
    await stage.decide(ref, mona, "no_violation")
    assert await stage.level(ref) is Level.HELD
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.basis) == (Level.PUBLIC, Basis.NONE)
    kinds = [read.statement.kind for read in await stage.statements()]
    assert kinds == [StatementKind.REINSTATEMENT, StatementKind.HOLD]
    assert (await stage.standing()).points == 0


async def test_what_decisions_have_led_to_stands_when_a_later_hold_ends(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "age_restrict", "self_injury")
    await stage.tick()
    (first,) = await stage.statements()
    await stage.hold(ref, "phishing")
    await stage.tick()
    assert await stage.level(ref) is Level.HELD
    await stage.decide(ref, mona, "no_violation")
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.age_restricted) == (Level.PUBLIC, True)
    assert shown.statement_id == first.statement.id


async def test_what_several_decisions_lead_to_adds_up(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "age_restrict", "self_injury")
    await stage.decide(ref, mona, "not_recommended", "crisis_misinfo")
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.age_restricted) == (
        Level.NOT_RECOMMENDED,
        True,
    )


async def test_a_decision_whose_effect_gave_way_to_another_is_explained_all_the_same(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.decide(ref, mona, "label", "unverified_claim")
    await stage.tick()
    kinds = {read.statement.kind for read in await stage.statements()}
    assert kinds == {StatementKind.REMOVAL, StatementKind.RESTRICTION}
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.labelled) == (Level.REMOVED, True)
    assert (await stage.standing()).points == 4


async def test_what_cannot_wait_shows_with_the_decision(stage, mona):
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "threat_to_life")
    assert await stage.level(ref) is Level.REMOVED
    assert len(await stage.statements()) == 1


async def test_what_nobody_has_seen_yet_is_decided_at_once(stage, mona):
    refused, let_go = await stage.video("bad"), await stage.video("good", creator="dora")
    await stage.scan(let_go, failure="broken")
    await stage.decide(refused, mona, "remove", "nudity", moments=(Moment(start_ms=0, end_ms=9),))
    await stage.decide(let_go, mona, "no_violation")
    assert await stage.level(refused) is Level.REMOVED
    assert await stage.level(let_go) is Level.PUBLIC
    (read,) = await stage.statements("carl")
    assert read.statement.moments_ms == ((0, 9),)
    assert await stage.statements("dora") == ()
    types = [row["type"] for row in await stage.rows("select type from messages order by type")]
    assert types == [
        "statement.issued",
        "subject.cleared",
        "visibility.changed",
        "visibility.changed",
    ]


async def test_a_decision_ends_the_round_and_later_reports_are_of_the_next(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", note="they ask for my password here")
    await stage.report(ref, "phishing", "bert")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.report(ref, "phishing", "cora")
    rounds = await stage.rows("select round, count(*) from reports group by round order by round")
    assert [tuple(row.values()) for row in rounds] == [(1, 2), (2, 1)]
    assert await stage.rows("select round, reports, closed from commitments") == [
        {"round": 1, "reports": 2, "closed": True}
    ]
    assert await stage.rows(
        "select round, outcome_visible from subjects where kind = 'comment'"
    ) == [{"round": 2, "outcome_visible": False}]


async def test_reporters_are_credited_by_the_decision(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.decide(ref, mona, "remove", "phishing")
    (record,) = await stage.rows("select topic, right_weight, resolved from track_records")
    assert record == {"topic": "scam", "right_weight": 1.0, "resolved": 1}


async def test_a_notice_of_illegality_is_told_and_an_ordinary_report_is_not(stage, mona):
    noticed, reported = await stage.comment("n", "nora"), await stage.comment("r", "rosa")
    await stage.report(noticed, "phishing", "anna", is_notice=True, law="§ 263a StGB")
    await stage.report(reported, "phishing", "anna")
    for ref in (noticed, reported):
        await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (told,), (silent,) = await stage.statements("nora"), await stage.statements("rosa")
    assert (told.statement.after_notice, told.statement.law) == (True, None)
    assert silent.statement.after_notice is False


async def test_that_a_notice_was_a_trusted_flaggers_is_told_to_no_creator(stage, mona):
    for name, is_flagged in (("nora", False), ("rosa", True)):
        ref = await stage.comment(f"of {name}", name)
        by = {"is_notice": True, "law": "an act", "by_trusted_flagger": is_flagged}
        await stage.report(ref, "phishing", "a body", **by)
        await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    told = [
        statement_text(read.statement, "en").replace(name, "somebody")
        for name in ("nora", "rosa")
        for read in await stage.statements(name)
    ]
    assert len(told) == 2
    assert told[0] == told[1]


async def test_a_hold_that_a_human_confirms_was_partially_automated(stage, mona):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    removal, _ = await stage.statements()
    assert removal.statement.automated_decision is Automation.PARTIALLY


async def test_a_removed_video_is_known_from_then_on_and_verified_where_that_is_allowed(
    stage, mona
):
    for name, guideline in (("v1", "intimate_images"), ("v2", "nudity")):
        ref = await stage.video(name)
        await keep_hashes(stage, ref)
        await stage.decide(ref, mona, "remove", guideline)
    known = await stage.rows(
        "select guideline, verified, length(hashes) as bytes from known_content"
    )
    assert sorted(tuple(row.values()) for row in known) == [
        ("intimate_images", True, 64),
        ("nudity", False, 64),
    ]


async def test_a_machine_removes_verified_known_content_and_says_so(stage):
    ref = await stage.video()
    await by_machine(stage, ref, "intimate_images")
    (read,) = await stage.statements()
    assert await stage.level(ref) is Level.REMOVED
    assert read.statement.automated_decision is Automation.FULLY
    assert read.appeal_until is not None
    assert await stage.rows("select kind, automation, decided_by from decisions") == [
        {"kind": "machine", "automation": "fully", "decided_by": None}
    ]


async def test_a_machine_leaves_a_case_to_the_moderator_who_has_it(stage, mona):
    ref = await stage.video()
    await stage.scan(ref)
    case_id = await stage.enqueue(ref)
    await take_case(stage.system, mona, None, stage.now)
    assert await by_machine(stage, ref, "intimate_images") is None
    await stage.submit(case_id, mona, "no_violation")
    assert await stage.level(ref) is Level.PUBLIC


async def test_a_machine_removes_nothing_else(stage):
    ref = await stage.video()
    with pytest.raises(MachineMayNotRemoveError):
        await by_machine(stage, ref, "nudity")


@pytest.mark.parametrize(
    ("error", "given"),
    [
        (UnknownGuidelineError, {"guideline": "no_such_thing"}),
        (GuidelineNotForKindError, {"guideline": "underage_account"}),
        (UnknownExampleError, {"guideline": "phishing", "observed": (99,)}),
        (NoMomentsError, {"guideline": "phishing", "moments": (Moment(start_ms=0, end_ms=1),)}),
    ],
)
async def test_a_decision_that_the_guidelines_do_not_allow_changes_nothing(
    stage, mona, error, given
):
    ref = await stage.comment()
    case_id = await stage.enqueue(ref)
    await take_case(stage.system, mona, None, stage.now)
    with pytest.raises(error):
        await stage.submit(case_id, mona, "remove", **given)
    assert await stage.rows("select 1 from decisions") == []
    assert await stage.rows("select state from cases") == [{"state": "leased"}]


async def test_a_case_is_decided_once(stage, mona):
    ref = await stage.comment()
    case_id = await stage.enqueue(ref)
    with pytest.raises(StepNotAllowedError):
        await stage.submit(case_id, mona, "no_violation")
    await take_case(stage.system, mona, None, stage.now)
    answers = await asyncio.gather(
        *(stage.submit(case_id, mona, "no_violation") for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, StepNotAllowedError) for each in answers) == 2
    with pytest.raises(UnknownCaseError):
        await stage.submit(stage.system.new_id(), mona, "no_violation")


async def test_a_crash_in_the_middle_leaves_nothing_half(stage, mona, monkeypatch):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    case_id = await stage.enqueue(ref)
    await take_case(stage.system, mona, None, stage.now)
    before = await everything(stage)

    async def crash(*_, **__):
        raise ConnectionResetError

    monkeypatch.setattr("underseal.flow.settle.intend", crash)
    with pytest.raises(ConnectionResetError):
        await stage.submit(case_id, mona, "remove", "phishing")
    assert await everything(stage) == before
    monkeypatch.undo()
    await stage.submit(case_id, mona, "remove", "phishing")
    await stage.tick()
    assert await stage.level(ref) is Level.REMOVED


async def test_a_moderator_with_another_case_does_not_decide_this_one(stage, mona):
    one, other = await stage.enqueue(await stage.comment("a")), None
    other = await stage.enqueue(await stage.comment("b"))
    nils = await stage.moderator("nils")
    lease = await take_case(stage.system, mona, None, stage.now)
    await take_case(stage.system, nils, None, stage.now)
    (theirs,) = {one, other} - {lease.case_id}
    with pytest.raises(NotLeasedError):
        await stage.submit(theirs, mona, "no_violation")


async def everything(stage) -> dict[str, list]:
    """All that a decision may touch, in an order that does not matter."""
    tables = ("decisions", "cases", "effects", "statements", "events", "credits", "track_records",
              "commitments", "subjects", "visibility", "messages", "chain_heads")  # fmt: skip
    return {table: sorted(map(str, await stage.rows(f"select * from {table}"))) for table in tables}


async def keep_hashes(stage, ref) -> None:
    async with stage.system.db.transaction(Role.CORE) as conn:
        scan = TakenScan(
            subject_id=ref.subject_id, version=1, run=1, cause=ScanCause.REGISTERED, attempts=1
        )
        frames = [(0, 99), (1000, 80), (2000, 10)]
        hashes = [FrameHash(at_ms=at, hash=bytes([at % 251] * 32), quality=q) for at, q in frames]
        await add_frame_hashes(conn, scan, hashes)


async def by_machine(stage, ref, guideline):
    async with stage.system.db.transaction(Role.CORE) as conn:
        await lock_chain(conn, ref.subject_id)
        subject = await load_subject(conn, ref.subject_id)
        return await decide_by_machine(
            conn, stage.system, subject, guideline, stage.now + timedelta(seconds=1)
        )
