import pytest

from underseal.core.case import CaseKind
from underseal.core.statement import StatementKind
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import PUBLIC, Level
from underseal.flow.creator_view import read_appeals
from underseal.flow.decide_by_machine import decide_by_machine
from underseal.flow.open_appeal import open_appeals
from underseal.store.ledger import lock_chain
from underseal.store.roles import Role
from underseal.store.scans import FrameHash, ScanCause, TakenScan, add_frame_hashes
from underseal.store.subjects import load_subject
from underseal.store.visibility import Basis

REASONS = "It shows a doctor at work, which the guidelines allow."


@pytest.fixture
async def moderators(stage):
    return await stage.moderator("mona"), await stage.moderator("nils")


async def appeal_last(stage, creator="carl"):
    newest, *_ = await stage.statements(creator)
    await stage.appeal(newest.statement.id, creator)
    await open_appeals(stage.system, stage.now)


async def test_a_granted_appeal_puts_everything_back(stage, moderators):
    mona, nils = moderators
    ref = await stage.video()
    await stage.scan(ref)
    async with stage.system.db.transaction(Role.CORE) as conn:
        scan = TakenScan(
            subject_id=ref.subject_id, version=1, run=1, cause=ScanCause.REGISTERED, attempts=1
        )
        await add_frame_hashes(conn, scan, [FrameHash(at_ms=0, hash=bytes(32), quality=99)])
    await stage.decide(ref, mona, "no_violation")
    await stage.report(ref, "nudity", "anna", "bert")
    await stage.report(ref, "sexual_activity", "cora")
    before = await stage.rows("select * from track_records where resolved > 0")

    await stage.decide(ref, mona, "remove", "nudity")
    await stage.tick(hours=7 * 24)
    assert await stage.level(ref) is Level.REMOVED
    assert (await stage.standing()).points == 1
    records = await stage.rows("select right_weight, resolved from track_records")
    assert sorted(tuple(row.values()) for row in records) == [(0.5, 1), (1.0, 1), (1.0, 1)]

    await appeal_last(stage)
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    assert await stage.level(ref) is Level.REMOVED
    done = await stage.tick()

    shown = await stage.shown(ref)
    assert (shown.visibility, shown.basis, shown.statement_id) == (PUBLIC, Basis.NONE, None)
    standing = await stage.standing()
    assert (standing.points, len(standing.active), len(standing.past)) == (0, 0, 1)
    assert before == []
    # What the first decision gave is gone; that it was in error is held against nobody for long.
    after = await stage.rows("select right_weight, wrong_weight, resolved from track_records")
    assert all(abs(row["right_weight"]) < 1e-9 for row in after)
    assert sorted(row["wrong_weight"] for row in after) == [0.25, 0.25, 0.25]
    assert {row["resolved"] for row in after} == {1}
    assert await stage.rows("select retired_on from known_content") == [
        {"retired_on": stage.now.date()}
    ]
    reversed_, _ = await stage.statements()
    assert reversed_.statement.kind is StatementKind.APPEAL_REVERSED
    assert reversed_.statement.reasons == REASONS
    carl = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl").subject_id
    (appeal,) = await read_appeals(stage.system.db, carl)
    assert (appeal.state, appeal.decided_at) == ("granted", done.tick)


async def test_reporters_are_told_of_the_reversal_when_the_creator_is(stage, moderators):
    mona, nils = moderators
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    await appeal_last(stage)
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    query = "select state, changed_at from receipt_states where round = 1"
    ((first,),) = (await stage.rows(query),)
    assert first["state"] == "action_taken"
    done = await stage.tick()
    assert await stage.rows(query) == [{"state": "no_violation", "changed_at": done.tick}]


async def test_an_appeal_granted_in_part_leaves_the_milder_measure_and_no_strike(stage, moderators):
    mona, nils = moderators
    ref = await stage.comment()
    await stage.decide(ref, mona, "remove", "self_injury")
    await stage.tick()
    await appeal_last(stage)
    await stage.judge(nils, "age_restrict", "self_injury", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.age_restricted) == (Level.PUBLIC, True)
    newest, *_ = await stage.statements()
    assert shown.statement_id == newest.statement.id
    assert (await stage.standing()).points == 0


async def test_what_another_decision_led_to_stands(stage, moderators):
    mona, nils = moderators
    ref = await stage.comment()
    await stage.decide(ref, mona, "label", "crisis_misinfo")
    await stage.tick()
    (label,) = await stage.statements()
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    await appeal_last(stage)
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.labelled) == (Level.PUBLIC, True)
    assert shown.statement_id == label.statement.id


async def test_a_hold_of_a_new_round_outlasts_an_appeal_and_ends_with_its_own_decision(
    stage, moderators
):
    mona, nils = moderators
    ref = await stage.comment()
    await stage.decide(ref, mona, "age_restrict", "self_injury")
    await stage.tick()
    await appeal_last(stage)
    await stage.hold(ref, "phishing")
    began = await stage.tick()
    hold, *_ = await stage.statements()
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.visibility.age_restricted) == (Level.HELD, False)
    assert shown.statement_id == hold.statement.id
    assert (shown.expires_at - began.tick).total_seconds() == 24 * 3600
    await stage.decide(ref, nils, "no_violation")
    await stage.tick()
    assert (await stage.shown(ref)).visibility == PUBLIC


async def test_what_a_machine_decided_is_appealed_against_and_undone_as_well(stage, moderators):
    mona, _ = moderators
    ref = await stage.video()
    await stage.scan(ref)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await lock_chain(conn, ref.subject_id)
        subject = await load_subject(conn, ref.subject_id)
        await decide_by_machine(conn, stage.system, subject, "intimate_images", stage.now)
    assert (await stage.standing()).points == 4
    await appeal_last(stage)
    await stage.judge(mona, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.tick()
    assert (await stage.shown(ref)).visibility == PUBLIC
    assert (await stage.standing()).points == 0
