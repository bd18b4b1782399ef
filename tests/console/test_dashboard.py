"""The dashboard: who sees it, over which period, and what each figure says it counts."""

import re
from datetime import timedelta
from html import unescape

import pytest

from underseal.core.caller import ModeratorRole
from underseal.core.staffing import DAYS
from underseal.store.figures import definitions

PLACE = "/console/dashboard"


@pytest.fixture
async def busy(stage):
    """A week of a small platform: decisions, an appeal that was granted, a hold, a backlog."""
    mona, omar = await stage.moderator("mona"), await stage.moderator("omar")
    for number in range(3):
        ref = await stage.comment(f"c{number}")
        await stage.report(ref, "bullying", f"r{number}")
        await stage.decide(ref, mona, "remove", "phishing")
        await stage.tick()
    (first, *_) = await stage.statements()
    await stage.appeal(first.statement.id)
    await stage.tick()
    held = await stage.comment("held", "dora")
    await stage.hold(held, "phishing")
    await stage.tick()
    await stage.enqueue(held)
    return omar


@pytest.mark.parametrize("role", [ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN])
async def test_leads_auditors_and_admins_see_the_figures(site, busy, role):
    browser = await site.signed_in(role)
    answer = await browser.get(PLACE)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


async def test_moderators_do_not(site):
    browser = await site.signed_in(ModeratorRole.MODERATOR)
    assert (await browser.get(PLACE)).status_code == 403


async def test_an_empty_platform_has_a_dashboard(site):
    answer = await (await site.signed_in(ModeratorRole.LEAD)).get(PLACE)
    assert answer.status_code == 200
    assert "Nothing waits." in answer.text


async def test_what_is_to_come_is_told_from_what_came(site, busy, stage):
    browser = await site.signed_in(ModeratorRole.LEAD)
    assert "could tell what is to come" in (await browser.get(PLACE)).text
    stage.now += timedelta(days=1)
    browser = await site.signed_in(ModeratorRole.LEAD)
    text = (await browser.get(PLACE)).text
    assert re.search(r"<strong>1 <small>person a day</small></strong>so that nothing is late", text)
    part = text[text.index('id="work-title"') :]
    assert part[: part.index("</table>")].count('<tr><th scope="row">') == DAYS


async def test_every_figure_has_its_definition_word_for_word_beside_it(site, busy):
    text = (await (await site.signed_in(ModeratorRole.LEAD)).get(PLACE)).text
    shown = dict(re.findall(r'<span role="tooltip" id="def-(\w+)">(.*?)</span>', text))
    assert {name: unescape(words) for name, words in shown.items()} == dict(definitions())
    for name in shown:
        assert f'aria-describedby="def-{name}"' in text


async def test_the_period_is_chosen_in_the_address(site, busy):
    browser = await site.signed_in(ModeratorRole.LEAD)
    for days in (7, 30, 90):
        text = (await browser.get(PLACE, params={"days": days})).text
        (current,) = re.findall(r'href="([^"]*)" aria-current="page"', text)
        assert current.endswith(f"days={days}")


@pytest.mark.parametrize("days", ["8", "0", "-7", "soon", ""])
async def test_another_period_is_refused_in_plain_words(site, days):
    browser = await site.signed_in(ModeratorRole.LEAD)
    answer = await browser.get(PLACE, params={"days": days})
    assert answer.status_code == 400


async def test_no_colleague_is_named_in_any_figure(site, busy):
    text = (await (await site.signed_in(ModeratorRole.LEAD, "lea")).get(PLACE)).text
    assert "mona" not in text
    assert "omar" not in text


async def test_a_topic_with_few_reports_has_no_number(site, busy):
    text = (await (await site.signed_in(ModeratorRole.LEAD)).get(PLACE)).text
    assert "fewer than five" in text
