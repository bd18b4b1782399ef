import asyncio
from datetime import timedelta

import asyncpg
import pytest

from underseal.core.case import CaseKind, SameModeratorError
from underseal.core.reasons import ReasonsLengthError, ReasonsQuoteError
from underseal.core.statement import StatementKind
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.flow.creator_view import read_appeals
from underseal.flow.decide import HarsherOnAppealError
from underseal.flow.open_appeal import open_appeals
from underseal.flow.take_case import take_case
from underseal.store.roles import Role

REASONS = "The link leads to the real bank, as anybody can see."
CARL = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="carl").subject_id


async def test_an_appeal_is_opened_once_in_a_round_of_its_own(stage, appealed):
    ref, mona = appealed
    await stage.report(ref, "phishing", "anna")
    assert (
        await asyncio.gather(*(open_appeals(stage.system, stage.now) for _ in range(3))) == [0] * 3
    )
    (case,) = await stage.rows("select round, not_for, reviews from cases where kind = 'appeal'")
    (subject,) = await stage.rows(
        "select round from subjects where subject_id = $1", ref.subject_id
    )
    (first,) = await stage.rows("select decision_id from decisions")
    assert case == {"round": 3, "not_for": [mona], "reviews": first["decision_id"]}
    assert subject == {"round": 2}


async def test_a_review_and_an_appeal_of_one_subject_do_not_touch_each_other(stage, appealed):
    ref, mona = appealed
    nils = await stage.moderator("nils")
    await stage.report(ref, "spam", "anna")
    review = await stage.enqueue(ref, rate=5)
    taken = await take_case(stage.system, mona, CaseKind.REVIEW, stage.now)
    assert taken.case_id == review
    await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
    await stage.submit(review, mona, "label", "spam")
    rounds = await stage.rows("select round, kind from decisions order by round")
    assert [tuple(row.values()) for row in rounds] == [(1, "review"), (2, "review"), (3, "appeal")]
    (subject,) = await stage.rows(
        "select round from subjects where subject_id = $1", ref.subject_id
    )
    assert subject == {"round": 4}


async def test_who_decided_first_does_not_decide_the_appeal_in_the_flow(stage, appealed):
    _, mona = appealed
    async with stage.system.db.transaction(Role.CORE) as conn:
        case_id = await conn.fetchval("select case_id from cases where kind = 'appeal'")
        await conn.execute(
            "update cases set not_for = '{}', state = 'leased', leased_by = $1, leased_until = $2 "
            "where kind = 'appeal'",
            mona,
            stage.now + timedelta(hours=1),
        )
    with pytest.raises(SameModeratorError):
        await stage.submit(case_id, mona, "no_violation", reasons=REASONS)


async def test_who_decided_first_does_not_decide_the_appeal_in_the_database(stage, appealed):
    ref, mona = appealed
    nils = await stage.moderator("nils")
    insert = """
        insert into decisions (decision_id, subject_id, round, version, kind, outcome,
            guidelines_version, finding, automation, decided_by, reviews, first_deciders, reasons,
            decided_at)
        select gen_random_uuid(), subject_id, 3, 1, 'appeal', 'no_violation', guidelines_version,
            'no_violation', 'not_automated', $1, decision_id, array[$2::uuid], 'because', decided_at
        from decisions where subject_id = $3"""
    for first in (mona, nils):  # the truth is refused, and so is a lie about who it was
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with stage.system.db.transaction(Role.CORE) as conn:
                await conn.execute(insert, mona, first, ref.subject_id)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute(insert, nils, mona, ref.subject_id)


async def test_a_refused_appeal_is_final_and_explained(stage, appealed):
    ref, _ = appealed
    nils = await stage.moderator("nils")
    await stage.judge(nils, "remove", "phishing", kind=CaseKind.APPEAL, reasons=REASONS)
    (waiting,) = await read_appeals(stage.system.db, CARL)
    assert (waiting.state, waiting.reasons, waiting.decided_at) == ("lodged", None, None)
    done = await stage.tick()
    assert await stage.level(ref) is Level.REMOVED
    (told,) = await read_appeals(stage.system.db, CARL)
    assert (told.state, told.reasons, told.decided_at) == ("refused", REASONS, done.tick)
    upheld, first = await stage.statements()
    assert upheld.statement.kind is StatementKind.APPEAL_UPHELD
    assert upheld.statement.reasons == REASONS
    assert upheld.appeal_until is None
    standing = await stage.standing()
    assert (standing.points, len(standing.active)) == (4, 1)
    assert first.statement.kind is StatementKind.REMOVAL


async def test_an_appeal_is_not_decided_for_something_harsher(stage):
    ref, mona, nils = (
        await stage.comment(),
        await stage.moderator("mona"),
        await stage.moderator("nils"),
    )
    await stage.decide(ref, mona, "label", "self_injury")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    with pytest.raises(HarsherOnAppealError):
        await stage.judge(nils, "remove", "phishing", kind=CaseKind.APPEAL, reasons=REASONS)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        ("", ReasonsLengthError),
        ("too short", ReasonsLengthError),
        ("We agree: they ask for MY password, here!", ReasonsQuoteError),
    ],
)
async def test_reasons_are_given_and_quote_no_reporter(stage, reasons, error):
    ref, mona, nils = (
        await stage.comment(),
        await stage.moderator("mona"),
        await stage.moderator("nils"),
    )
    await stage.report(ref, "phishing", "anna", note="look")
    await stage.report(ref, "phishing", "anna", note="They ask for my password here.")
    await stage.decide(ref, mona, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    with pytest.raises(error):
        await stage.judge(nils, "no_violation", kind=CaseKind.APPEAL, reasons=reasons)
    assert len(await stage.rows("select 1 from decisions")) == 1


async def test_an_appeal_that_waits_too_long_is_an_incident(stage, appealed):
    await stage.tick(hours=25)
    assert await stage.rows("select kind from incidents") == [{"kind": "review_overdue"}]
