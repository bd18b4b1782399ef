"""Cases decided together by keyboard alone, and accounts of one's own, in every look."""

import re

import pytest
from chromium import every_look
from footage import upload
from playwright.async_api import expect

from underseal.core.caller import ModeratorRole
from underseal.core.draft import UNDO_TIME
from underseal.flow.draft_decision import settle_drafts


async def comments(stage, count: int) -> None:
    """So many comments that wait, with words and reasons that are long and short."""
    for number in range(count):
        ref = await stage.comment(f"comment-{number}")
        because = "It may be phishing, and many would see it." if number % 2 else "A look is due."
        await stage.enqueue(ref, rate=1e9 - number, guideline="phishing", because=because)


async def test_chosen_decided_and_confirmed_by_keyboard_alone(stage, open_page):
    await comments(stage, 3)
    lea, mona = await open_page(ModeratorRole.LEAD), await open_page(ModeratorRole.MODERATOR)
    await lea.goto("/console/queue")
    await lea.keyboard.press("c")
    await expect(lea.get_by_role("checkbox").first).to_be_checked()
    await lea.keyboard.press("a")
    await lea.wait_for_url("**together=true*")
    await lea.get_by_role("checkbox").nth(2).focus()
    await lea.keyboard.press("Space")
    await lea.keyboard.press("b")
    await lea.wait_for_url("**/console/bulk*")
    await expect(lea.get_by_role("heading", name="2 cases to be decided")).to_be_visible()
    await lea.keyboard.press("1")
    await expect(lea.get_by_role("radio", name=re.compile("Remove it"))).to_be_focused()
    await lea.keyboard.press("2")
    await expect(lea.locator("#decide-preview")).to_contain_text("What we saw")
    await lea.keyboard.press("Enter")
    await lea.wait_for_url("**/console/queue*")
    await expect(lea.locator("#decide-tray")).to_contain_text("2 cases")
    await mona.goto("/console/confirmations")
    await mona.get_by_role("button", name="Confirm those that are ticked").focus()
    await mona.keyboard.press("Enter")
    await expect(mona.get_by_text("Nothing waits for you.")).to_be_visible()
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    assert len(await stage.rows("select from decisions where outcome = 'remove'")) == 2


async def test_a_tick_taken_away_changes_the_number_and_keeps_the_focus(stage, open_page):
    await comments(stage, 3)
    lea = await open_page(ModeratorRole.LEAD)
    await lea.goto("/console/queue?together=true")
    await lea.keyboard.press("b")
    await lea.wait_for_url("**/console/bulk*")
    box = lea.get_by_role("checkbox").nth(1)
    await box.focus()
    await lea.keyboard.press("Space")
    await expect(lea.get_by_role("heading", name="2 cases to be decided")).to_be_visible()
    await expect(box).to_be_focused()
    await expect(box).not_to_be_checked()


async def test_what_is_gone_meanwhile_is_named_where_one_is(stage, open_page):
    await comments(stage, 2)
    lea, mona = await open_page(ModeratorRole.LEAD), await open_page(ModeratorRole.MODERATOR)
    await lea.goto("/console/queue?together=true")
    await lea.keyboard.press("b")
    await lea.wait_for_url("**/console/bulk*")
    await lea.keyboard.press("0")
    await expect(lea.get_by_role("radio", name=re.compile("No violation"))).to_be_focused()
    await mona.goto("/console/queue")
    await mona.keyboard.press("n")
    await mona.wait_for_url("**/console/cases/*")
    await lea.keyboard.press("Enter")
    await expect(lea.get_by_role("heading", name="1 case waits")).to_be_visible()
    await expect(lea.get_by_text("comment-0")).to_be_visible()


@every_look
async def test_deciding_together_is_readable_at_every_width_and_in_every_light(
    stage, open_page, axe
):
    await comments(stage, 4)
    lea, mona = await open_page(ModeratorRole.LEAD), await open_page(ModeratorRole.MODERATOR)
    await mona.goto("/console/queue")
    await mona.get_by_role("button", name=re.compile("Take the next")).click()
    await mona.wait_for_url("**/console/cases/*")
    await lea.goto("/console/queue?together=true")
    await axe(lea)
    boxes = await lea.locator("input[name=case]").evaluate_all("all => all.map(it => it.value)")
    gone = mona.url.rpartition("/")[2]
    await lea.goto("/console/bulk?" + "&".join(f"case={each}" for each in (*boxes, gone)))
    await axe(lea)
    await lea.locator("#ground-phishing").click()
    await expect(lea.locator("#decide-preview")).to_contain_text("Somebody else has to confirm")
    await axe(lea)
    await lea.get_by_role("button", name=re.compile("^Send for confirmation")).click()
    await lea.wait_for_url("**/console/queue*")
    await mona.goto("/console/confirmations")
    await mona.get_by_text("Return all of it").click()
    await axe(mona)


@every_look
@pytest.mark.parametrize("role", [ModeratorRole.MODERATOR, ModeratorRole.ADMIN])
async def test_accounts_of_ones_own_are_noted_at_every_width(stage, open_page, site, axe, role):
    await site.signed_in(ModeratorRole.LEAD)
    page = await open_page(role)
    if role is ModeratorRole.ADMIN:
        await page.goto("/console/people")
        await page.get_by_text("Own accounts: 0").click()
        await page.get_by_label("An account that lea uses").fill("lea at home")
    else:
        await page.goto("/console/me")
        await page.get_by_label("An account that you use").fill("mona at home")
    await axe(page)
    await page.get_by_role("button", name="Note it").click()
    await expect(page.get_by_text(re.compile("Own accounts: 1|1 is noted"))).to_be_visible()
    await axe(page)


async def test_copies_of_a_video_are_a_key_away(stage, open_page, axe):
    for name in ("v1", "v2"):
        await stage.enqueue(await upload(stage, b"the same film", name), guideline="phishing")
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/queue")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/cases/*")
    await page.keyboard.press("k")
    await page.wait_for_url("**/console/bulk*")
    await expect(page.get_by_role("heading", name="2 cases to be decided")).to_be_visible()
    await axe(page)
