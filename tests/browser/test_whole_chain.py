"""The whole chain in real browsers: from a viewer's report to the day it is made good.

Underseal and Loop are served for real and know each other by HTTP alone; people use nothing but
their pages: viewers and creators on phones in the dark, moderators at desks. (Each page is looked
at in every look by a test of its own.)
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from backstage import Backstage, Door, backstage
from chromium import LOOKS, Chromium, serving
from footage import film
from loop_stage import looping
from playwright.async_api import Locator, Page, expect

from loop.listening import connect
from underseal.client import sign_creator_link
from underseal.core.caller import ModeratorRole
from underseal.flow.system import Settings, System

NOTE = "That is the boy from my class, they do it every week"
GROUNDS = "We wrote this sketch together, and he is in on it."
REASONS = "Both have said that they planned the scene together. Nobody is mocked."
PLAYED = """(video) => new Promise((done) => {
    video.muted = true;
    video.ontimeupdate = () => video.currentTime > 0.3 && done();
    video.play();
})"""

Check = Callable[[Page], Awaitable[None]]
"""What every page must pass."""


@pytest.fixture(scope="session")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("sketch"), scene=42, seconds=6, caption="Guess who")


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    door = Door()
    async with serving(door) as loop_origin:
        yield door, loop_origin


@pytest.fixture
def system(system: System, door: tuple[Door, str]) -> System:
    """An Underseal that may send its messages to Loop."""
    return replace(system, settings=Settings(allowed_hosts=frozenset({urlsplit(door[1]).netloc})))


@pytest.fixture
async def world(stage, origin: str, door: tuple[Door, str], tmp_path: Path, browser, axe):
    port = urlsplit(door[1]).port
    async with looping(stage, origin, tmp_path, port) as loop, backstage(loop) as behind:
        door[0].app = loop.app
        await connect(loop.site)
        yield World(behind, browser, axe, underseal=origin, loop=door[1])


@dataclass
class World:
    """Both sites, and whoever looks at them."""

    behind: Backstage
    browser: Chromium
    check: Check
    underseal: str
    loop: str

    async def join(self, name: str) -> "Member":
        """Let somebody sign in to Loop."""
        person = await self.behind.loop.person(name)
        window = await self.browser.window(LOOKS["phone-dark"], base_url=self.loop)
        page = await window.new_page()
        await page.goto("/sign-in")
        await page.locator(f"button[value={person.id}]").click()
        await page.wait_for_url(f"{self.loop}/")
        return Member(self, page, person.id)

    async def publish(self, name: str, caption: str, media: bytes) -> str:
        """Let somebody upload a video to Loop, that machines look at and let pass."""
        video_id = await self.behind.loop.unchecked_video(name, caption, media)
        await self.behind.work()
        return video_id


@dataclass
class Member:
    """Somebody on Loop, at their browser."""

    world: World
    page: Page
    id: str

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.world.loop}{path}")

    async def bytes_of(self, *paths: str) -> list[bytes]:
        """What Loop answers this person, to the byte."""
        answers = [await self.page.request.get(f"{self.world.loop}{path}") for path in paths]
        assert all(answer.ok for answer in answers)
        return [await answer.body() for answer in answers]


async def watches(viewer: Member, video_id: str) -> None:
    await viewer.go(f"/v/{video_id}")
    await viewer.page.locator("video").evaluate("(video) => { video.muted = true; video.play() }")
    await expect(viewer.page.locator("video")).to_have_attribute("data-told", "")
    await viewer.world.check(viewer.page)


async def reports(viewer: Member, at_s: str) -> str:
    """Report what plays for bullying, at a second; return the receipt."""
    page = viewer.page
    await page.get_by_role("button", name="Report this video").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Harassment and bullying").click()
    await dialog.get_by_role("button", name="Bullying", exact=False).first.click()
    await dialog.get_by_role("slider").fill(at_s)
    await dialog.get_by_role("button", name="Mark this second").click()
    await dialog.get_by_role("textbox").first.fill(NOTE)
    await viewer.world.check(page)
    await dialog.get_by_role("button", name="Send the report").click()
    await expect(dialog).to_contain_text("Thank you")
    await viewer.world.check(page)
    return await dialog.locator("code").inner_text()


async def keeps(reporter: Member, receipt: str) -> None:
    """Keep the receipt on Loop, which has not seen it yet."""
    await reporter.go("/reports")
    await reporter.page.get_by_label("Receipt", exact=True).fill(receipt)
    await reporter.page.get_by_role("button", name="Keep it").click()
    await expect(reporter.page.get_by_role("heading", name="You reported")).to_be_visible()
    await reporter.world.check(reporter.page)


async def takes_the_next_case(moderator: Page, check: Check) -> None:
    await moderator.goto("/console/queue")
    await check(moderator)
    await moderator.keyboard.press("n")
    await moderator.wait_for_url("**/console/cases/*")


async def sees_the_report(moderator: Page, check: Check) -> None:
    """The second is on the timeline; whose it is nobody can tell, nor whether it is true."""
    mark = moderator.locator(".timeline").get_by_role("button", name="Reports, 0:01.0")
    await expect(mark).to_have_text("1 report: Bullying")
    told = moderator.locator(".reports li")
    await expect(told).to_contain_text("Reporter ")
    await expect(told.locator("blockquote")).to_contain_text(NOTE)
    await expect(told.locator("blockquote .chip")).to_have_text("unverified")
    await check(moderator)


async def removes_it(moderator: Page, check: Check) -> None:
    """Remove the video for bullying in the second that is marked, by keyboard."""
    case = moderator.url
    press = moderator.keyboard.press
    await press("1")
    await expect(moderator.get_by_role("radio", name="Remove it")).to_be_focused()
    await press("]")
    await press("a")
    await expect(moderator.get_by_role("checkbox", name="0:01")).to_be_checked()
    await press("1")
    preview = moderator.locator("#decide-preview")
    await expect(preview).to_contain_text("Filming a classmate")
    await expect(preview).to_contain_text("Where: 0:01")
    await check(moderator)
    await press("Enter")
    await moderator.wait_for_url(lambda url: url != case)
    await expect(moderator.locator("#decide-tray")).to_contain_text("Remove it: Bullying")
    await check(moderator)


async def reads_the_statement(creator: Member) -> None:
    """Read on Loop what was decided, which a message of Underseal's has announced."""
    page = creator.page
    await creator.go("/")
    await expect(page.locator(".count")).to_have_text("1 unread")
    await page.get_by_role("link", name="Inbox").click()
    await creator.world.check(page)
    await page.get_by_role("link", name="has been removed").click()
    await _is_told_all_but_the_report(page.locator("main"))
    await creator.world.check(page)


