"""A real Chromium that opens the pages that are measured, and the people who sit before it.

Times are taken inside the pages (`pages_clock.js`), so that driving the browser is not in them.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

import msgspec
from playwright.async_api import Browser, Error, Page, Request, async_playwright

from underseal import app
from underseal.lab.bench.pages_times import CannotMeasureError, Times
from underseal.lab.demo.stage import HOST
from underseal.lab.seeding.people import ConsoleAccount

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
WINDOW: Final = (1440, 900)
PATIENCE_S: Final = 30
CODES_S: Final = 40
"""A code is good once: whoever has just used one waits for the next."""
CALM_MS: Final = 200
"""A pause between two pages, as short as nobody's look, so that one's end is not in the other."""

SIGN_IN: Final = "/console/sign-in"
CLOCK: Final = (files("underseal.lab.bench") / "pages_clock.js").read_text()


class Seat:
    """A window with one page, and somebody before it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.requests = 0
        self.strayed: list[str] = []
        page.context.on("request", self._note)

    async def sign_in(self, account: ConsoleAccount) -> None:
        """Sign somebody in by password and code."""
        page = self._page
        await page.goto(SIGN_IN)
        await page.fill("[name=user_name]", account.user_name)
        await page.fill("[name=password]", account.password)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[name=code]")
        for _ in range(CODES_S):
            await page.fill("[name=code]", account.code(app.clock()))
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            if not urlsplit(page.url).path.startswith(SIGN_IN):
                return
            await page.wait_for_timeout(1_000)
        raise CannotMeasureError(f"{account.user_name} cannot sign in")

    async def open(self, path: str) -> Times:
        """Open a page by its address.

        Raises:
            CannotMeasureError: it leads to another page.
        """
        await self._page.wait_for_timeout(CALM_MS)
        await self._page.goto(path, wait_until="commit")
        times = await self._times()
        if times.address != path:
            raise CannotMeasureError(f"{path} led to {times.address}")
        return times

    async def take_next(self, queue: str) -> Times:
        """Take the next case from the queue at an address."""
        await self._page.goto(queue)
        return await self._go("n")

    async def decide(self, pick: str) -> Times:
        """Decide the case by two keys, the digit of a ground and Enter; return the next one's times.

        Raises:
            CannotMeasureError: the next page is none to decide on.
        """
        await self._page.keyboard.press(pick)
        await self._page.wait_for_selector(
            "#decide-tree [name=ground][type=hidden]", state="attached"
        )
        await self._page.wait_for_selector("#decide-tree :focus")
        await self._page.wait_for_timeout(CALM_MS)
        times = await self._go("Enter")
        if not times.can_decide:
            raise CannotMeasureError(f"{times.address} is no case to decide")
        return times

    async def cookie(self) -> str:
        """Return what the browser sends for whoever is signed in."""
        found = await self._page.context.cookies()
        return "; ".join(f"{each['name']}={each['value']}" for each in found)

    async def _go(self, key: str) -> Times:
        before = self._page.url
        async with self._page.expect_navigation(
            url=lambda url: "/console/cases/" in url and url != before, wait_until="commit"
        ):
            await self._page.keyboard.press(key)
        return await self._times()

    async def _times(self) -> Times:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return msgspec.convert(await self._page.evaluate("underseal.ready"), Times)
        except TimeoutError:
            path = urlsplit(self._page.url).path
            raise CannotMeasureError(f"{path} is not ready after {PATIENCE_S} s") from None

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.requests += 1
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != HOST:
            self.strayed.append(request.url)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Run a Chromium that finds this machine and no other.

    Raises:
        CannotMeasureError: there is none, or a page fails.
    """
    arguments = [f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # root cannot enter the sandbox of Chromium
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=_program(playwright.chromium.executable_path), args=arguments
            )
            try:
                yield browser
            finally:
                await browser.close()
    except Error as problem:
        raise CannotMeasureError(f"a page failed: {problem.message}") from problem


def _program(own: str) -> str:
    """Return the Chromium of the system, or else Playwright's own."""
    found = next(filter(None, map(shutil.which, (*PROGRAMS, own))), None)
    if found is None:
        raise CannotMeasureError(
            "needs Chromium: `apt-get install chromium`, or `playwright install chromium`"
        )
    return found


async def take_seat(browser: Browser, url: str) -> Seat:
    """Open a window for somebody who has not been here before."""
    width, height = WINDOW
    context = await browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, locale="en-GB"
    )
    context.set_default_timeout(1000 * PATIENCE_S)
    await context.add_init_script(CLOCK)
    return Seat(await context.new_page())
