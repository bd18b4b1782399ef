"""The dashboard and the lists in a real browser: charts, definitions by keyboard, every look."""

from datetime import timedelta

import pytest
from assessing import published
from chromium import every_look
from playwright.async_api import expect

from underseal.core.caller import ModeratorRole
from underseal.flow.count_views import count_views
from underseal.flow.draw_audits import draw_audits
from underseal.store.views import ViewCount

LISTS = ("dashboard?days=90", "holds", "appeals", "incidents", "known", "guidelines")


@pytest.fixture
async def busy(stage):
    """Something in every list."""
    mona = await stage.moderator("mona")
    for number in range(3):
        ref = await stage.comment(f"c{number}")
        await stage.decide(ref, mona, "remove", "phishing")
        await stage.tick()
    (first, *_) = await stage.statements()
    await stage.appeal(first.statement.id)
    held = await stage.comment("held", "dora")
    await stage.report(held, "phishing", "rita")
    await stage.hold(held, "phishing")
    await stage.tick()
    await stage.enqueue(held, due_at=stage.now, duty_from=stage.now)
    await stage.tick()


@pytest.fixture
async def audited(stage):
    """Days of looks by chance, some of which found something."""
    mona = await stage.moderator("mona")
    stage.now -= timedelta(days=4)
    refs = [await published(stage, f"v{number}") for number in range(40)]
    stage.now = stage.now.replace(hour=1)
    tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
    counts = [
        ViewCount(subject_id=ref.subject_id, organic=40 * number + 60, qualifying=0)
        for number, ref in enumerate(refs)
    ]
    await count_views(stage.system, tick, counts, tick)
    await stage.tick()
    stage.now += timedelta(days=1, hours=8)
    drawn = await draw_audits(stage.system, stage.now)
    for number in range(drawn - 3):
        if number in {2, 7}:
            await stage.judge(mona, "remove", "phishing" if number == 2 else "bullying")
        else:
            await stage.judge(mona, "no_violation")
    stage.now += timedelta(days=2, hours=12)


@every_look
async def test_the_share_of_violating_views_is_shown_with_its_interval(audited, open_page, axe):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/dashboard?days=90")
    card = page.locator("section[aria-labelledby=prevalence-title]")
    await expect(card.get_by_role("row")).to_have_count(4)  # a head, all, and two guidelines
    await expect(card.get_by_role("row", name="Any of them")).to_contain_text(" to ")
    await expect(card).to_contain_text("looks by chance")
    await expect(card.locator("svg.interval")).to_have_count(3)
    widths = await card.locator(".interval-range").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().width)"
    )
    assert all(width > 4 for width in widths)
    await axe(page)
    over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over <= 0


@every_look
async def test_every_list_is_readable_and_nothing_sticks_out(busy, open_page, axe):
    page = await open_page(ModeratorRole.LEAD)
    for name in (*LISTS, "audit?kind=comment&id=c0"):
        await page.goto(f"/console/{name}")
        await axe(page)
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, name


async def test_charts_are_drawn_from_the_tables_that_stay(busy, open_page):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/dashboard?days=90")
    await expect(page.locator(".chart canvas")).to_have_count(2)
    await expect(page.locator(".chart table")).to_have_count(2)
    inked = await page.locator(".chart canvas").last.evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.some(value => value !== 0)"
    )
    assert inked


async def test_without_script_every_figure_is_there(busy, open_page, browser):
    page = await open_page(ModeratorRole.LEAD)
    await page.route("**/console.js*", lambda route: route.abort())
    await page.goto("/console/dashboard?days=90")
    await expect(page.get_by_role("row", name="All topics")).to_be_visible()
    await expect(page.locator("canvas")).to_have_count(0)


async def test_a_definition_is_read_by_keyboard_and_goes_with_escape(busy, open_page):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/dashboard")
    button = page.get_by_role("button", name="What “Overturned on appeal” counts")
    words = page.locator("#def-overturned")
    await expect(words).to_be_hidden()
    await button.focus()
    await expect(words).to_be_visible()
    await expect(button).to_have_accessible_description(await words.inner_text())
    await page.keyboard.press("Escape")
    await expect(words).to_be_hidden()


async def test_an_incident_is_closed_by_keyboard(busy, open_page):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/incidents")
    await page.get_by_text("Close it with a word").first.focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("What came of it").first.focus()
    await page.keyboard.type("the night shift was ill")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing is open.")).to_be_visible()
    await expect(page.get_by_text("the night shift was ill")).to_be_visible()
