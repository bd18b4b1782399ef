"""The page of detectors in a real browser: its diagrams, in every look."""

import pytest
from chromium import every_look
from judging import let_detectors_work
from playwright.async_api import expect

from underseal.core.caller import ModeratorRole


@pytest.fixture
async def at_work(stage, server) -> None:
    await let_detectors_work(stage, server)


@every_look
async def test_each_diagram_stands_above_its_numbers_and_nothing_sticks_out(
    at_work, open_page, axe
):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/detectors")
    await axe(page)
    card = page.locator("article", has_text="spam_words")
    await card.get_by_text("The numbers").focus()
    await page.keyboard.press("Enter")
    rows = card.locator("tbody tr")
    await expect(rows.first).to_be_visible()
    assert await card.locator("circle").count() == await rows.count() > 5
    await axe(page)


async def test_points_rise_with_what_was_told_and_rings_are_those_off_the_line(at_work, open_page):
    page = await open_page(ModeratorRole.AUDITOR)
    await page.goto("/console/detectors")
    drifted = page.locator("article", has_text="has drifted")
    await expect(drifted).to_have_count(1)
    await expect(drifted.get_by_role("heading")).to_contain_text("spam_sounds")
    boxes = await drifted.locator("circle").evaluate_all(
        "all => all.map(each => [each.getBoundingClientRect().x, each.classList.contains('is-off')])"
    )
    assert [x for x, _ in boxes] == sorted(x for x, _ in boxes)
    assert sum(is_off for _, is_off in boxes) > len(boxes) / 2
    rings = page.locator("article", has_text="caption_terms").locator("circle.is-off")
    await expect(rings).to_have_count(0)


async def test_the_way_to_the_incident_that_stops_machines_and_back(at_work, open_page):
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/detectors")
    await page.get_by_role("link", name="its incident").click()
    stopped = page.locator("article.incident:target")
    await expect(stopped).to_contain_text("Machines were stopped")
    await stopped.get_by_role("link", name="detectors").click()
    await expect(page.get_by_role("heading", name="Detectors")).to_be_visible()
