"""A moderator's shift: ten cases by keyboard alone, or by touch, and never a colleague's."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from chromium import LOOKS
from footage import film, upload
from hands import Finger, Hands
from joining import Member, member
from playwright.async_api import Page, expect

from underseal.core.caller import ModeratorRole
from underseal.core.draft import UNDO_TIME
from underseal.core.report import Moment
from underseal.core.statement import statement_text
from underseal.core.visibility import PUBLIC, Level, Visibility
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals

CASES = re.compile(r"/console/cases/[0-9a-f-]{36}")
QUEUE = "/console/queue"
REASONS = "The whole thread was read again, and it warns of such messages."
REMOVED = Visibility(level=Level.REMOVED)


async def removes_it(hands: Hands) -> None:
    await hands.pick("1", "Remove it")
    await hands.press("2")
    await hands.foresee("Asking for the code")
    await hands.leave("Enter")


async def removes_seconds(hands: Hands) -> None:
    """Look without blur, go to the second that is reported, and point to it."""
    await hands.press("b", "]")
    await hands.page.wait_for_selector(".mark[aria-current]")
    await hands.pick("1", "Remove it")
    await hands.press("a")
    await expect(hands.page.get_by_role("checkbox", name="0:03")).to_be_checked()
    await hands.press("1")
    await hands.foresee("Where: 0:03")
    await hands.foresee("A link to a copy of a bank's website")
    await hands.leave("Enter")


async def finds_another_ground(hands: Hands) -> None:
    await hands.press("9")
    await hands.read("Which topic?")
    await hands.press("2")
    await hands.read("Hate: which guideline?")
    await hands.press("2")
    await hands.find_focus("radio", "Remove it")
    await hands.pick("8", "Do not recommend it")
    await hands.foresee("recommend")
    await hands.leave("Enter")


async def leaves_it_to_adults(hands: Hands) -> None:
    await hands.pick("1", "Remove it")
    await hands.pick("7", "Only for adults")
    await hands.foresee("adults")
    await hands.leave("Enter")


async def clears_it(hands: Hands) -> None:
    await hands.pick("0", "No violation")
    await hands.leave("Enter")


async def lacks_a_place(hands: Hands) -> None:
    await hands.pick("0", "No violation")
    await hands.pick("2", "Insufficient")
    await hands.leave("Enter")


async def sees_another_category(hands: Hands) -> None:
    await hands.pick("0", "No violation")
    await hands.pick("4", "Wrong category")
    await hands.leave("Enter")


async def thinks_again(hands: Hands) -> None:
    """Remove it, see the next case, and take that back: nothing is broken."""
    case, about = hands.page.url, await hands.subject.inner_text()
    await removes_it(hands)
    await expect(hands.subject).not_to_have_text(about)
    await expect(hands.page.locator("#decide-tray")).to_contain_text("Remove it")
    await hands.press("u")
    await hands.page.wait_for_url(case)
    await clears_it(hands)


async def grants_the_appeal(hands: Hands) -> None:
    await hands.read("What the creator says", "it is satire")
    await hands.pick("0", "No violation")
    await hands.press("r")
    await hands.type(REASONS)
    await hands.foresee(REASONS)
    await hands.press("Tab", "Tab")
    await hands.find_focus("button", "Decide")
    await hands.leave("Enter")


async def skips_it(hands: Hands) -> None:
    await hands.leave("x")


async def gives_it_to_a_lead(hands: Hands) -> None:
    await hands.press("e")
    await hands.find_focus("textbox", "Why")
    await hands.type("Somebody should speak to the police.")
    await hands.press("Tab")
    await hands.leave("Enter")


@dataclass(frozen=True)
class Turn:
    """What is done about a case, what is decided by that, and what everybody sees of it then."""

    do: Callable[[Hands], Awaitable[None]]
    verdict: tuple[str, str | None, str] | None
    seen: Visibility = PUBLIC


PHISHING = ("remove", "phishing", "actioned")
FINE = ("no_violation", None, "no_violation")
SHIFT = {
    "copied page": Turn(removes_it, PHISHING, REMOVED),
    "clip": Turn(removes_seconds, PHISHING, REMOVED),
    "joke": Turn(clears_it, FINE),
    "half a link": Turn(lacks_a_place, ("no_violation", None, "insufficient")),
    "recipe": Turn(sees_another_category, ("no_violation", None, "wrong_category")),
    "slur": Turn(
        finds_another_ground,
        ("not_recommended", "hate_degrading", "actioned"),
        Visibility(level=Level.NOT_RECOMMENDED),
    ),
    "lottery": Turn(
        leaves_it_to_adults,
        ("age_restrict", "phishing", "actioned"),
        Visibility(age_restricted=True),
    ),
    "warning": Turn(thinks_again, FINE),
    "thread": Turn(grants_the_appeal, FINE),
    "greeting": Turn(clears_it, FINE),
    "neighbour": Turn(skips_it, None),
    "threat": Turn(gives_it_to_a_lead, None),
}
"""By subject: ten decisions, one of them after an undo and one about an appeal; two passed on."""


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("shift"), scene=3, seconds=6)


@pytest.fixture
async def shift(stage, media: bytes) -> dict[str, object]:
    """Every subject of the shift, waiting to be looked at."""
    refs = {"clip": await upload(stage, media, "clip")}
    await stage.scan(refs["clip"])
    await stage.report(
        refs["clip"], "phishing", "anna", moments=(Moment(start_ms=3000, end_ms=4000),)
    )
    for name in SHIFT:
        if name != "clip":
            refs[name] = await stage.comment(name, creator=f"who wrote the {name}")
    first = await stage.moderator("first")
    await stage.decide(refs["thread"], first, "remove", "phishing")
    await stage.tick(hours=7 * 24)
    (read,) = await stage.statements("who wrote the thread")
    await stage.appeal(read.statement.id, "who wrote the thread")
    await open_appeals(stage.system, stage.now)
    for name, ref in refs.items():
        if name != "thread":
            await stage.enqueue(ref, guideline="phishing", because="It may be phishing.")
    return refs


@pytest.fixture
async def nia(site, stage) -> Member:
    """A moderator who has not signed in yet, a minute after she joined."""
    who = await member(site)
    stage.now += UNDO_TIME
    return who


async def signs_in(hands: Hands, who: Member, axe) -> None:
    page = hands.page
    await page.goto(QUEUE)
    await hands.find_focus("textbox", "User name")
    await axe(page)
    await hands.type(who.user_name)
    await hands.press("Tab")
    await hands.type(who.password)
    await hands.press("Enter")
    await hands.find_focus("textbox", "Code of your authenticator")
    await axe(page)
    await hands.type(who.code())
    await hands.press("Enter")
    await page.wait_for_url(lambda url: urlsplit(url).path == QUEUE)


async def verdicts(stage) -> dict[str, tuple]:
    """What was decided once nobody can take it back any more, by subject."""
    stage.now += UNDO_TIME
    await settle_drafts(stage.system, stage.now)
    rows = await stage.rows(
        "select external_id, outcome, guideline, finding, decided_by from decisions "
        "join subjects using (subject_id) order by decided_at"
    )
    return {row.pop("external_id"): tuple(row.values()) for row in rows}


async def waiting(stage) -> dict[str, tuple]:
    """What waits, for leads or for anybody, and for whom not."""
    rows = await stage.rows(
        "select external_id, for_leads, not_for from cases join subjects using (subject_id) "
        "where state = 'queued'"
    )
    return {row["external_id"]: (row["for_leads"], row["not_for"]) for row in rows}


async def test_a_moderator_clears_ten_cases_by_keyboard_only(
    stage, site, shift, nia, open_page, axe
):
    hands = Hands(await open_page())
    page, done, shown = hands.page, [], []
    await signs_in(hands, nia, axe)
    await axe(page)
    page.on("framenavigated", lambda frame: shown.append(frame.url))
    await hands.leave("n")
    while CASES.search(page.url):
        done.append(await hands.subject.inner_text())
        if done[-1] in {"clip", "thread", "joke"}:  # a video, an appeal, a comment
            await axe(page)
        await SHIFT[done[-1]].do(hands)
    assert all(CASES.search(url) for url in shown[:-1]), "the next case is there at once"
    await hands.read("Nothing waits for you", "You have")
    await axe(page)
    await hands.leave("o")  # what had come before the undo
    done.append(await hands.subject.inner_text())
    await SHIFT[done[-1]].do(hands)
    await hands.read("Nothing waits for you")
    await expect(page.get_by_role("heading", name="You have")).to_have_count(0)
    assert sorted(done) == sorted(SHIFT)
    me = site.people["nia"]
    assert await verdicts(stage) == {
        name: (*turn.verdict, me) for name, turn in SHIFT.items() if turn.verdict
    }
    assert await waiting(stage) == {"neighbour": (False, [me]), "threat": (True, [])}
    await everybody_sees_it(stage, shift)


async def everybody_sees_it(stage, shift) -> None:
    """What was decided is what is shown; a creator reads what was seen, where, and why."""
    await stage.tick(hours=7 * 24)
    for name, turn in SHIFT.items():
        shown = await stage.shown(shift[name])
        assert (shown.visibility if shown else PUBLIC) == turn.seen, name
    (removal,) = await stage.statements("carl")
    told = statement_text(removal.statement, "en")
    assert "0:03" in told
    assert "A link to a copy of a bank's website" in told
    back, *_ = await stage.statements("who wrote the thread")
    assert REASONS in statement_text(back.statement, "en")


@pytest.mark.parametrize("look", [LOOKS["phone-dark"]], ids=["phone-dark"])
async def test_a_moderator_clears_cases_by_touch(stage, site, nia, open_page, axe, media):
    clip = await upload(stage, media, "clip")
    await stage.scan(clip)
    for rate, ref in enumerate([clip, await stage.comment("joke"), await stage.comment("threat")]):
        await stage.enqueue(ref, rate=9 - rate, guideline="phishing", because="It may be phishing.")
    finger = Finger(await open_page())
    page = finger.page
    await signs_in(finger, nia, axe)
    await axe(page)
    await finger.go("Take the next case")
    await expect(finger.subject).to_have_text("clip")
    await finger.tap("button", "Blur")
    await finger.tap("button", "Play")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await finger.tap("button", "Pause")
    await axe(page)
    await finger.tap("radio", "Steals passwords or data")
    await finger.tap("checkbox", "A link to a copy of a bank's website")
    await finger.foresee("A link to a copy of a bank's website")
    await finger.tap("button", "This second")
    await finger.foresee("Where: 0:0")
    await axe(page)
    await finger.go("Decide")
    await expect(finger.subject).to_have_text("joke")
    await axe(page)
    await finger.tap("radio", "Nothing is broken")
    await finger.foresee("Nothing")
    await finger.go("Decide")
    await expect(finger.subject).to_have_text("threat")
    await finger.go("Undo")
    await expect(finger.subject).to_have_text("joke")
    await finger.go("Not me")
    await finger.read("Nothing waits for you")
    await page.get_by_role("link", name="A comment").tap()
    await page.get_by_text("Give it to a lead").first.tap()
    await finger.find_focus("textbox", "Why")
    await finger.type("Somebody should speak to the police.")
    await axe(page)
    await finger.go("Give it to a lead")
    await finger.read("Nothing waits for you")
    await axe(page)
    me = site.people["nia"]
    assert await verdicts(stage) == {"clip": (*PHISHING, me)}
    assert await waiting(stage) == {"joke": (False, [me]), "threat": (True, [])}


async def works_through(page: Page, given: list[str]) -> None:
    """Clear what comes by keyboard, until nothing is left; note what was shown."""
    hands = Hands(page)
    while CASES.search(page.url):
        given.append(await hands.subject.inner_text())
        await clears_it(hands)
    await hands.read("Nothing waits for you")


async def cannot_see(page: Page, case: str) -> None:
    """A colleague's case is not there, by its address either."""
    answer = await page.goto(case)
    assert answer.status == HTTPStatus.CONFLICT
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "You do not have this case, or no longer"
    )
    await expect(page.get_by_text("number")).to_have_count(0)


async def test_two_moderators_at_once_never_meet(stage, site, open_page, axe):
    names = [f"number {each}" for each in range(10)]
    for name in names:
        await stage.enqueue(await stage.comment(name), guideline="phishing", because="Perhaps.")
    pages = [await open_page(name=name, role=ModeratorRole.MODERATOR) for name in ("mona", "nils")]
    await asyncio.gather(*(page.goto(QUEUE) for page in pages))
    await asyncio.gather(*(Hands(page).leave("n") for page in pages))
    cases = [page.url for page in pages]
    assert cases[0] != cases[1]
    for page, case in zip(pages, reversed(cases), strict=True):
        other = await page.context.new_page()
        await cannot_see(other, case)
        await axe(other)
    given: list[list[str]] = [[], []]
    await asyncio.gather(*map(works_through, pages, given))
    assert all(given)
    assert sorted(given[0] + given[1]) == names
    people = [site.people[name] for name in ("mona", "nils")]
    assert await verdicts(stage) == {
        name: (*FINE, who) for who, its in zip(people, given, strict=True) for name in its
    }
    for page, case in zip(pages, reversed(cases), strict=True):
        await cannot_see(page, case)
