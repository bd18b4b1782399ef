"""What newcomers are believed is learnt once a quarter, and used by all assessments of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg
import pytest

from underseal.core.case import CaseKind
from underseal.core.confusion import SIBLING_SHARE, learn_siblings
from underseal.core.evidence import REPORTED, Weighting
from underseal.core.guideline import TopicId
from underseal.core.ledger import EventKind
from underseal.core.prior import DEFAULT_PRIOR
from underseal.flow.audit import audit_all
from underseal.flow.audit_subject import FindingKind
from underseal.flow.explain import explain_subject
from underseal.flow.learn_priors import learn_priors, priors_in_force
from underseal.flow.open_appeal import open_appeals
from underseal.store.connection import session
from underseal.store.priors import all_priors, confusions, judged_reports, newest_priors
from underseal.store.roles import Role

AUTUMN, WINTER = date(2026, 10, 1), date(2027, 1, 1)
IN_WINTER = datetime(2027, 1, 2, 12, 0, tzinfo=UTC)
SCAM = TopicId("scam")


async def newest(stage):
    async with stage.system.db.transaction(Role.CORE) as conn:
        return await newest_priors(conn)


async def in_force(stage, system=None):
    async with stage.system.db.transaction(Role.CORE) as conn:
        return await priors_in_force(conn, system or stage.system)


async def be_right(stage, *reporters: str, times: int = 4) -> None:
    """People report comments that are removed for it."""
    mona = await stage.moderator("mona")
    for number in range(times):
        ref = await stage.comment(f"right-{number}")
        await stage.report(ref, "phishing", *reporters)
        await stage.assess()
        await stage.decide(ref, mona, "remove", "phishing")


async def test_where_nobody_was_judged_the_default_is_learnt(stage):
    assert await learn_priors(stage.system, stage.now)
    learnt = await newest(stage)
    assert learnt.learnt_in == AUTUMN
    assert set(learnt.priors) == {topic.id for topic in stage.system.guidelines.topics}
    assert set(learnt.priors.values()) == {DEFAULT_PRIOR}


async def test_the_records_of_a_topic_teach_it_and_no_other(stage):
    await be_right(stage, *(f"reporter-{number}" for number in range(10)))
    await learn_priors(stage.system, stage.now)
    priors = (await newest(stage)).priors
    assert priors.pop(SCAM).precision > DEFAULT_PRIOR.precision + 0.05
    assert set(priors.values()) == {DEFAULT_PRIOR}


async def test_a_quarter_is_learnt_once_and_the_next_one_anew(stage):
    assert await learn_priors(stage.system, stage.now)
    await be_right(stage, "anna", "bert")
    assert not await learn_priors(stage.system, stage.now)
    assert (await newest(stage)).priors[SCAM] == DEFAULT_PRIOR
    assert await learn_priors(stage.system, IN_WINTER)
    learnt = await newest(stage)
    assert learnt.learnt_in == WINTER
    assert learnt.priors[SCAM].precision > DEFAULT_PRIOR.precision


async def test_a_clock_that_jumps_back_learns_nothing(stage):
    assert await learn_priors(stage.system, IN_WINTER)
    assert not await learn_priors(stage.system, stage.now)
    assert (await newest(stage)).learnt_in == WINTER


async def test_an_assessment_says_which_priors_it_used_and_explains_them(stage):
    ref = await stage.comment()
    await stage.report(ref, "phishing", "dora")
    await stage.assess()
    assert "right 26.0% of the time, a belief worth 4 reports (the default)" in " ".join(
        await explain_subject(stage.system, ref)
    )
    await be_right(stage, *(f"reporter-{number}" for number in range(10)))
    await learn_priors(stage.system, stage.now)
    await stage.report(ref, "phishing", "emil")
    await stage.assess()
    told = " ".join(await explain_subject(stage.system, ref))
    prior = (await newest(stage)).priors[SCAM]
    assert f"right {prior.precision:.1%} of the time" in told
    assert "learnt in the quarter from 2026-10-01" in told
    assert "a report of another guideline of the topic counts 50% of one of its own" in told
    (row,) = await stage.rows(
        "select priors_of from assessments where subject_id = $1 and guideline = 'phishing'",
        ref.subject_id,
    )
    assert row["priors_of"] == AUTUMN


async def test_what_became_of_what_was_reported_teaches_what_it_says_to_be_reported(stage):
    """What was reported in autumn was broken: far more than the base rates say."""
    await be_right(stage, "anna", times=1)
    ref = await stage.comment("unreported")
    await stage.assess()
    await stage.decide(ref, await stage.moderator("nora"), "remove", "phishing")
    await learn_priors(stage.system, IN_WINTER)
    reported = {topic: each.reported for topic, each in (await newest(stage)).priors.items()}
    assert reported.pop(SCAM) > max(reported.values()) > 0.5
    later = await stage.comment("later")
    stage.now = IN_WINTER
    await stage.report(later, "phishing", "dora")
    await stage.assess()
    assert "  reported" in "\n".join(await explain_subject(stage.system, later))


async def test_which_guidelines_were_taken_for_which_teaches_what_a_sibling_counts(stage):
    """A guideline counts once however many named it; what an appeal has overturned does not count."""
    mona, nora = await stage.moderator("mona"), await stage.moderator("nora")
    for number, reporters in enumerate([("anna", "bert", "carl"), ("anna",)]):
        ref = await stage.comment(f"taken-{number}")
        await stage.report(ref, "investment_scam", *reporters)
        await stage.report(ref, "phishing", "dora")
        await stage.assess()
        await stage.decide(ref, (mona, nora)[number], "remove", "phishing")
    async with stage.system.db.transaction(Role.CORE) as conn:
        found = await confusions(conn, AUTUMN, WINTER)
    assert found == {("investment_scam", "phishing"): 2, ("phishing", "phishing"): 2}
    await learn_priors(stage.system, IN_WINTER)
    learnt = (await newest(stage)).priors
    expected = learn_siblings(found, stage.system.guidelines)
    assert {topic: each.sibling for topic, each in learnt.items()} == expected
    assert expected[SCAM] != SIBLING_SHARE


async def test_what_was_overturned_teaches_as_it_was_decided_in_the_end(stage):
    mona, nora = await stage.moderator("mona"), await stage.moderator("nora")
    ref = await stage.comment()
    await stage.report(ref, "phishing", "anna")
    await stage.assess()
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    assert await judged(stage) == [(1, 1)]
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    reasons = "nothing in it asks for a password"
    await stage.judge(nora, "no_violation", kind=CaseKind.APPEAL, reasons=reasons)
    assert await judged(stage) == [(1, 0)]


async def judged(stage) -> list[tuple[int, int]]:
    """How many were judged, and how many were found broken."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        found = await judged_reports(conn, AUTUMN, WINTER, REPORTED)
    return [(judged, broke) for each in found.values() for _, judged, broke in each]


