"""Loop in a real browser: somebody reports a video with its seconds; its creator reads and appeals."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chromium import DESK, LOOKS, Chromium, serving
from loop_stage import Loop, looping, ref
from playwright.async_api import Page, expect

from underseal.client import requests
from underseal.lab.videos import make_video

pytestmark = pytest.mark.slow


@pytest.fixture
async def loop(stage, origin: str, tmp_path: Path) -> AsyncIterator[Loop]:
    async with looping(stage, origin, tmp_path) as loop:
        yield loop


@pytest.fixture
async def loop_origin(loop: Loop) -> AsyncIterator[str]:
    async with serving(loop.app) as loop_origin:
        yield loop_origin


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    make_video(path, scene=42, seconds=4)
    return path.read_bytes()


@pytest.fixture
def look():
    return DESK


async def visit(browser: Chromium, loop: Loop, loop_origin: str, name: str, look) -> Page:
    """Open Loop as one of its people, who signs in by hand."""
    person = await loop.person(name)
    window = await browser.window(look, base_url=loop_origin)
    page = await window.new_page()
    await page.goto("/sign-in")
    await page.locator(f"button[value={person.id}]").click()
    await page.wait_for_url(f"{loop_origin}/")
    return page


@pytest.mark.parametrize("look", [LOOKS["desk"], LOOKS["phone-dark"]], ids=["desk", "phone"])
async def test_a_viewer_reports_a_video_with_its_seconds(
    loop, loop_origin, browser, media, axe, look
):
    video_id = await loop.video("Ada", "Guess who", media)
    page = await visit(browser, loop, loop_origin, "Ben", look)
    await axe(page)
    async with page.expect_request("**/v1/reports") as filing:
        await page.get_by_role("button", name="Report this video").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Harassment and bullying").click()
        await dialog.get_by_role("button", name="Bullying", exact=False).first.click()
        await expect(dialog).to_contain_text("Only a few people have seen this")
        await dialog.get_by_role("slider").fill("1.5")
        await dialog.get_by_role("button", name="Mark this second").click()
        await dialog.get_by_role("textbox").first.fill("It is about a classmate")
        await axe(page)
        await dialog.get_by_role("button", name="Send the report").click()
    await expect(dialog).to_contain_text("Thank you")
    request = await filing.value
    assert json.loads(request.post_data)["moments"] == [{"start_ms": 1000, "end_ms": 2000}]
    (report,) = await loop.stage.rows("select subject_id, guideline from reports")
    assert report["subject_id"] == ref("video", video_id).subject_id
    assert report["guideline"] == "bullying"


async def test_what_plays_is_what_is_seen_and_counts_after_two_seconds(
    loop, loop_origin, browser, media
):
    await loop.video("Ada", "The first", media)
    loop.stage.now = loop.stage.now.replace(minute=40)
    newest = await loop.video("Ada", "The second", media)
    page = await visit(browser, loop, loop_origin, "Ben", DESK)
    first, second = (page.locator("video").nth(i) for i in range(2))
    await expect(first).to_have_js_property("paused", value=False)
    await expect(second).to_have_js_property("paused", value=True)
    await expect(first).to_have_attribute("data-told", "")
    viewed = loop.site.db.execute("select id from viewers where kind = 'video'").fetchall()
    assert [row["id"] for row in viewed] == [newest]
    await page.keyboard.press("ArrowDown")
    await expect(second).to_have_js_property("paused", value=False)
    await expect(first).to_have_js_property("paused", value=True)
    await page.keyboard.press("Space")
    await expect(second).to_have_js_property("paused", value=True)
    await page.keyboard.press("m")
    await expect(second).to_have_js_property("muted", value=False)


async def test_a_creator_reads_a_statement_and_appeals(loop, loop_origin, browser, media, axe):
    video_id = await loop.video("Ada", "My best one", media)
    await loop.decide("video", video_id, "remove", "phishing")
    page = await visit(browser, loop, loop_origin, "Ada", LOOKS["phone-dark"])
    await page.get_by_role("link", name="Inbox").click()
    await page.get_by_role("link", name="has been removed").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("has been removed")
    await axe(page)
    await page.get_by_label("Why the decision is wrong").fill("I teach people to notice this.")
    await page.get_by_role("button", name="Send the appeal").click()
    await expect(page.get_by_text("Under way")).to_be_visible()
    found = await loop.site.underseal.send(requests.appeals(loop.people["Ada"].id))
    assert [each.state for each in found.appeals] == ["lodged"]
    for path in ("/account", f"/v/{video_id}", "/u/ada", "/reports", "/upload"):
        await page.goto(path)
        await axe(page)
