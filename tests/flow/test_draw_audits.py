"""Audits by chance: drawn once a day from what was seen, by nothing that a report could move."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from assessing import back, cases_of, published

from underseal.core.figures import Share
from underseal.core.prevalence import BLIND, Readers
from underseal.flow.draw_audits import TOLD_LATE, draw_audits
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_prevalence import read_prevalence
from underseal.store.roles import Role

NAMES = ("v1", "v2", "v3")


@pytest.fixture
def audited(stage):
    """A platform that draws forty times a day."""
    settings = replace(stage.system.settings, prevalence_audits=40)
    stage.system = replace(stage.system, settings=settings)
    return stage


async def seen(stage, views: dict[str, int]) -> dict:
    """Let videos be published and watched, and the day be over."""
    refs = {name: await published(stage, name) for name in views}
    for name, ref in refs.items():
        await stage.watch(ref, 0, views[name])
    await next_day(stage)
    return refs


async def next_day(stage) -> None:
    day = stage.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    stage.now = day + TOLD_LATE
    await stage.tick(hours=0)


async def draws(stage) -> list[dict]:
    return await stage.rows("select * from prevalence_draws order by day, subject_id")


async def test_a_day_is_drawn_from_once_with_probabilities_that_add_up(audited):
    refs = await seen(audited, {"v1": 10, "v2": 200, "v3": 3_000})
    assert await draw_audits(audited.system, audited.now) == len(await draws(audited))
    (day,) = await audited.rows("select * from prevalence_days")
    assert (day["views"], day["draws"]) == (3_210, 40)
    drawn = await draws(audited)
    assert sum(row["times"] for row in drawn) == 40
    by_subject = {row["subject_id"]: row for row in drawn}
    assert by_subject[refs["v3"].subject_id]["probability"] == pytest.approx(3_000 / 3_210)
    assert {row["guidelines_version"] for row in drawn} == {audited.system.guidelines.version}
    await draw_audits(audited.system, audited.now)
    await draw_audits(audited.system, audited.now + timedelta(hours=5))
    assert await draws(audited) == drawn


async def test_a_day_is_drawn_from_when_it_is_over_and_what_nobody_saw_is_not(audited):
    refs = await seen(audited, {"v1": 10, "v2": 0})
    await draw_audits(audited.system, audited.now - TOLD_LATE)
    assert await draws(audited) == []
    await draw_audits(audited.system, audited.now)
    assert {row["subject_id"] for row in await draws(audited)} == {refs["v1"].subject_id}


async def test_no_audits_are_drawn_where_none_are_wanted(audited):
    settings = replace(audited.system.settings, prevalence_audits=0)
    audited.system = replace(audited.system, settings=settings)
    await seen(audited, {"v1": 10})
    assert await draw_audits(audited.system, audited.now) == 0
    assert await audited.rows("select 1 from prevalence_days") == []


async def test_what_machines_find_likelier_is_drawn_more_often_than_its_views(audited):
    calm, hot = [await audited.video(name) for name in ("calm", "hot")]
    await audited.scan(hot, bullying=2.0)
    await audited.assess()
    for ref in (calm, hot):
        await audited.watch(ref, 0, 500)
    await next_day(audited)
    await draw_audits(audited.system, audited.now)
    share = {row["subject_id"]: row["probability"] for row in await draws(audited)}
    assert share[hot.subject_id] > 0.5 > share[calm.subject_id] > BLIND / 2


async def test_nothing_about_a_report_changes_the_draw(stage):
    """Two platforms alike but for reports, of which one was even decided: the same draw."""
    told = []
    for is_reported in (False, True):
        stage.system = replace(stage.system, draw=random.Random(7).random)
        names = [f"{name}{'r' if is_reported else 'q'}" for name in NAMES]
        refs = [await published(stage, name) for name in names]
        if is_reported:
            await back(stage, refs[0], "bullying", *[f"r{number}" for number in range(5)])
            await stage.report(refs[1], "phishing", "a", None)
            await stage.assess()
            mona = await stage.moderator("mona")
            await stage.decide(refs[1], mona, "no_violation")
        for views, ref in zip((50, 400, 20), refs, strict=True):
            await stage.watch(ref, 0, views)
        await next_day(stage)
        await draw_audits(stage.system, stage.now)
        place = {ref.subject_id: at for at, ref in enumerate(refs)}
        told.append({
            place[row["subject_id"]]: (row["probability"], row["nats"], row["views"])
            for row in await draws(stage)
            if row["subject_id"] in place
        })  # fmt: skip
    both = told[0].keys() & told[1].keys()
    assert len(both) >= 2
    assert all(told[0][at] == told[1][at] for at in both)


async def test_an_audit_reads_like_any_other_case(audited):
    quiet, spoken = [await audited.video(name) for name in ("quiet", "spoken")]
    await audited.scan(spoken, bullying=1.0)
    await audited.assess()
    for ref in (quiet, spoken):
        await audited.watch(ref, 0, 300)
    await next_day(audited)
    await draw_audits(audited.system, audited.now)
    rows = await audited.rows(
        "select because, lane, guideline, due_at > now() - interval '100 years' as has_clock "
        "from cases where state = 'queued'"
    )
    assert len(rows) == 2
    for row in rows:
        assert row["because"].startswith(("A low probability of ", "A medium probability of "))
        assert row["because"].endswith(" views an hour.")
        assert row["lane"] == "ordinary"
        assert row["guideline"] is not None
        assert row["has_clock"]
        assert not {"audit", "chance", "drawn", "prevalence"} & set(row["because"].lower().split())


async def test_what_chance_has_drawn_is_owed_a_look_and_a_suspicion_is_not(audited):
    refs = await seen(audited, {"drawn": 100, "suspected": 100})
    suspicion = {"duty_from": None, "due_at": audited.now + timedelta(days=14)}
    await audited.enqueue(refs["suspected"], **suspicion)
    assert await draw_audits(audited.system, audited.now) == 1
    found = await audited.rows("select duty_from from cases")
    assert len(found) == 2
    for case in found:
        assert audited.now < case["duty_from"] < audited.now + timedelta(days=14)


async def test_who_has_a_case_keeps_it_and_its_decision_is_the_answer(audited):
    refs = await seen(audited, {"v1": 100})
    await audited.enqueue(refs["v1"])
    before = await cases_of(audited, refs["v1"])
    assert await draw_audits(audited.system, audited.now) == 0
    assert await cases_of(audited, refs["v1"]) == before
    mona = await audited.moderator("mona")
    await audited.judge(mona, "remove", "bullying")
    async with audited.system.db.transaction(Role.CONSOLE) as conn:
        found = await read_prevalence(conn, date(2026, 11, 1), date(2027, 1, 1), None)
    assert (found.overall.value, found.overall.audits, found.waiting) == (1.0, 40, 0)
    assert list(found.by_guideline) == ["bullying"]


async def test_what_was_drawn_is_asked_about_until_somebody_has_decided(audited):
    refs = await seen(audited, {"v1": 100})
    assert await draw_audits(audited.system, audited.now) == 1
    assert await draw_audits(audited.system, audited.now) == 0
    mona = await audited.moderator("mona")
    await audited.judge(mona, "no_violation")
    assert await draw_audits(audited.system, audited.now) == 0
    assert [case["state"] for case in await cases_of(audited, refs["v1"])] == ["decided"]


async def test_a_new_version_is_not_what_was_drawn(audited):
    refs = await seen(audited, {"v1": 100})
    await draw_audits(audited.system, audited.now)
    await audited.change(refs["v1"])
    await audited.scan(refs["v1"])
    await draw_audits(audited.system, audited.now)
    assert [case["state"] for case in await cases_of(audited, refs["v1"])] == ["superseded"]
    async with audited.system.db.transaction(Role.CONSOLE) as conn:
        found = await read_prevalence(conn, date(2026, 11, 1), date(2027, 1, 1), None)
    assert (found.overall.audits, found.waiting) == (0, 40)


async def test_an_appeal_that_is_granted_changes_the_answer(audited):
    await seen(audited, {"v1": 100})
    await draw_audits(audited.system, audited.now)
    mona, leo = [await audited.moderator(name) for name in ("mona", "leo")]
    await audited.judge(mona, "remove", "phishing")

    async def share() -> float | None:
        async with audited.system.db.transaction(Role.CONSOLE) as conn:
            return (
                await read_prevalence(conn, date(2026, 11, 1), date(2027, 1, 1), None)
            ).overall.value

    assert await share() == 1.0
    await audited.tick()
    (read,) = await audited.statements()
    await audited.appeal(read.statement.id)
    await open_appeals(audited.system, audited.now)
    await audited.judge(leo, "no_violation", reasons="It is a warning about phishing, not one.")
    assert await share() == 0.0


async def test_where_people_were_tested_their_mistakes_are_taken_off(audited):
    await seen(audited, {"v1": 100, "v2": 100})
    await draw_audits(audited.system, audited.now)
    mona = await audited.moderator("mona")
    await audited.judge(mona, "remove", "bullying")
    await audited.judge(mona, "no_violation")
    tested = Readers(
        sensitivity=Share(hits=900, cases=1_000), specificity=Share(hits=900, cases=1_000)
    )
    async with audited.system.db.transaction(Role.CONSOLE) as conn:
        plain = await read_prevalence(conn, date(2026, 11, 1), date(2027, 1, 1), None)
        corrected = await read_prevalence(conn, date(2026, 11, 1), date(2027, 1, 1), tested)
    assert corrected.overall.value == pytest.approx((plain.overall.value - 0.1) / 0.8)
    assert corrected.by_guideline == plain.by_guideline


async def test_nothing_that_anybody_outside_can_reach_is_written_by_a_draw(audited):
    refs = await seen(audited, {"v1": 100, "v2": 5})
    await audited.report(refs["v1"], "bullying", "a")
    await audited.assess()
    everything = await audited.rows(
        "select c.relname from pg_class c where c.relnamespace = 'underseal'::regnamespace "
        "and c.relkind = 'r' and has_table_privilege(c.oid, 'select')"
    )
    tables = [row["relname"] for row in everything]

    async def counts() -> dict[str, object]:
        return {
            name: (
                await audited.rows(
                    f"select md5(string_agg(t::text, ' ' order by t::text)) as all from {name} t"
                )
            )
            for name in tables
        }

    before = await counts()
    assert await draw_audits(audited.system, audited.now) == 2
    after = await counts()
    assert {name for name in tables if before[name] != after[name]} == {
        "cases",
        "prevalence_days",
        "prevalence_draws",
    }
