"""What goes wrong in the middle of something, in a real browser: it is told, and nothing is lost."""

import re
from datetime import timedelta

from footage import upload
from inert import HOSTILE, SCRIPT
from joining import member
from playwright.async_api import Page, expect

from underseal.core.caller import ModeratorRole
from underseal.core.draft import UNDO_TIME
from underseal.core.report import Moment
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.flow.system import LEASE
from underseal.store.roles import Role
from underseal.web.words import CATALOGUES

ENGLISH = CATALOGUES["en"]
REASONS = "It was looked at again from beginning to end, and nothing was found."
AWAY = "There is no answer. What you typed is still here: try again."


async def under_appeal(stage) -> None:
    """Let there be an appeal for somebody who has not decided before."""
    await stage.decide(await stage.comment(), await stage.moderator("first"), "remove", "phishing")
    await stage.tick()
    (read,) = await stage.statements()
    await stage.appeal(read.statement.id)
    await open_appeals(stage.system, stage.now)


async def take_next(page: Page) -> str:
    await page.goto("/console/queue")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/cases/*")
    return page.url


async def weigh(page: Page) -> None:
    """Come to a decision about an appeal, as far as the last button."""
    await take_next(page)
    await clear(page)
    await page.get_by_label("Reasons").fill(REASONS)
    await expect(page.locator("#decide-preview")).to_contain_text(REASONS)


async def clear(page: Page) -> None:
    """Say that nothing is broken, as far as the last button."""
    await page.keyboard.press("0")
    await expect(page.get_by_role("radio", name=re.compile("No violation"))).to_be_focused()


async def decide(page: Page) -> None:
    await page.get_by_role("button", name="Decide").click()


async def ask(page: Page, words: str) -> None:
    await page.get_by_text("Ask a colleague").click()
    await page.locator("#ask-body").fill(words)
    await page.get_by_role("button", name="Ask", exact=True).click()


async def outcomes(stage) -> list[str]:
    """What was decided in the end, the first look at an appeal left out."""
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    found = await stage.rows("select outcome from decisions order by decided_at")
    return [row["outcome"] for row in found]


async def sign_everybody_out(stage) -> None:
    async with stage.system.db.transaction(Role.CONSOLE) as conn:
        await conn.execute("delete from sessions")


async def become(stage, role: ModeratorRole) -> None:
    async with stage.system.db.transaction(Role.CORE) as conn:
        await conn.execute("update principals set role = $1 where name = 'mona'", role)


async def sign_in(page: Page, who) -> None:
    await page.get_by_label("User name").fill(who.user_name)
    await page.get_by_label("Password").fill(who.password)
    await page.keyboard.press("Enter")
    await page.get_by_label("Code of your authenticator").fill(who.code())
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"//[^/]+/console/queue$"))


async def told(page: Page, words: str) -> None:
    await expect(page.locator("#notices")).to_contain_text(words)


async def test_a_session_that_ends_in_mid_decision_costs_nothing(stage, site, open_page):
    who = await member(site)
    await under_appeal(stage)
    page = await open_page()
    await page.goto("/console/queue")
    await sign_in(page, who)
    await weigh(page)
    await sign_everybody_out(stage)
    await decide(page)
    await told(page, "You are signed out. What you typed is kept here.")
    stage.now += timedelta(minutes=1)
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Sign in in a new tab").click()
    await sign_in(await opened.value, who)
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    assert await outcomes(stage) == ["remove", "no_violation"]


async def test_what_was_typed_is_there_again_after_a_reload_and_after_an_undo(stage, open_page):
    await under_appeal(stage)
    page = await open_page(ModeratorRole.MODERATOR)
    await weigh(page)
    case = page.url
    await page.reload()
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)
    await clear(page)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    await page.get_by_role("button", name="Undo").click()
    await page.wait_for_url(case)
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)


async def test_a_case_that_was_decided_in_another_tab_says_so(stage, open_page):
    await under_appeal(stage)
    page = await open_page(ModeratorRole.MODERATOR)
    await weigh(page)
    other = await page.context.new_page()
    await other.goto(page.url)
    await clear(other)
    await other.get_by_label("Reasons").fill(REASONS)
    await decide(other)
    await other.wait_for_url("**/console/queue*")
    await page.get_by_label("Reasons").fill(REASONS + " Really.")
    await decide(page)
    await told(page, "This case is decided already.")
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS + " Really.")
    assert await outcomes(stage) == ["remove", "no_violation"]


