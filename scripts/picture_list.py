"""The pictures that are taken: of which page, as whom, and what is done before each.

Every page of the application is among them: `tests/repo/test_pictures.py` compares `PICTURES` and
`UNPICTURED` with the routes that the application and the example site answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeAlias

import pyotp
from playwright.async_api import Page

from underseal import app
from underseal.client import sign_creator_link

CASE: Final = "/console/cases/{case_id:uuid}"
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


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page to look at: who looks, where, and what they do before the picture and after it.

    `route` is the page as the application says it; `path` is where to begin, the same if empty.
    Nobody is signed in as "", and somebody else each as "newcomer". `is_full`: all of the page.
    """

    name: str
    who: str = ""
    route: str
    path: str = ""
    prepare: Prepare | None = None
    after: Prepare | None = None
    is_full: bool = True


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


TRAIL: Final = f"/console/audit?kind=video&id={SHOWN}"

CONSOLE: Final = (
    Picture(name="sign-in", route="/console/sign-in"),
    Picture(
        name="second-factor",
        route="/console/sign-in/code",
        path="/console/sign-in",
        prepare=give_password,
    ),
    Picture(name="queue", who="mona", route="/console/queue"),
    Picture(
        name="review",
        who="lea",
        route=CASE,
        path=TRAIL,
        prepare=open_case,
        after=give_back,
        is_full=False,
    ),
    Picture(
        name="review-decision",
        who="lea",
        route=CASE,
        path=TRAIL,
        prepare=fill_in_decision,
        after=give_back,
        is_full=False,
    ),
    Picture(
        name="review-all", who="lea", route=CASE, path=TRAIL, prepare=open_case, after=give_back
    ),
    Picture(
        name="review-appeal", who="lea", route=CASE, path="/console/appeals", prepare=open_appeal
    ),
    Picture(
        name="decide",
        who="lea",
        route=f"{CASE}/decide",
        path=TRAIL,
        prepare=show_decision_alone,
        after=give_back,
    ),
    Picture(
        name="bulk",
        who="mona",
        route="/console/bulk",
        path="/console/queue",
        prepare=choose_several,
    ),
    Picture(name="colleagues", who="omar", route="/console/colleagues"),
    Picture(name="confirmations", who="lea", route="/console/confirmations"),
    Picture(name="appeals", who="lea", route="/console/appeals"),
    Picture(name="holds", who="lea", route="/console/holds"),
    Picture(name="dashboard", who="lea", route="/console/dashboard"),
    Picture(name="incidents", who="lea", route="/console/incidents"),
    Picture(name="known", who="lea", route="/console/known"),
    Picture(name="guidelines", who="mona", route="/console/guidelines", is_full=False),
    Picture(
        name="guidelines-compared",
        who="mona",
        route="/console/guidelines/compare",
        path="/console/guidelines",
        prepare=compare,
    ),
    Picture(name="audit", who="aude", route="/console/audit"),
    Picture(name="audit-trail", who="aude", route="/console/audit", path=TRAIL),
    Picture(
        name="people-invited",
        who="adam",
        route="/console/people/invite",
        path="/console/people",
        prepare=invite,
    ),
    Picture(name="people", who="adam", route="/console/people"),
    Picture(
        name="people-dismiss",
        who="adam",
        route="/console/people/{who:uuid}/dismiss",
        path="/console/people",
        prepare=dismiss,
    ),
    Picture(
        name="invitation",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=open_invitation,
    ),
    Picture(
        name="recovery-codes",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=join,
    ),
    Picture(
        name="invitation-over",
        who="newcomer",
        route="/console/invitation/{token:str}",
        path="/",
        prepare=open_invitation,
    ),
    Picture(name="me", who="mona", route="/console/me"),
    Picture(name="problem", route="", path="/console/nowhere"),
)
PUBLIC: Final = (
    Picture(name="start", route="/"),
    Picture(name="report", route="/report", is_full=False),
    Picture(name="report-why", route="/report", path="/report", prepare=choose_topic),
    Picture(name="report-thanks", route="/report", path="/report", prepare=send_report),
    Picture(name="receipt", route="/receipt"),
    Picture(name="receipt-outcome", route="/receipt", prepare=look_up("remove")),
    Picture(name="receipt-no-violation", route="/receipt", prepare=look_up("no_violation")),
    Picture(name="statements", route="/statement", path="/", prepare=statements()),
    Picture(name="statement", route="/statement", path="/", prepare=statement()),
    Picture(
        name="statement-appealed", route="/statement", path="/", prepare=statement("third_row")
    ),
    Picture(name="link-refused", route="/statement", path="/statement?link=x"),
    Picture(name="public-guidelines", route="/guidelines", is_full=False),
    Picture(
        name="public-guideline",
        route="/guidelines/{guideline_id:str}",
        path="/guidelines/fake_offer",
    ),
    Picture(name="transparency", route="/transparency"),
)
LOOP: Final = (
    Picture(name="loop-sign-in", route="/sign-in"),
    Picture(name="loop-feed", route="/", is_full=False),
    Picture(name="loop-report", who="Gus", route="/", prepare=open_report, is_full=False),
    Picture(
        name="loop-report-details", who="Gus", route="/", prepare=report_details, is_full=False
    ),
    Picture(
        name="loop-video",
        who="Gus",
        route="/v/{video_id:str}",
        path="/",
        prepare=open_conversation,
        is_full=False,
    ),
    Picture(
        name="loop-sound", who="Gus", route="/sounds/{sound_id:str}", path="/", prepare=open_sound
    ),
    Picture(name="loop-profile", who="Ada", route="/u/{handle:str}", path="/u/ada"),
    Picture(name="loop-upload", who="Ada", route="/upload"),
    Picture(name="loop-inbox", who="Cleo", route="/inbox"),
    Picture(
        name="loop-statement",
        who="Cleo",
        route="/inbox/{statement_id:uuid}",
        path="/inbox",
        prepare=open_letter,
    ),
    Picture(name="loop-account", who="Cleo", route="/account"),
    Picture(name="loop-reports", who="Hana", route="/reports", prepare=keep_receipt),
)
"""Pictures of the console, of what reporters and creators see, and of the example site."""

UNPICTURED: Final = {
    "/static/{name:str}": "files that pages are made of",
    "/console": "leads on to the queue",
    "/console/undo": "a piece of the queue and of cases",
    f"{CASE}/media": "the video of a case",
    f"{CASE}/strip.jpg": "the frames of a case",
    "/console/bulk/copies/{case_id:uuid}": "leads on to the cases that it chooses",
    "/console/guidelines/text": "a text to be saved",
    "/console/sign-in/provider": "leads on to the provider of the operator",
    "/console/sign-in/provider/return": "leads back from there",
    "/transparency.json": "for programs",
    "/media/{video_id:str}": "Loop's videos",
    "/ticket": "for the report dialog",
}
"""Routes without a picture, and why."""
