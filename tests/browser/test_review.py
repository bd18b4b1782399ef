"""A moderator looks at a video by keyboard, with a real player, at every width and in every light."""

from datetime import timedelta

import pytest
from chromium import every_look
from footage import film, upload
from playwright.async_api import Page, expect

from underseal.core.caller import ModeratorRole
from underseal.core.priority import Lane
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.system import LEASE
from underseal.lab.videos import Codec
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.store.roles import Role
from underseal.store.scans import add_signals, end_scan, take_scan, want_scan

AT = "document.querySelector('video').currentTime"


def says(detector: str, modality: Modality, guideline: str, moment: Moment | None, detail: str):
    return Signal(
        detector=detector,
        detector_version="1",
        modality=modality,
        guideline=guideline,
        score=0.9,
        weight=2.5,
        moment=moment,
        detail=detail,
        verified=modality is Modality.KNOWN,
    )


async def say(stage, ref, *signals: Signal) -> None:
    """Let a scan of what is registered say so."""
    async with stage.system.db.transaction(Role.CORE) as conn:
        await want_scan(conn, ref.subject_id, 1, "detector", stage.now)
        taken = await take_scan(conn, stage.now, stage.now + timedelta(minutes=1))
        await end_scan(conn, taken, "test", None, stage.now)
        await add_signals(conn, taken, signals)


@pytest.fixture(scope="module")
def prize(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("films")
    return film(folder, scene=5, seconds=10, caption="win a prize now")


@pytest.fixture(scope="module")
def scanner():
    with Scanner(
        known=KnownContent(), terms=TermList({}), limits=Limits(), require_sandbox=False
    ) as made:
        yield made


@pytest.fixture
async def case(stage, site, prize, scanner) -> str:
    """A reported video that machines have looked at, and that waits to be taken."""
    ref = await upload(
        stage, prize, "clip-2041", caption="Win a prize, just send me your code! " * 30
    )
    await ScanDesk(scanner, TermList({})).scan_next(stage.system, lambda: stage.now)
    first, second = Moment(start_ms=1500, end_ms=3000), Moment(start_ms=4000, end_ms=5500)
    await stage.report(ref, "phishing", "anna", "bert", moments=(first,), note="asks for a code")
    await stage.report(ref, "spam", "cora", moments=(second,))
    shown = Moment(start_ms=1500, end_ms=6000)
    known = Moment(start_ms=7000, end_ms=9000)
    await say(
        stage,
        ref,
        says("screen_terms", Modality.TEXT, "phishing", shown, "send me your code"),
        says("known_content", Modality.KNOWN, "phishing", known, "scams: 7f"),
        says("scenes", Modality.IMAGE, "spam", Moment(start_ms=4500, end_ms=5000), ""),
    )
    await stage.assess()
    await stage.enqueue(
        ref,
        rate=1e9,
        lane=Lane.HELD,
        guideline="phishing",
        because="Held for phishing until somebody has looked.",
    )
    return "clip-2041"


async def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; the policy of pages forbids Playwright's own way."""
    await page.evaluate(
        f"new Promise((done) => {{ const look = () => ({holds}) ? done() : "
        "requestAnimationFrame(look); look(); })"
    )


async def take_next(open_page) -> Page:
    page = await open_page(ModeratorRole.MODERATOR)
    await page.goto("/console/queue")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/cases/*")
    await until(page, "document.querySelector('video').readyState >= 1")
    return page


async def test_a_moderator_jumps_from_mark_to_mark_by_keyboard(open_page, case):
    page = await take_next(open_page)
    seen = []
    for _ in range(5):
        await page.keyboard.press("]")
        await until(page, "!document.querySelector('video').seeking")
        seen.append(round(await page.evaluate(AT), 1))
    assert seen == [1.5, 4.0, 4.5, 7.0, 7.0]
    await page.keyboard.press("[")
    await expect(page.locator(".told")).to_contain_text("0:04.5")
    await until(page, f"Math.abs({AT} - 4.5) < 0.05")
    await expect(page.locator(".mark[aria-current]")).to_have_count(3)


async def test_the_picture_is_spared_until_somebody_asks(open_page, case):
    page = await take_next(open_page)
    video = page.locator("video")
    await expect(video).to_have_css("filter", "blur(24px) grayscale(1)")
    await expect(video).to_have_js_property("muted", value=True)
    await page.get_by_role("button", name="Hold to look").hover()
    await page.mouse.down()
    await expect(video).to_have_css("filter", "blur(0px) grayscale(1)")
    await page.mouse.up()
    await expect(video).to_have_css("filter", "blur(24px) grayscale(1)")
    for key in "bgm":
        await page.keyboard.press(key)
    await expect(video).to_have_css("filter", "blur(0px) grayscale(0)")
    await expect(video).to_have_js_property("muted", value=False)
    await expect(page.locator("[data-do=blur]")).to_have_attribute("aria-pressed", "false")


async def test_the_video_plays_steps_and_seeks(open_page, case):
    page = await take_next(open_page)
    await page.keyboard.press(" ")
    await until(page, f"{AT} > 0.2")
    await expect(page.locator("[data-do=play]")).to_have_text("Pause")
    await page.keyboard.press(" ")
    await until(page, "document.querySelector('video').paused")
    await page.keyboard.press("s")
    await expect(page.locator("[data-do=speed]")).to_contain_text("1.5")
    before = await page.evaluate(AT)
    await page.keyboard.press(".")
    await until(page, f"{AT} > {before}")
    await page.locator(".reports .seek").first.click()
    await until(page, f"[1.5, 4].some((at) => Math.abs({AT} - at) < 0.05)")
    await page.locator(".strip a").last.click()
    await until(page, f"{AT} > 6")
    await page.evaluate("document.querySelector('.strip img').decode()")


async def test_a_lost_lease_is_told_and_what_was_typed_stays(open_page, case, stage):
    page = await take_next(open_page)
    await expect(page.locator(".countdown")).to_contain_text("left")
    stage.now += LEASE
    await page.evaluate("document.getElementById('lease').dispatchEvent(new Event('check'))")
    await expect(page.get_by_role("alert")).to_contain_text("no longer yours")
    await expect(page.locator("#decide")).to_be_visible()


async def test_a_video_that_does_not_play_leaves_the_frames_and_the_texts(
    open_page, stage, tmp_path, scanner
):
    media = film(tmp_path, scene=2, seconds=4, codec=Codec.HEVC)
    ref = await upload(stage, media, caption="what it says")
    await ScanDesk(scanner, TermList({})).scan_next(stage.system, lambda: stage.now)
    await stage.report(ref, "spam", "anna", moments=(Moment(start_ms=1000, end_ms=2000),))
    await stage.enqueue(ref)
    page = await open_page(ModeratorRole.MODERATOR)
    await page.goto("/console/queue")
    await page.keyboard.press("n")
    await expect(page.get_by_text("does not play in your browser")).to_be_visible()
    await expect(page.locator(".strip img")).to_be_visible()
    await expect(page.get_by_text("what it says")).to_be_visible()
    await expect(page.locator(".mark")).to_be_visible()
    await expect(page.locator("[data-do=play]")).to_be_disabled()


@every_look
async def test_the_pages_are_for_everybody(open_page, case, stage, axe, look):
    for number in range(4):
        ref = await stage.comment(f"c{number}")
        await stage.report(ref, "spam", *"abc")
        await stage.enqueue(ref, rate=number, guideline="spam", because="A reason to look.")
    page = await take_next(open_page)
    await axe(page)
    lead = await open_page(ModeratorRole.LEAD)
    await lead.goto("/console/queue")
    await axe(lead)
