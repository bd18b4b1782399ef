"""A moderator reads what is said and shown beside the player, jumps by it, and follows it."""

import pytest
from chromium import every_look
from footage import film, upload
from playwright.async_api import Page, expect
from saying import keep, line, term

from underseal.core.caller import ModeratorRole
from underseal.core.timed_text import TextSource

AT = "document.querySelector('video').currentTime"
NOW = "[...document.querySelectorAll('.line[aria-current] bdi')].map((b) => b.textContent).join()"

SAID = [
    line(TextSource.PLATFORM, 500, 2000, "Hi, it is me from your bank"),
    line(TextSource.PLATFORM, 2000, 3500, "Just send me"),
    line(TextSource.PLATFORM, 3500, 5000, "your code, quickly"),
    line(TextSource.PLATFORM, 5000, 6000, "أرسل لي الرمز"),
    *(line(TextSource.PLATFORM, 6000 + n * 50, 6050 + n * 50, f"word {n}") for n in range(30)),
    line(TextSource.SCREEN, 2500, 4000, "CALL 555-0100"),
]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films"), scene=5, seconds=8)


@pytest.fixture
async def page(stage, site, media, open_page) -> Page:
    ref = await upload(stage, media, "clip-7", caption="From your bank")
    await keep(stage, ref, SAID, term("transcript_terms", 2000, 5000, "send me your code"))
    await stage.report(ref, "phishing", "anna", "bert")
    case_id = await stage.enqueue(ref, guideline="phishing")
    page = await open_page(ModeratorRole.LEAD)
    await page.goto(f"/console/cases/{case_id}")
    await until(page, "document.querySelector('video').readyState >= 1")
    return page


async def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; the policy of pages forbids Playwright's own way."""
    await page.evaluate(
        f"new Promise((done) => {{ const look = () => ({holds}) ? done() : "
        "requestAnimationFrame(look); look(); })"
    )


async def test_a_line_leads_to_its_second_by_click_and_by_keyboard(page):
    await page.get_by_text("your code, quickly").click()
    await until(page, f"Math.abs({AT} - 3.5) < 0.05")
    await until(page, f"{NOW} === 'your code, quickly,CALL 555-0100'")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await until(page, f"Math.abs({AT} - 5) < 0.05")
    await until(page, f"{NOW} === 'أرسل لي الرمز'")
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await until(page, f"Math.abs({AT} - 0.5) < 0.05")
    assert await page.locator(".lines mark").all_text_contents() == [
        "Just send me",
        "your code, quickly",
    ]
    await page.keyboard.press("Tab")
    await expect(page.locator(".lines summary").last).to_be_focused()


async def test_the_lines_follow_the_video_while_it_plays(page):
    await expect(page.locator(".line").first).to_be_visible()
    await page.evaluate("document.querySelector('video').currentTime = 1.6")
    await page.keyboard.press(" ")
    for words in ("Hi, it is me from your bank", "Just send me", "word "):
        await until(page, f"{NOW}.includes('{words}')")
    await until(page, "document.querySelector('[data-line-list]').scrollTop > 0")
    assert await page.evaluate("scrollY") == 0


@every_look
async def test_the_lines_are_for_everybody(page, axe, look):
    await page.get_by_text("Just send me").click()
    await axe(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
