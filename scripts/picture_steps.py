"""What is done before a picture is taken: each step is what a person would do on the page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeAlias

import pyotp
from playwright.async_api import Page

from underseal import app
from underseal.client import sign_creator_link

SHOWN: Final = "golden-kettle"
"""The video of the seeded past whose case is shown; see `lab.seeding.present`."""

SECONDS: Final = "0:09-0:14"
"""Where its reporters say that it is wrong."""

NEWCOMER: Final = "twelve paper boats at the harbour wall"
PLAYER_MS: Final = 1_500
SWAP_MS: Final = 700


@dataclass(frozen=True, kw_only=True)
class Tour:
    """What the pictures of one look have in common; `found` is what earlier ones have found out."""

    access: Mapping[str, Any]
    look: str
    found: dict[str, str] = field(default_factory=dict)


Prepare: TypeAlias = Callable[[Page, Tour], Awaitable[None]]


async def give_password(page: Page, tour: Tour) -> None:
    """Go on to the second factor."""
    person = tour.access["people"]["mona"]
    await page.fill("[name=user_name]", person["user_name"])
    await page.fill("[name=password]", person["password"])
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[name=code]")


async def invite(page: Page, tour: Tour) -> None:
    """Invite somebody, and keep the link."""
    name = {"desk": "Nora", "phone": "Ivo"}[tour.look]
    await page.fill("[name=name]", name)
    await page.fill("[name=user_name]", name.lower())
    await page.get_by_role("button", name="Make the invitation").click()
    tour.found["invitation"] = await page.locator("#link").input_value()


async def open_invitation(page: Page, tour: Tour) -> None:
    """Open the link that was made before."""
    await page.goto(tour.found["invitation"])


async def join(page: Page, tour: Tour) -> None:
    """Accept the invitation."""
    await open_invitation(page, tour)
    secret = await page.locator("details code").text_content()
    await page.fill("[name=password]", NEWCOMER)
    await page.fill("[name=code]", pyotp.TOTP(secret or "").now())
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("heading", name="Keep these codes").wait_for()


async def open_case(page: Page, _: Tour) -> None:
    """Open the case about the video that is shown, and take it if nobody has."""
    await page.get_by_role("link", name="Open its newest case").click()
    await page.wait_for_url("**/console/cases/**")
    take = page.get_by_role("button", name="Take this case")
    if await take.count():
        await take.click()
        await page.locator("#decide-form").wait_for()
    await page.wait_for_timeout(PLAYER_MS)


async def fill_in_decision(page: Page, tour: Tour) -> None:
    """Uncover the video, go to a marked second, and say what it breaks, on a tall screen."""
    await open_case(page, tour)
    if tour.look == "desk":
        await page.set_viewport_size({"width": 1440, "height": 1240})
    await page.keyboard.press("b")
    await page.keyboard.press("g")
    await page.locator(".timeline .mark.is-text").first.click()
    await page.locator("#decide-tree input[name=ground]").first.check()
    await page.locator("#decide-tree input[name=observed]").first.wait_for()
    await page.locator("#decide-tree input[name=observed]").first.check()
    await page.wait_for_timeout(SWAP_MS)
    await page.locator("#decide-tree label", has_text=SECONDS).first.click()
    await page.wait_for_timeout(SWAP_MS)
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await page.evaluate("document.querySelector('#decide')?.scrollTo(0, 0)")
    await page.wait_for_timeout(PLAYER_MS)


async def show_decision_alone(page: Page, tour: Tour) -> None:
    """Open the decision as whoever has no scripts sees it."""
    await open_case(page, tour)
    await page.goto(f"{page.url.partition('?')[0]}/decide")


async def give_back(page: Page, _: Tour) -> None:
    """Give the case back, for whoever looks next."""
    await page.get_by_role("button", name="Give it back").click()
    await page.wait_for_load_state()


async def choose_several(page: Page, _: Tour) -> None:
    """Choose cases of the queue, to decide them together."""
    rows = page.locator("table.waiting tr", has_text="Bullying")
    for number in range(await rows.count()):
        await rows.nth(number).locator("[name=case]").check()
    await page.locator("button[form=bulk], #bulk button").first.click()
    await page.wait_for_url("**/console/bulk**")


async def open_appeal(page: Page, _: Tour) -> None:
    """Open the first appeal."""
    await page.locator("table.list tbody a").first.click()
    await page.wait_for_timeout(PLAYER_MS)


async def compare(page: Page, _: Tour) -> None:
    """Compare the guidelines with those before."""
    await page.get_by_role("link", name="what changed").first.click()


async def dismiss(page: Page, _: Tour) -> None:
    """Ask to dismiss the first colleague in the list."""
    await page.get_by_role("link", name="Dismiss").first.click()


async def choose_topic(page: Page, _: Tour) -> None:
    """Fill in the first step of the report form."""
    await page.check("[name=kind][value=video]")
    await page.fill("[name=subject]", SHOWN)
    await page.check("[name=topic][value=scam]")
    await page.locator("[name=step][value=choose]").click()
    await page.locator("[name=guideline]").first.wait_for()
    await page.check("[name=guideline][value=fake_offer]")
    await page.fill("[name=moments]", SECONDS)
    await page.fill("[name=note]", "There is no kettle.")


async def send_report(page: Page, tour: Tour) -> None:
    """Send a report."""
    await choose_topic(page, tour)
    await page.locator("button.is-primary").last.click()
    await page.wait_for_load_state()


def look_up(outcome: str) -> Prepare:
    """Return what looks a receipt up, of a report that had this outcome."""

    async def prepare(page: Page, tour: Tour) -> None:
        await page.fill("[name=receipt]", tour.access["receipts"][outcome])
        await page.locator("button.is-primary").click()
        await page.wait_for_load_state()

    return prepare


def statements(creator: str = "") -> Prepare:
    """Return what opens a creator's statements by a link of their platform."""

    async def prepare(page: Page, tour: Tour) -> None:
        link = sign_creator_link(
            tour.access["platform_key"],
            tour.access["platform_ticket_secret"],
            creator=creator or tour.access["creator"],
            expires_at=app.clock() + timedelta(hours=1),
        )
        await page.goto(f"{tour.access['underseal']}/statement?link={link}")

    return prepare


