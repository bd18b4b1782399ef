"""The public side in a real Chromium: at desk and phone width, light and dark, in both directions."""

import re
from datetime import timedelta

import pytest
from chromium import every_look
from playwright.async_api import Page, expect

from underseal.client import sign_creator_link
from underseal.core.caller import Scope
from underseal.core.report import Moment
from underseal.flow.authenticate import admit_platform
from underseal.web.words import CATALOGUES, LANGUAGES

ENGLISH = CATALOGUES["en"]


@pytest.fixture
async def link(stage, site) -> str:
    """The link of Carl, one of whose videos was removed and who has a strike."""
    ref = await stage.video()
    await stage.scan(ref)
    await stage.assess()
    mona = await stage.moderator("mona")
    where = (Moment(start_ms=12_000, end_ms=25_000),)
    await stage.decide(ref, mona, "remove", "phishing", moments=where)
    await stage.tick(hours=7 * 24)
    key = await admit_platform(stage.system, "Loop", [Scope.TICKET_SIGN], stage.now.date())
    return sign_creator_link(
        key.token,
        key.ticket_secret,
        creator="carl",
        expires_at=stage.now + timedelta(hours=1),
    )


async def file(page: Page, language: str = "en") -> None:
    """Fill the report form in with the mouse, and send it."""
    words = CATALOGUES[language]
    await page.goto(f"/report?lang={language}")
    await page.get_by_role("radio", name=words["kind.video"], exact=True).check()
    await page.get_by_label(words["report.subject"]).fill("https://loop.example/@carl/video/v1")
    await page.locator('input[value="scam"]').check()
    await page.get_by_role("button", name=words["report.next"]).click()
    await page.locator('input[value="phishing"]').check()
    await page.get_by_label(words["report.moments"]).fill("0:12-0:25")


@every_look
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_pages_that_tell_are_accessible_and_fit(page, axe, stage, language):
    for path in (
        "/",
        "/guidelines",
        "/guidelines/phishing",
        "/transparency",
        "/report",
        "/receipt",
    ):
        await page.goto(f"{path}?lang={language}")
        await axe(page)


@every_look
async def test_somebody_reports_and_reads_the_outcome(page, axe, stage):
    await stage.video()
    await file(page)
    await axe(page)
    await page.get_by_role("button", name=ENGLISH["report.send"]).click()
    token = await page.locator("#token").inner_text()
    assert re.fullmatch(r"rcpt_[a-z2-7]{64}", token)
    assert token not in page.url
    await axe(page)
    await page.goto("/receipt")
    await page.get_by_label(ENGLISH["receipt.yours"]).fill(token)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=ENGLISH["state.received"])).to_be_visible()
    assert token not in page.url
    await axe(page)
    await page.get_by_label(ENGLISH["supplement.label"]).fill("It is on other videos, too")
    await page.get_by_role("button", name=ENGLISH["supplement.send"]).click()
    await expect(page.get_by_role("status")).to_have_text(ENGLISH["receipt.added"])


@every_look
async def test_what_is_wrong_is_said_where_it_is(page, axe, stage):
    await page.goto("/report")
    await page.get_by_role("button", name=ENGLISH["report.next"]).click()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text(ENGLISH["error.kind"])
    await axe(page)
    await alert.get_by_text(ENGLISH["error.subject_missing"]).click()
    await expect(page.get_by_label(ENGLISH["report.subject"])).to_be_focused()
    await page.goto("/receipt")
    await page.get_by_label(ENGLISH["receipt.yours"]).fill("rcpt_wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(ENGLISH["receipt.yours"])).to_have_value("rcpt_wrong")
    await axe(page)


@every_look
async def test_a_creator_reads_a_statement_and_appeals(page, axe, link):
    await page.goto(f"/statement?link={link}")
    await axe(page)
    await page.get_by_role("link", name="We have removed your video.").click()
    await axe(page)
    await page.get_by_label(ENGLISH["appeal.grounds"]).fill("We wrote this sketch together.")
    await page.get_by_role("button", name=ENGLISH["appeal.send"], exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text(ENGLISH["appeal.lodged"])
    await axe(page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_report_is_filed_by_keyboard_in_every_language(page, stage, language):
    words = CATALOGUES[language]
    await page.goto(f"/report?lang={language}")
    await page.locator('input[name="kind"]').first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("v1")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.locator('input[name="guideline"]').first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=words["thanks.title"])).to_be_visible()
    is_rtl = await page.evaluate("getComputedStyle(document.body).direction")
    assert is_rtl == ("rtl" if language == "ar" else "ltr")
