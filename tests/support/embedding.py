"""A platform's page with the report dialog, under a policy as strict as one can be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from browsing import Site
from litestar.types import ASGIApp
from playwright.async_api import Locator, Page

from underseal.client import sign_ticket
from underseal.core.caller import Scope
from underseal.flow.authenticate import admit_platform

VALID = timedelta(minutes=10)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A short video</title>
<script type="module" src="{origin}/static/report.js"></script>
<main>
<h1>A short video</h1>
<video id="player" src="/video" muted controls width="180" height="320"></video>
<underseal-report endpoint="{origin}" ticket="{ticket}" {attributes}></underseal-report>
</main>
</html>
"""

POLICY = (
    "default-src 'none'; script-src {origin}; connect-src {origin}; media-src 'self'; "
    "img-src 'self'; base-uri 'none'"
)

TAB_MAX = 60

FOCUSED = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.ariaLabel ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "";
}"""


def platform(origin: str, video: Path, html: Callable[[], str]) -> ASGIApp:
    """A platform's server, which has one page and one video."""
    media = video.read_bytes()

    async def answer(send, status: int, body: bytes, **headers: str) -> None:
        named = [
            (name.replace("_", "-").encode(), given.encode()) for name, given in headers.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": body})

    async def app(scope, receive, send) -> None:
        match scope["path"]:
            case "/":
                policy = POLICY.format(origin=origin)
                await answer(
                    send,
                    200,
                    html().encode(),
                    content_type="text/html",
                    content_security_policy=policy,
                )
            case "/video":
                asked = dict(scope["headers"]).get(b"range", b"bytes=0-").decode()
                start, end = asked.removeprefix("bytes=").split("-")
                part = media[int(start) : int(end or len(media) - 1) + 1]
                place = f"bytes {start}-{int(start) + len(part) - 1}/{len(media)}"
                await answer(
                    send,
                    206,
                    part,
                    content_type="video/webm",
                    content_range=place,
                    accept_ranges="bytes",
                )
            case _:
                await answer(send, 404, b"")

    return app


@dataclass
class Embedded:
    """The dialog on a platform's page, and what somebody does with it."""

    page: Page
    ticket: Callable[..., str]

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def open(self) -> None:
        await self.page.locator("underseal-report").get_by_role("button").first.click()
        await self.dialog.get_by_role("listitem").first.wait_for()

    async def choose(self, topic: str, guideline: str) -> None:
        await self.dialog.get_by_role("button", name=topic, exact=True).click()
        await self.dialog.get_by_role("button", name=guideline).click()

    async def send(self) -> None:
        await self.dialog.get_by_role("button", name="Send the report").click()

    async def receipt(self) -> str:
        code = self.dialog.locator("code")
        await code.wait_for()
        return await code.inner_text()

    async def set(self, **attributes: str) -> None:
        """Let the page change attributes of the element."""
        await self.page.eval_on_selector(
            "underseal-report",
            "(element, given) => { for (const [name, value] of Object.entries(given)) "
            "element.setAttribute(name, value) }",
            attributes,
        )

    async def tab_to(self, label: str) -> None:
        """Press Tab until what has the focus is called so."""
        for _ in range(TAB_MAX):
            if (await self.page.evaluate(FOCUSED)).strip().startswith(label):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not get to {label}")

    async def press(self, label: str) -> None:
        await self.tab_to(label)
        await self.page.keyboard.press("Enter")


async def ticket_signer(site: Site) -> Callable[..., str]:
    """Return what a platform's server signs tickets with."""
    system, clock = site.stage.system, site.stage
    key = await admit_platform(system, "Loop", [Scope.TICKET_SIGN], clock.now.date())

    def sign(name: str = "v1", reporter: str | None = "anna", kind: str = "video") -> str:
        assert key.ticket_secret is not None
        return sign_ticket(
            key.token,
            key.ticket_secret,
            subject=(kind, name),
            reporter=reporter,
            expires_at=clock.now + VALID,
        )

    return sign
