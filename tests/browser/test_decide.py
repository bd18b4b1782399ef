"""A moderator decides by keyboard alone and takes it back, in every look."""

import re

from chromium import every_look
from playwright.async_api import Page, expect

from underseal.core.caller import ModeratorRole
from underseal.core.draft import UNDO_TIME
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.store.roles import Role

REASONS = "It was looked at again from beginning to end, and nothing was found."


async def suspect(stage, name: str):
    """A comment that somebody with a good track record has reported, in the queue."""
    ref = await stage.comment(name)
    await stage.prove("anna", "scam", right=50)
    await stage.report(ref, "phishing", "anna", note="asks for a code")
    await stage.assess()
    await stage.enqueue(ref, rate=1e9, guideline="phishing", because="It may be phishing.")
    return ref


async def next_case(page: Page) -> str:
    """Take the next case; return its address."""
    await page.goto("/console/queue")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/cases/*")
    return page.url


async def decisions(stage) -> list[str]:
    return [row["outcome"] for row in await stage.rows("select outcome from decisions")]


async def settle(stage) -> None:
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)


async def test_a_case_is_decided_by_keyboard_alone_and_undone(stage, open_page):
    await suspect(stage, "c1")
    await suspect(stage, "c2")
    page = await open_page(ModeratorRole.MODERATOR)
    first = await next_case(page)
    await page.keyboard.press("1")
    await expect(page.get_by_role("radio", name=re.compile("Remove it"))).to_be_focused()
    await page.keyboard.press("2")
    await expect(page.get_by_role("checkbox").nth(1)).to_be_checked()
    await expect(page.locator("#decide-preview")).to_contain_text("What we saw")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != first)
    second = page.url
    assert "/console/cases/" in second
    await expect(page.locator("#decide-tray")).to_contain_text("Remove it: Steals passwords")
    await page.keyboard.press("u")
    await page.wait_for_url(first)
    await settle(stage)
    assert await decisions(stage) == []
    await page.keyboard.press("0")
    await expect(page.get_by_role("radio", name=re.compile("No violation"))).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != first)
    await settle(stage)
    assert await decisions(stage) == ["no_violation"]


async def test_the_next_case_takes_the_place_of_the_last_one_and_back_loads_it_anew(
    stage, open_page
):
    await suspect(stage, "c1")
    await suspect(stage, "c2")
    page = await open_page(ModeratorRole.MODERATOR)
    first = await next_case(page)
    before = await page.title()
    await page.evaluate("window.isSameDocument = true")
    await page.keyboard.press("0")
    await expect(page.get_by_role("radio", name=re.compile("No violation"))).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != first)
    await expect(page.locator("main")).to_be_focused()
    assert await page.evaluate("window.isSameDocument")
    await expect(page).not_to_have_title(before)
    await expect(page.locator("main")).to_have_count(1)
    await expect(page.locator("#lease .countdown")).to_contain_text("left")
    await page.go_back()
    await page.wait_for_url(first)
    await expect(page).to_have_title(before)  # the address is there before the page is
    await expect(page.locator("#decide")).to_contain_text("Decided")


async def test_the_last_decision_can_be_undone_where_nothing_waits(stage, open_page):
    await suspect(stage, "c1")
    page = await open_page(ModeratorRole.MODERATOR)
    case = await next_case(page)
    await page.keyboard.press("1")
    await expect(page.get_by_role("radio", name=re.compile("Remove it"))).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/queue*")
    await expect(page.locator("#decide-tray")).to_contain_text("Remove it")
    await page.keyboard.press("u")
    await page.wait_for_url(case)
    await settle(stage)
    assert await decisions(stage) == []


async def test_every_guideline_is_reached_by_digits(stage, open_page):
    await stage.enqueue(await stage.comment())
    page = await open_page(ModeratorRole.MODERATOR)
    case = await next_case(page)
    tree = page.locator("#decide-tree")
    await page.keyboard.press("9")
    await expect(tree).to_contain_text("Which topic?")
    await page.keyboard.press("9")
    await expect(tree.get_by_role("radio").nth(8)).to_have_attribute("data-key", "1")
    topic = await tree.locator(".topics label").nth(9).locator("span").inner_text()
    await page.keyboard.press("2")
    await expect(tree).to_contain_text(f"{topic}: which guideline?")
    await page.keyboard.press("0")
    await expect(tree).to_contain_text("Which topic?")
    await page.keyboard.press("2")
    await expect(tree).to_contain_text("which guideline?")
    await page.keyboard.press("1")
    await expect(tree).to_contain_text("What is to happen?")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != case)
    await settle(stage)
    assert len(await decisions(stage)) == 1


async def test_what_was_typed_outlives_a_sign_out_in_mid_decision(stage, open_page, site):
    ref = await stage.comment()
    first = await stage.moderator("first")
    await stage.decide(ref, first, "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)
    page = await open_page(ModeratorRole.MODERATOR)
    await next_case(page)
    await page.keyboard.press("0")
    await expect(page.get_by_role("radio", name=re.compile("No violation"))).to_be_focused()
    await page.keyboard.press("r")
    await page.keyboard.type(REASONS)
    await expect(page.locator("#decide-preview")).to_contain_text(REASONS)
    async with stage.system.db.transaction(Role.CONSOLE) as conn:
        await conn.execute("delete from sessions")
    await page.get_by_role("button", name="Decide").click()
    await expect(page.locator("#notices")).to_contain_text("You are signed out")
    await expect(page.locator("#reasons")).to_have_value(REASONS)


async def test_two_clicks_in_a_row_decide_once_and_take_one_case(stage, open_page):
    for name in ("c1", "c2", "c3"):
        await suspect(stage, name)
    page = await open_page(ModeratorRole.MODERATOR)
    first = await next_case(page)
    await page.keyboard.press("1")
    button = page.get_by_role("button", name="Decide")
    await expect(page.locator("#decide-preview")).to_contain_text("We have removed")
    await button.dblclick()
    await page.wait_for_url(lambda url: url != first)
    leased = await stage.rows("select from cases where state = 'leased'")
    assert len(leased) == 2
    assert len(await stage.rows("select from drafts")) == 1


@every_look
async def test_the_decision_is_readable_at_every_width_and_in_every_light(stage, open_page, axe):
    await suspect(stage, "c1")
    page = await open_page(ModeratorRole.MODERATOR)
    await next_case(page)
    await axe(page)
    for keys, said in (("9", "Which topic?"), ("1", "which guideline?"), ("1", "happen?")):
        await page.locator(f"#decide-tree [data-key='{keys}']").click()
        await expect(page.locator("#decide-tree")).to_contain_text(said)
        await axe(page)
    await page.get_by_text("Ask a colleague").click()
    await axe(page)


@every_look
async def test_colleagues_and_confirmations_are_readable_too(stage, open_page, axe):
    mona = await open_page(ModeratorRole.MODERATOR)
    lea = await open_page(ModeratorRole.LEAD)
    await suspect(stage, "c1")
    await next_case(mona)
    await mona.keyboard.press("q")
    await expect(mona.get_by_role("textbox", name="What", exact=True)).to_be_focused()
    await mona.keyboard.type("Is this Dutch?")
    await mona.get_by_role("button", name="Ask").click()
    await expect(mona.get_by_text("No answer yet.")).to_be_visible()
    await mona.keyboard.press("0")
    await mona.get_by_role("radio", name=re.compile("Manifestly unfounded")).click()
    await mona.get_by_role("button", name="Decide").click()
    await mona.wait_for_url("**/console/queue*")
    await settle(stage)
    for place in ("/console/colleagues", "/console/confirmations"):
        await lea.goto(place)
        await axe(lea)
    await lea.get_by_role("button", name="They were made up").click()
    await expect(lea.get_by_text("Nothing waits for you.")).to_be_visible()