async def appeals(creator: Member) -> None:
    """Appeal on Underseal's own page, behind a link that Loop has signed."""
    page, world = creator.page, creator.world
    loop = world.behind.loop
    link = sign_creator_link(
        loop.site.settings.key,
        loop.site.settings.ticket_secret,
        creator=creator.id,
        expires_at=loop.stage.now + timedelta(hours=1),
    )
    await page.goto(f"{world.underseal}/statement?link={link}")
    await world.check(page)
    await page.get_by_role("link", name="We have removed your video.").click()
    await _is_told_all_but_the_report(page.locator("main"))
    await world.check(page)
    await page.get_by_label("Why is the decision wrong?").fill(GROUNDS)
    await page.get_by_role("button", name="Appeal", exact=True).click()
    await expect(page.get_by_role("status")).to_be_visible()
    await world.check(page)
    await creator.go("/inbox")
    await expect(page.get_by_text("Appeal under way")).to_be_visible()


async def _is_told_all_but_the_report(main: Locator) -> None:
    for said in (
        "Bullying",
        "0:01",
        "Filming a classmate",
        "A person made this decision.",
        "you can appeal until the end of 22 May 2027",
    ):
        await expect(main).to_contain_text(said)
    told = await main.inner_text()
    assert not any(word in told for word in ("report", "Report", "Ben", NOTE))


async def may_not_take_the_appeal(moderator: Page, check: Check) -> None:
    await moderator.goto("/console/appeals")
    await expect(moderator.get_by_role("row", name="not you")).to_contain_text("mona")
    await check(moderator)
    await moderator.goto("/console/queue")
    await moderator.keyboard.press("n")
    await expect(moderator.get_by_role("status")).to_contain_text("Nothing waits for you")
    await check(moderator)