def statement(creator: str = "") -> Prepare:
    """Return what opens the newest of a creator's statements."""

    async def prepare(page: Page, tour: Tour) -> None:
        await statements(creator)(page, tour)
        await page.locator("h3 a").first.click()

    return prepare


async def open_report(page: Page, _: Tour) -> None:
    """Open the report dialog of the first video."""
    await page.get_by_role("button", name="Report").first.click()
    await page.wait_for_timeout(SWAP_MS)


async def report_details(page: Page, tour: Tour) -> None:
    """Go to the last step of the report dialog."""
    await open_report(page, tour)
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Fraud and scams").click()
    await dialog.get_by_role("button", name="Fake shop, prize or job").click()
    await page.wait_for_timeout(SWAP_MS)


async def send_details(page: Page, tour: Tour) -> None:
    """Send the report of the dialog."""
    await report_details(page, tour)
    await page.get_by_role("dialog").get_by_role("button", name="Send the report").click()
    await page.wait_for_timeout(PLAYER_MS)


async def open_conversation(page: Page, _: Tour) -> None:
    """Open the page of a video with comments."""
    await page.locator("a[href*='#comments']:visible").first.click()


async def open_sound(page: Page, _: Tour) -> None:
    """Open the sound of the first video."""
    await page.locator("a[href^='/sounds/']").first.click()


async def open_letter(page: Page, _: Tour) -> None:
    """Open the newest statement."""
    await page.locator(".letters a").first.click()


async def keep_receipt(page: Page, tour: Tour) -> None:
    """Keep the receipt of a report, if it is not kept yet."""
    if not await page.locator(".reports li").count():
        await page.fill("[name=receipt]", tour.access["loop_receipt"])
        await page.get_by_role("button", name="Keep it").click()