async def test_a_lease_that_is_lost_while_typing_can_be_taken_again(stage, open_page):
    await under_appeal(stage)
    page = await open_page(ModeratorRole.MODERATOR)
    await weigh(page)
    case = page.url
    stage.now += LEASE
    await decide(page)
    await told(page, "You do not have this case, or no longer.")
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)
    await take_next(page)
    assert page.url == case
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)
    await clear(page)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    assert await outcomes(stage) == ["remove", "no_violation"]


async def test_who_loses_their_role_is_told_and_keeps_what_they_typed(stage, open_page):
    await under_appeal(stage)
    page = await open_page(ModeratorRole.MODERATOR)
    await weigh(page)
    await become(stage, ModeratorRole.AUDITOR)
    await decide(page)
    await told(page, "This is not for you.")
    await expect(page.get_by_label("Reasons")).to_have_value(REASONS)
    await become(stage, ModeratorRole.MODERATOR)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    assert await outcomes(stage) == ["remove", "no_violation"]


async def test_without_a_connection_a_decision_waits_for_its_return(stage, open_page):
    await under_appeal(stage)
    page = await open_page(ModeratorRole.MODERATOR)
    await weigh(page)
    await page.context.set_offline(True)
    await decide(page)
    await told(page, AWAY)
    await page.context.set_offline(False)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    assert await outcomes(stage) == ["remove", "no_violation"]


async def test_a_question_outlives_all_of_it_and_is_asked_once(stage, site, open_page):
    await site.signed_in(ModeratorRole.LEAD)
    await stage.enqueue(await stage.comment())
    page = await open_page(ModeratorRole.MODERATOR)
    case = await take_next(page)
    again = page.get_by_role("button", name="Ask", exact=True)
    await page.context.set_offline(True)
    await ask(page, "Is this Dutch?")
    await told(page, AWAY)
    await page.context.set_offline(False)
    await become(stage, ModeratorRole.AUDITOR)
    await again.click()
    await told(page, "This is not for you.")
    await become(stage, ModeratorRole.MODERATOR)
    await sign_everybody_out(stage)
    await again.click()
    await told(page, "You are signed out.")
    await expect(page.locator("#ask-body")).to_have_value("Is this Dutch?")
    back = await open_page(ModeratorRole.MODERATOR)
    await page.context.add_cookies(await back.context.cookies())
    await page.goto(case)
    await page.get_by_text("Ask a colleague").click()
    await expect(page.locator("#ask-body")).to_have_value("Is this Dutch?")
    await again.dblclick()
    await expect(page.get_by_text("No answer yet.")).to_be_visible()
    await expect(page.locator("#ask-body")).to_have_value("")
    assert len(await stage.rows("select from questions")) == 1


async def test_the_word_that_closes_an_incident_outlives_it_too(stage, open_page):
    await stage.enqueue(await stage.comment(), due_at=stage.now, duty_from=stage.now)
    await stage.tick()
    page = await open_page(ModeratorRole.LEAD)
    await page.goto("/console/incidents")
    await page.get_by_text("Close it with a word").click()
    await page.get_by_label("What came of it").fill("the night shift was ill")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Close the incident").click()
    await told(page, AWAY)
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Close the incident").dblclick()
    await expect(page.get_by_text("Nothing is open.")).to_be_visible()


async def test_an_invitation_that_is_not_made_says_why_beside_what_was_typed(stage, open_page):
    page = await open_page(ModeratorRole.ADMIN)
    await page.goto("/console/people")
    await page.get_by_label("Name", exact=True).fill("Ola Berg")
    await page.get_by_label("User name").fill("ola berg")
    await page.get_by_role("button", name="Make the invitation").click()
    await told(page, "A user name is an address of e-mail or one word")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Ola Berg")
    await page.get_by_label("User name").fill("ola")
    await page.get_by_role("button", name="Make the invitation").dblclick()
    await expect(page.get_by_role("heading", name="Send this link to Ola Berg")).to_be_visible()
    await expect(page.get_by_label("Link")).to_be_focused()
    await page.goto("/console/people")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("")