async def test_on_grave_topics_newcomers_are_believed_what_they_are_by_default(stage):
    await be_right(stage, *(f"reporter-{number}" for number in range(10)))
    await learn_priors(stage.system, IN_WINTER)
    grave = {each.topic for each in stage.system.guidelines.by_id.values() if each.grave}
    used = (await in_force(stage)).by_topic
    assert grave
    assert {used[topic].precision for topic in grave} == {DEFAULT_PRIOR.precision}
    assert used[SCAM].precision > DEFAULT_PRIOR.precision


@pytest.mark.parametrize("weighting", [Weighting.OFF, Weighting.SHADOW])
async def test_where_track_records_are_not_used_neither_is_what_they_taught(stage, weighting):
    await learn_priors(stage.system, stage.now)
    settings = replace(stage.system.settings, weighting=weighting)
    used = await in_force(stage, replace(stage.system, settings=settings))
    assert (used.learnt_in, used.by_topic) == (None, {})


async def test_the_ledger_tells_what_was_learnt_and_the_audit_compares_it(stage, server):
    await be_right(stage, "anna")
    await learn_priors(stage.system, stage.now)
    rows = await stage.rows("select kind from events where kind = 'priors_learnt'")
    assert [row["kind"] for row in rows] == [EventKind.PRIORS_LEARNT]
    assert await audit_all(stage.system, ()) == ()
    async with session(stage.system.db.address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        await conn.execute(
            "update underseal.priors set precision_permille = 900 where topic = 'scam'"
        )
    (finding,) = await audit_all(stage.system, ())
    assert finding.kind is FindingKind.PRIOR
    assert finding.is_fault


async def test_when_learning_fails_nothing_is_learnt_and_assessments_go_on(stage, server):
    await learn_priors(stage.system, stage.now)
    async with session(stage.system.db.address, server.embedded.superuser()) as conn:
        await conn.execute(
            "revoke execute on function underseal.living_records from underseal_core"
        )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await learn_priors(stage.system, IN_WINTER)
    assert (await newest(stage)).learnt_in == AUTUMN
    ref = await stage.comment()
    await stage.report(ref, "phishing", "dora")
    await stage.assess()
    assert "learnt in the quarter from 2026-10-01" in " ".join(
        await explain_subject(stage.system, ref)
    )


async def test_what_was_carried_over_from_a_year_that_ended_counts_once(over):
    async def learnt():
        async with over.stage.system.db.transaction(Role.CORE) as conn:
            return {each.learnt_in: each.priors for each in await all_priors(conn)}

    await learn_priors(over.stage.system, over.stage.now)
    await over.destroy()
    await learn_priors(over.stage.system, datetime(2027, 4, 1, tzinfo=UTC))
    before, after = (await learnt()).values()
    assert before[SCAM].precision > DEFAULT_PRIOR.precision + 0.02
    assert after[SCAM].precision == pytest.approx(before[SCAM].precision, abs=0.02)
