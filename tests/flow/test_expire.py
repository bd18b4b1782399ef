from dataclasses import replace
from datetime import timedelta

from underseal.core.effect import IntendedEffect, Reason
from underseal.core.guideline import GuidelineId
from underseal.core.unreported import unheard
from underseal.core.visibility import Level
from underseal.flow.answer_once import ANSWER_KEPT
from underseal.flow.expire import sweep
from underseal.flow.hold import intend_effect
from underseal.flow.system import LEASE
from underseal.flow.take_case import take_case
from underseal.store.ledger import lock_chain
from underseal.store.roles import Role
from underseal.store.subjects import load_subject

BELIEVED = replace(unheard(GuidelineId("phishing"), 3.0), machine=3.0)


async def test_a_hold_that_nobody_decides_becomes_less_reach_and_an_incident(stage):
    ref = await stage.comment()
    await stage.hold(ref, "phishing")
    await stage.enqueue(ref)
    began = await stage.tick()
    shown = await stage.shown(ref)
    assert shown.expires_at == began.tick + timedelta(hours=24)

    await stage.tick(hours=23)
    assert await stage.level(ref) is Level.HELD
    done = await stage.tick()

    assert done.expired == 1
    shown = await stage.shown(ref)
    assert (shown.visibility.level, shown.expires_at) == (Level.NOT_RECOMMENDED, None)
    newest, hold = await stage.statements()
    assert newest.statement.visibility.level is Level.NOT_RECOMMENDED
    assert hold.statement.expires_at == done.tick
    assert await stage.rows("select kind, raised_at from incidents") == [
        {"kind": "hold_expired", "raised_at": done.tick}
    ]
    assert await stage.rows("select state from cases") == [{"state": "queued"}]
    types = [row["type"] for row in await stage.rows("select type from messages")]
    assert types.count("incident.raised") == 1


async def test_what_was_decided_takes_the_place_of_a_hold_that_runs_out(stage):
    ref, mona = await stage.comment(), await stage.moderator("mona")
    await stage.hold(ref, "bullying")
    await stage.tick()
    await stage.tick(hours=23)
    await stage.decide(ref, mona, "remove", "bullying")
    done = await stage.tick()
    assert await stage.level(ref) is Level.REMOVED
    assert (done.disclosed, done.expired) == (1, 0)
    assert await stage.rows("select 1 from incidents") == []


async def test_a_hold_that_ran_out_is_decided_all_the_same(stage):
    ref, mona = await stage.comment(), await stage.moderator("mona")
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.tick(hours=24)
    await stage.decide(ref, mona, "no_violation")
    await stage.tick()
    assert await stage.level(ref) is Level.PUBLIC
    assert await stage.rows("select 1 from incidents where closed_at is null") == []


async def test_lost_leases_are_queued_and_old_answers_forgotten(stage):
    mona = await stage.moderator("mona")
    await stage.enqueue(await stage.comment())
    await take_case(stage.system, mona, None, stage.now)
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute(
            "insert into api_keys values ('abcdefghijkl', $1, $2, '{}', null, $3)",
            mona,
            bytes(32),
            stage.now.date(),
        )
        for key, age in (("old", ANSWER_KEPT), ("new", timedelta(0))):
            await conn.execute(
                "insert into idempotent_answers (key_id, idempotency_key, fingerprint, started_at) "
                "values ('abcdefghijkl', $1, $2, $3)",
                key,
                bytes(32),
                stage.now - age,
            )
    await sweep(stage.system, stage.now + LEASE)
    assert await stage.rows("select state, leased_by from cases") == [
        {"state": "queued", "leased_by": None}
    ]
    kept = await stage.rows("select idempotency_key from idempotent_answers")
    assert kept == [{"idempotency_key": "new"}]


async def test_a_hold_that_ran_out_is_not_followed_by_another_unseen(stage):
    ref, mona = await stage.comment(), await stage.moderator("mona")
    await stage.hold(ref, "phishing")
    await stage.tick()
    await stage.tick(hours=24)
    await hold_again(stage, ref)
    await stage.tick()
    assert await stage.level(ref) is Level.NOT_RECOMMENDED
    await stage.decide(ref, mona, "no_violation")
    await hold_again(stage, ref)
    await stage.tick()
    assert await stage.level(ref) is Level.HELD


async def hold_again(stage, ref) -> None:
    """What an assessment does that still finds a hold to cost least."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        await lock_chain(conn, ref.subject_id)
        await intend_effect(
            conn,
            stage.system,
            await load_subject(conn, ref.subject_id),
            IntendedEffect(
                level=Level.HELD, guideline=GuidelineId("phishing"), reason=Reason.MACHINE
            ),
            assessment=BELIEVED,
            published=True,
            now=stage.now,
        )