async def test_a_video_that_is_none_can_be_decided_all_the_same(stage, open_page):
    await stage.enqueue(await upload(stage, b"no video at all", caption="what it says"))
    page = await open_page(ModeratorRole.MODERATOR)
    await take_next(page)
    await expect(page.get_by_text("This video does not play in your browser.")).to_be_visible()
    await expect(page.get_by_text("what it says")).to_be_visible()
    await clear(page)
    await decide(page)
    await page.wait_for_url("**/console/queue*")
    assert await outcomes(stage) == ["no_violation"]


async def test_a_public_form_is_sent_once_whoever_clicks_twice(stage, page):
    await stage.comment("c1")
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    await page.goto("/report?kind=comment&subject=c1&topic=scam")
    await page.get_by_role("button", name=ENGLISH["report.next"]).dblclick()
    await page.locator('input[value="phishing"]').check()
    await page.get_by_role("button", name=ENGLISH["report.send"]).dblclick()
    await page.get_by_role("button", name=ENGLISH["thanks.look"]).dblclick()
    await page.get_by_label(ENGLISH["supplement.label"]).fill("It is on other videos, too")
    await page.get_by_role("button", name=ENGLISH["supplement.send"]).dblclick()
    await expect(page.get_by_role("status")).to_have_text(ENGLISH["receipt.added"])
    assert len(sent) == 4
    assert len(await stage.rows("select from reports")) == 1
    assert len(await stage.rows("select from report_supplements")) == 1


async def test_without_a_connection_a_public_form_says_so_and_keeps_what_was_typed(stage, page):
    await stage.comment("c1")
    await page.goto("/report?kind=comment&subject=c1&topic=scam")
    await page.get_by_role("button", name=ENGLISH["report.next"]).click()
    await page.locator('input[value="phishing"]').check()
    await page.get_by_label(ENGLISH["report.note"]).fill("asks for a code")
    await page.context.set_offline(True)
    await page.get_by_role("button", name=ENGLISH["report.send"]).click()
    await expect(page.get_by_role("alert")).to_have_text(ENGLISH["page.offline"])
    await page.context.set_offline(False)
    await page.get_by_role("button", name=ENGLISH["report.send"]).click()
    await expect(page.locator("#token")).to_be_visible()
    assert len(await stage.rows("select from reports where note is not null")) == 1


async def test_what_people_write_runs_nowhere_and_stays_within_its_page(stage, open_page, site):
    """Nor does the policy have anything to report: each browser of these tests asserts it."""
    caption = HOSTILE * 400 + "x" * 50_000
    ref = await upload(stage, b"media", f"v{HOSTILE}", caption=caption)
    spot = (Moment(start_ms=0, end_ms=1000),)
    await stage.report(ref, "phishing", "anna", note=HOSTILE, moments=spot)
    await stage.enqueue(ref)
    await site.signed_in(ModeratorRole.LEAD)
    page = await open_page(ModeratorRole.MODERATOR, HOSTILE)
    await take_next(page)
    await page.get_by_text("Show all").first.click()
    assert len(await page.locator(".said").first.inner_text()) > 50_000
    await ask(page, HOSTILE)
    await expect(page.get_by_text("No answer yet.")).to_be_visible()
    await harmless(page)
    await page.goto("/report")
    await page.locator('input[value="video"]').check()
    await page.get_by_label(ENGLISH["report.subject"]).fill(f"v{HOSTILE}")
    await page.locator('input[value="scam"]').check()
    await page.get_by_role("button", name=ENGLISH["report.next"]).click()
    await page.locator('input[value="phishing"]').check()
    await page.get_by_label(ENGLISH["report.note"]).fill(HOSTILE)
    await harmless(page)
    await page.get_by_role("button", name=ENGLISH["report.send"]).click()
    await page.get_by_role("button", name=ENGLISH["thanks.look"]).click()
    await expect(page.get_by_role("main")).to_contain_text(SCRIPT)
    await harmless(page)


async def harmless(page: Page) -> None:
    """Nothing has run, nothing would run if it were pressed, and nothing sticks out."""
    assert await page.evaluate("window.hit") is None
    for sort in ("script:not([src])", "[onerror]", "a[href^='javascript:']"):
        assert await page.locator(sort).count() == 0
    width, room = await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= room
