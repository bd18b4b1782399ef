import asyncio
from datetime import timedelta

import pytest

from underseal.core.case import CaseKind
from underseal.core.guideline import GuidelineId
from underseal.flow.audit import audit_all
from underseal.flow.credit import credit_reporters, reverse_credit
from underseal.flow.open_appeal import open_appeals
from underseal.flow.take_case import take_case
from underseal.seal.pseudonym import pseudonyms
from underseal.store import ledger
from underseal.store.decisions import load_decision
from underseal.store.roles import Role

REASONS = "Somebody else has looked at it again, and this is why."


async def records(stage) -> dict[bytes, tuple]:
    rows = await stage.rows(
        "select pseudonym, topic, right_weight, wrong_weight, resolved from track_records"
    )
    return {
        (row["pseudonym"], row["topic"]): (
            round(row["right_weight"], 6), round(row["wrong_weight"], 6), row["resolved"],
        )
        for row in rows
    }  # fmt: skip


def key(stage, reporter: str, topic: str = "scams"):
    return pseudonyms(stage.system.keys, stage.now.date(), reporter).current, topic


@pytest.fixture
async def mona(stage):
    return await stage.moderator("mona")


@pytest.fixture
def topic(stage):
    return stage.system.guidelines.by_id[GuidelineId("phishing")].topic


async def decided(stage, decision_id):
    async with stage.system.db.transaction(Role.CORE) as conn:
        return (await load_decision(conn, decision_id)).decision


@pytest.mark.parametrize(
    ("outcome", "guideline", "finding", "record"),
    [
        ("remove", "phishing", "actioned", (1.0, 0.0, 1)),
        ("no_violation", None, "no_violation", (0.0, 0.25, 1)),
        ("no_violation", None, "manifestly_unfounded", (0.0, 0.25, 1)),
        ("no_violation", None, "insufficient", None),
    ],
)
async def test_a_decision_says_how_right_a_reporter_was(
    stage, mona, topic, outcome, guideline, finding, record
):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.decide(ref, mona, outcome, guideline, finding)
    assert (await records(stage)).get(key(stage, "anna", topic)) == record


async def test_another_guideline_of_the_topic_is_half_right_and_another_topic_nothing(
    stage, mona, topic
):
    siblings = [
        each.id
        for each in stage.system.guidelines.by_id.values()
        if each.topic == topic and each.id != "phishing" and "comment" in each.subjects
    ]
    ref = await stage.comment()
    await stage.report(ref, siblings[0], "anna")
    await stage.report(ref, "bullying", "bert")
    await stage.decide(ref, mona, "remove", "phishing")
    assert await records(stage) == {key(stage, "anna", topic): (0.5, 0.0, 1)}


async def test_who_has_no_account_has_no_record(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", None)
    await stage.decide(ref, mona, "remove", "phishing")
    assert await records(stage) == {}


async def test_a_report_of_what_everybody_could_see_earns_nothing(stage, mona, topic):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.report(ref, "phishing", "late")
    await stage.decide(ref, mona, "remove", "phishing")
    assert set(await records(stage)) == {key(stage, "anna", topic)}


async def test_crediting_twice_changes_nothing(stage, mona):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna", "bert")
    decision = await decided(stage, await stage.decide(ref, mona, "remove", "phishing"))
    before = await records(stage)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, ref.subject_id)
        await credit_reporters(conn, stage.system.guidelines, decision, stage.now.date())
    assert await records(stage) == before
    (event,) = await stage.rows("select body from events where kind = 'credited'")
    assert b'"credits":2' in event["body"]
    assert await audit_all(stage.system, ()) == ()


async def test_decisions_at_the_same_time_lose_nothing_of_a_shared_reporter(stage, topic):
    refs = [await stage.comment(f"c{number}") for number in range(6)]
    moderators = [await stage.moderator(f"m{number}") for number in range(6)]
    people = [f"p{number}" for number in range(10)]
    for ref in refs:
        await stage.report(ref, "phishing", *people)
        await stage.enqueue(ref)
    await asyncio.gather(*(stage.judge(each, "remove", "phishing") for each in moderators))
    expected = {key(stage, person, topic): (6.0, 0.0, 6) for person in people}
    assert await records(stage) == expected
    assert await audit_all(stage.system, ()) == ()


async def test_an_appeal_that_is_granted_takes_back_what_the_decision_gave(stage, mona, topic):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    first = await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    nils = await stage.moderator("nils")
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    assert await records(stage) == {key(stage, "anna", topic): (0.0, 0.25, 1)}
    async with stage.system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, ref.subject_id)
        (second,) = await conn.fetch("select decision_id from decisions where reviews = $1", first)
        await reverse_credit(conn, ref.subject_id, first, second["decision_id"], stage.now.date())
    assert await records(stage) == {key(stage, "anna", topic): (0.0, 0.25, 1)}
    assert await audit_all(stage.system, ()) == ()


async def test_an_appeal_decided_by_a_clock_far_behind_leaves_no_trace_either(stage, mona, topic):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    nils, right_now = await stage.moderator("nils"), stage.now
    lease = await take_case(stage.system, nils, CaseKind.APPEAL, stage.now)
    stage.now -= timedelta(days=40)
    await stage.submit(lease.case_id, nils, "no_violation", finding="insufficient", reasons=REASONS)
    stage.now = right_now
    assert await records(stage) == {key(stage, "anna", topic): (0.0, 0.0, 0)}
    assert await audit_all(stage.system, ()) == ()


async def test_a_machine_teaches_nothing_about_reporters(stage):
    ref = await stage.video()
    await stage.report(ref, "terrorism", "anna")
    await stage.scan(ref, verified=True, terrorism=9.2)
    await stage.assess()
    assert len(await stage.rows("select 1 from decisions where kind = 'machine'")) == 1
    assert await records(stage) == {}


async def test_last_years_record_counts_under_this_years_pseudonym(stage, mona, topic):
    stage.now = stage.now.replace(year=2025, month=12, day=30)
    for number in range(3):
        ref = await stage.comment(f"c{number}")
        await stage.report(ref, "phishing", "anna")
        await stage.decide(ref, mona, "remove", "phishing")
    stage.now = stage.now.replace(year=2026, month=1, day=2)
    ref = await stage.comment("new")
    await stage.report(ref, "phishing", "anna")
    await stage.assess()
    (assessed,) = await stage.rows(
        "select terms from assessments a join subjects s using (subject_id, round) "
        "where external_id = 'new'"
    )
    assert dict(map(tuple, assessed["terms"]))["proven voices"] > 0
