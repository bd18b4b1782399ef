"""The dashboard and the lists in a real browser: charts, definitions by keyboard, every look."""

import pytest
from chromium import every_look
from playwright.async_api import expect

from underseal.core.caller import ModeratorRole

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
