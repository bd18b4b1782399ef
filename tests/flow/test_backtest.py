"""History is replayed under other guidelines; nothing is changed, and nothing judges itself."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from assessing import back, effects_of, published
from stage import NOW

from underseal.core.backtest import Fate, RoundEnd
from underseal.core.evidence import Weighting
from underseal.core.guideline import GuidelineId
from underseal.core.visibility import Level
from underseal.flow.audit_cover import audit_cover
from underseal.flow.backtest import (
    BeforeHistoryError,
    NoHistoryError,
    SinceAheadError,
    backtest,
)
from underseal.flow.draw_audits import TOLD_LATE, draw_audits
from underseal.flow.open_appeal import open_appeals
from underseal.flow.past_rounds import Trial
from underseal.store.connection import session
from underseal.store.roles import Role
from underseal.store.scans import ScanCause, want_scan

BULLYING = GuidelineId("bullying")


@pytest.fixture
def ours(stage):
    """A platform whose region lets track records restrict, and that draws audits."""
    settings = replace(
        stage.system.settings, weighting=Weighting.PRIORITY_AND_THRESHOLD, prevalence_audits=20
    )
    stage.system = replace(stage.system, settings=settings)
    return stage


def with_costs(guidelines, guideline=BULLYING, *, held_speech=None, **changes):
    one = guidelines.by_id[guideline]
    if held_speech is not None:
        held = replace(one.costs[Level.HELD], speech=held_speech)
        changes["costs"] = MappingProxyType({**one.costs, Level.HELD: held})
    by_id = {**guidelines.by_id, guideline: replace(one, **changes)}
    return replace(guidelines, version="tried", by_id=MappingProxyType(by_id))


async def replay(stage, tried=None, days: int = 0, told=None):
    before = stage.system.guidelines
    trial = Trial(
        before=before, after=tried or before, since=stage.now.date() - timedelta(days=days)
    )
    steps = [] if told is None else told
    return await backtest(
        stage.system.db,
        stage.system.settings,
        trial,
        stage.now,
        lambda done, of: steps.append((done, of)),
    )


def row(result, guideline=BULLYING):
    return next(each for each in result.by_guideline if each.guideline == guideline)


async def spoken(stage, name: str, **weights: float):
    ref = await stage.video(name)
    await stage.scan(ref, **weights)
    return ref


async def everything(server, address) -> dict:
    """Every row of every table, by its hash."""
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        tables = await owner.fetch(
            "select schemaname || '.' || tablename as name from pg_tables "
            "where schemaname in ('underseal', 'vault') order by 1"
        )
        return {
            row["name"]: await owner.fetchval(
                f"select md5(string_agg(t::text, '|' order by t::text)) from {row['name']} t"
            )
            for row in tables
        }


async def test_a_cheaper_hold_would_have_held_what_people_judged_since(ours):
    mona = await ours.moderator("mona")
    bad, fine, open_ = [await spoken(ours, name, bullying=4.0) for name in ("bad", "fine", "open")]
    await ours.watch(bad, 70, 100)
    await ours.decide(bad, mona, "remove", "bullying")
    await ours.decide(fine, mona, "no_violation")
    await ours.watch(bad, 0, 5_000)
    result = await replay(ours, with_costs(ours.system.guidelines, held_speech=0.36))
    held = row(result).fates[Fate.HELD]
    assert held.before.rounds == 0
    assert (held.come.rounds, held.come.broke, held.come.cleared) == (3, 1, 1)
    assert held.come.views == 100
    assert row(result).fates[Fate.NOT_RECOMMENDED].go == held.come
    assert (result.before, result.after) == (ours.system.guidelines.version, "tried")
    assert result.rounds[RoundEnd.PERSON] == 2
    assert result.rounds[RoundEnd.NOTHING] == 1
    assert await effects_of(ours, open_) == []


async def test_guidelines_in_force_lead_to_what_they_led_to(ours):
    """Replayed before anybody has decided, a hold is found where one was intended."""
    refs = [await spoken(ours, f"v{number}", bullying=2.0 * number) for number in range(5)]
    await ours.assess()
    intended = [
        {"held": Fate.HELD, "not_recommended": Fate.NOT_RECOMMENDED}[effect["level"]]
        for ref in refs
        for effect in await effects_of(ours, ref)
    ]
    result = await replay(ours)
    for fate in (Fate.HELD, Fate.NOT_RECOMMENDED):
        assert row(result).fates[fate].before.rounds == intended.count(fate)
    assert Fate.HELD in intended
    queued = await ours.rows("select count(*) as n from cases")
    assert result.overall.fates[Fate.QUEUED].before.rounds == queued[0]["n"]


async def test_what_reports_led_to_is_found_again_after_the_decision(ours):
    ref = await published(ours)
    await ours.watch(ref, 60, 60)
    await back(ours, ref, "bullying", "anna", "bert", "cleo")
    mona = await ours.moderator("mona")
    await ours.assess()
    before = await replay(ours)
    await ours.decide(ref, mona, "remove", "bullying")
    after = await replay(ours)
    restricted = (Fate.HELD, Fate.NOT_RECOMMENDED)
    seen = {fate: row(before).fates[fate].before.rounds for fate in restricted}
    assert sum(seen.values()) == 1
    assert {fate: row(after).fates[fate].before.rounds for fate in restricted} == seen
    assert row(after).by_reports_alone


async def watched(stage, name: str, *reporters: str):
    """A comment by somebody of its own, that a crowd has watched and some have reported."""
    ref = await stage.comment(name, f"creator of {name}")
    await stage.watch(ref, 60, 200)
    await stage.report(ref, "bullying", *reporters)
    return ref


async def test_records_are_those_of_then_not_what_the_round_or_later_ones_have_taught(ours):
    mona = await ours.moderator("mona")
    reporters = ("anna", "bert", "cleo")
    first = await watched(ours, "first", *reporters)
    await ours.decide(first, mona, "remove", "bullying")
    for reporter in reporters:
        for number in range(3):
            other = await watched(ours, f"{reporter}-{number}", reporter)
            await ours.decide(other, mona, "remove", "bullying")
    restricted = (Fate.HELD, Fate.NOT_RECOMMENDED)
    unproven = row(await replay(ours))
    assert unproven.named.rounds == 10
    assert [unproven.fates[fate].before.rounds for fate in restricted] == [0, 0]
    ours.now += timedelta(days=1)
    await watched(ours, "last", *reporters)
    proven = row(await replay(ours))
    assert sum(proven.fates[fate].before.rounds for fate in restricted) == 1


async def test_the_last_word_counts_and_the_round_of_an_appeal_does_not(ours):
    mona, ada = await ours.moderator("mona"), await ours.moderator("ada")
    ref = await ours.comment()
    await ours.report(ref, "phishing", "anna")
    await ours.decide(ref, mona, "remove", "phishing")
    await ours.tick()
    (read,) = await ours.statements()
    await ours.appeal(read.statement.id)
    await open_appeals(ours.system, ours.now)
    await ours.judge(ada, "no_violation", reasons="It was said in jest, among friends.")
    result = await replay(ours)
    assert result.rounds[RoundEnd.PERSON] == 1
    assert result.overall.broken == 0
    assert result.overall.named.cleared == 1


async def test_what_was_decided_before_the_day_is_left_out(ours):
    mona = await ours.moderator("mona")
    ref = await spoken(ours, "old", bullying=8.0)
    await ours.decide(ref, mona, "remove", "bullying")
    ours.now += timedelta(days=5)
    assert (await replay(ours, days=5)).overall.named.rounds == 1
    assert (await replay(ours, days=4)).overall.named.rounds == 0


async def test_machines_are_heard_as_they_had_spoken_by_then(ours):
    mona = await ours.moderator("mona")
    ref = await spoken(ours, "v1", bullying=8.0)
    await ours.decide(ref, mona, "no_violation")
    ours.now += timedelta(hours=1)
    async with ours.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, ScanCause.DETECTOR, ours.now)
    await ours.scan(ref, spam=8.0)
    result = await replay(ours)
    assert {each.guideline for each in result.by_guideline} == {BULLYING}


async def test_a_round_that_a_new_version_ended_is_replayed_if_it_had_a_case(ours):
    ref = await spoken(ours, "v1", bullying=8.0)
    await ours.assess()
    ours.now += timedelta(minutes=1)
    await ours.change(ref)
    result = await replay(ours)
    assert result.rounds[RoundEnd.NEW_VERSION] == 1
    assert row(result).fates[Fate.HELD].before.undecided == 1


async def test_a_guideline_that_is_gone_or_new_is_told(ours):
    await spoken(ours, "v1", bullying=8.0)
    guidelines = ours.system.guidelines
    one = guidelines.by_id[BULLYING]
    renamed = GuidelineId("mobbing")
    by_id = {name: each for name, each in guidelines.by_id.items() if name != BULLYING}
    by_id[renamed] = replace(one, id=renamed)
    result = await replay(ours, replace(guidelines, by_id=MappingProxyType(by_id)))
    assert (result.gone, result.new) == ((BULLYING,), (renamed,))
    assert row(result).fates[Fate.HELD].go.rounds == 1


async def test_looks_by_chance_tell_what_is_missed(ours):
    mona = await ours.moderator("mona")
    bad = await spoken(ours, "bad", bullying=4.0)
    await ours.assess()
    await ours.watch(bad, 0, 900)
    ours.now = ours.now.replace(hour=0, minute=0) + timedelta(days=1) + TOLD_LATE
    await ours.tick(hours=0)
    await draw_audits(ours.system, ours.now)
    await ours.decide(bad, mona, "remove", "bullying")
    result = await replay(ours, with_costs(ours.system.guidelines, machine_bound=6.0), days=1)
    audits = result.audits
    assert audits.violating.audits == 20
    assert audits.violating.value == pytest.approx(1.0)
    assert audits.caught.before.value == pytest.approx(1.0)
    assert audits.caught.after.value == 0


async def test_cover_audits_are_told_for_themselves(ours):
    settings = replace(ours.system.settings, cover_audit_rate=1.0)
    ours.system = replace(ours.system, settings=settings)
    mona = await ours.moderator("mona")
    ref = await published(ours)
    assert await audit_cover(ours.system, [(ref.subject_id, 1)], ours.now) == 1
    await ours.judge(mona, "no_violation")
    result = await replay(ours)
    assert (result.cover.named.rounds, result.cover.named.cleared) == (1, 1)
    assert result.overall.named.rounds == 1


async def test_nothing_is_changed(ours, server, address):
    mona = await ours.moderator("mona")
    bad = await spoken(ours, "bad", bullying=8.0)
    ref = await ours.comment()
    await ours.report(ref, "bullying", "anna", "bert", None)
    await ours.assess()
    await ours.decide(bad, mona, "remove", "bullying")
    stood = await everything(server, address)
    await replay(ours, with_costs(ours.system.guidelines, held_speech=0.36))
    assert await everything(server, address) == stood


async def test_it_goes_on_batch_by_batch_and_says_how_far_it_is(ours, monkeypatch):
    monkeypatch.setattr("underseal.flow.backtest.BATCH", 2)
    for number in range(5):
        await spoken(ours, f"v{number}", bullying=8.0)
    told = []
    result = await replay(ours, told=told)
    assert row(result).fates[Fate.HELD].before.rounds == 5
    assert told == [(2, 6), (4, 6), (6, 6)]


async def test_days_without_history_are_refused(ours):
    with pytest.raises(NoHistoryError):
        await replay(ours)
    await ours.comment()
    with pytest.raises(BeforeHistoryError, match=f"history begins on {NOW.date()}"):
        await replay(ours, days=1)
    with pytest.raises(SinceAheadError, match="nothing has happened yet"):
        await replay(ours, days=-1)