async def reinstates_it(moderator: Page, check: Check) -> None:
    """Decide the appeal by keyboard: nothing is broken."""
    await expect(moderator.get_by_role("heading", name="What the creator says")).to_be_visible()
    await expect(moderator.locator(".appeal")).to_contain_text(GROUNDS)
    press = moderator.keyboard.press
    await press("0")
    await expect(moderator.get_by_role("radio", name="No violation")).to_be_focused()
    await press("r")
    await moderator.keyboard.type(REASONS)
    await expect(moderator.locator("#decide-preview")).to_contain_text(REASONS)
    await check(moderator)
    await press("Tab")
    await press("Tab")
    await expect(moderator.get_by_role("button", name="Decide")).to_be_focused()
    await press("Enter")
    await moderator.wait_for_url("**/console/queue*")
    await expect(moderator.locator("#decide-tray")).to_contain_text("No violation")


async def sees_that_it_is_back(creator: Member) -> None:
    page = creator.page
    await creator.go("/inbox")
    await expect(page.locator(".count")).to_have_text("1 unread")
    await expect(page.get_by_text("Appeal granted")).to_be_visible()
    await creator.world.check(page)
    await page.get_by_role("link", name="the decision was wrong").click()
    await expect(page.locator("main")).to_contain_text(REASONS)
    await creator.world.check(page)
    await creator.go("/account")
    await expect(page.locator("main")).to_contain_text("In good standing")
    await expect(page.locator("main")).to_contain_text("Taken back")
    await creator.world.check(page)


async def finds_it_removed(viewer: Member, video_id: str) -> None:
    path = f"{viewer.world.loop}/v/{video_id}"
    assert (await viewer.page.request.get(path)).status == 404
    await viewer.go(f"/v/{video_id}")
    await expect(viewer.page.locator("main")).to_contain_text("There is no such video.")
    await viewer.world.check(viewer.page)


async def plays_it(viewer: Member, video_id: str) -> None:
    await viewer.go(f"/v/{video_id}")
    video = viewer.page.locator("video")
    await video.evaluate(PLAYED)
    await viewer.world.check(viewer.page)


async def reads_the_outcome(reporter: Member, receipt: str) -> None:
    """Look the receipt up at Underseal, and on Loop, where it is kept."""
    page, world = reporter.page, reporter.world
    await page.goto(f"{world.underseal}/receipt")
    await world.check(page)
    await page.get_by_label("Your receipt").fill(receipt)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert receipt not in page.url
    await world.check(page)
    await reporter.go("/reports")
    await expect(page.get_by_text("No violation found")).to_be_visible()
    await world.check(page)


async def test_a_report_is_decided_appealed_and_made_good(world: World, open_page, axe, sketch):
    behind = world.behind
    video_id = await world.publish("Ada", "Guess who", sketch)
    await behind.gather_crowd(video_id)
    await behind.pass_hour()
    ada, ben = await world.join("Ada"), await world.join("Ben")

    await watches(ben, video_id)
    own_pages = ("/inbox", "/account", f"/v/{video_id}", "/u/ada")
    before = await ada.bytes_of(*own_pages)
    receipt = await reports(ben, at_s="1.5")
    await keeps(ben, receipt)
    await behind.work()
    assert await ada.bytes_of(*own_pages) == before

    mona = await open_page(ModeratorRole.MODERATOR, "mona")
    await takes_the_next_case(mona, axe)
    await sees_the_report(mona, axe)
    await removes_it(mona, axe)
    await behind.pass_undo_minute()
    assert await ada.bytes_of(*own_pages) == before

    await behind.gather_crowd(video_id)
    await behind.pass_hour()
    await finds_it_removed(ben, video_id)
    await reads_the_statement(ada)
    await appeals(ada)
    await behind.work()

    mona = await open_page(ModeratorRole.MODERATOR, "mona")  # an hour ended her session
    await may_not_take_the_appeal(mona, axe)
    nils = await open_page(ModeratorRole.MODERATOR, "nils")
    await takes_the_next_case(nils, axe)
    await reinstates_it(nils, axe)
    await behind.pass_undo_minute()
    await behind.pass_hour()

    await sees_that_it_is_back(ada)
    await plays_it(ada, video_id)
    await plays_it(ben, video_id)
    await reads_the_outcome(ben, receipt)
