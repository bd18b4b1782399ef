"""Holds and appeals, as those who decide see them."""

import re
from datetime import timedelta

import pytest

from underseal.core.caller import ModeratorRole
from underseal.flow.open_appeal import open_appeals


@pytest.fixture
async def held(stage):
    """Two held comments; the second runs out later."""
    refs = []
    for name in ("early", "late"):
        ref = await stage.comment(name)
        await stage.hold(ref, "phishing")
        await stage.tick()
        await stage.enqueue(ref)
        refs.append(ref)
    return refs


async def test_nothing_is_held_at_first(site):
    answer = await (await site.signed_in()).get("/console/holds")
    assert answer.status_code == 200
    assert "Nothing is held." in answer.text


async def test_the_hold_that_runs_out_first_is_on_top(site, held):
    text = (await (await site.signed_in()).get("/console/holds")).text
    assert re.findall(r'<code class="id">(\w+)</code>', text) == ["early", "late"]
    assert text.count("or with less reach at") == 2


async def test_a_hold_says_how_it_ends(site, stage, held):
    browser = await site.signed_in()
    mona = await stage.moderator("mo")
    await stage.judge(mona, "no_violation")
    assert "as decided, at the tick of" in (await browser.get("/console/holds")).text
    stage.now += timedelta(hours=25)
    browser = await site.signed_in()
    text = (await browser.get("/console/holds")).text
    assert "ran out" in text


async def test_moderators_have_no_way_into_a_case_they_did_not_take(site, held):
    assert "/console/cases/" not in (await (await site.signed_in()).get("/console/holds")).text
    lead = await site.signed_in(ModeratorRole.LEAD)
    assert (await lead.get("/console/holds")).text.count("/console/cases/") == 2


@pytest.fixture
async def appealed(site, stage):
    """A comment that Mona removed, and an appeal against it that waits."""
    await site.signed_in()
    ref = await stage.comment()
    await stage.decide(ref, site.people["mona"], "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    return ref


async def test_an_appeal_is_listed_from_the_moment_it_is_lodged(site, stage, appealed):
    browser = await site.signed_in()
    assert "just lodged" in (await browser.get("/console/appeals")).text
    await open_appeals(stage.system, stage.now)
    text = (await browser.get("/console/appeals")).text
    assert "just lodged" not in text
    assert '<span class="chip">waits</span>' in text


async def test_whoever_decided_first_reads_that_it_is_not_for_them(site, stage, appealed):
    await open_appeals(stage.system, stage.now)
    assert "not you" in (await (await site.signed_in()).get("/console/appeals")).text
    other = await site.signed_in(name="omar")
    text = (await other.get("/console/appeals")).text
    assert "not you" not in text
    assert "mona" in text


async def test_an_appeal_that_was_decided_is_gone(site, stage, appealed):
    await open_appeals(stage.system, stage.now)
    omar = await stage.moderator("omar")
    await stage.judge(omar, "no_violation", reasons="It is satire, as everybody can see in it.")
    assert "No appeal waits." in (await (await site.signed_in()).get("/console/appeals")).text


async def test_an_appeal_past_its_date_is_called_overdue(site, stage, appealed):
    await open_appeals(stage.system, stage.now)
    stage.now += timedelta(days=60)
    assert "overdue" in (await (await site.signed_in()).get("/console/appeals")).text
