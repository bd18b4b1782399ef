"""A real Chromium, the looks in which pages are looked at, and what no page may do."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from litestar.types import ASGIApp
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

PROGRAM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
HERE = "127.0.0.1"

ARGUMENTS = (
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HERE}",
    # The sandbox of Chromium cannot be entered by root.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a page is looked at with."""

    width: int
    height: int
    scheme: str
    is_phone: bool = False


LOOKS = {
    "desk": Look(width=1440, height=900, scheme="light"),
    "phone-dark": Look(width=390, height=844, scheme="dark", is_phone=True),
}
DESK = LOOKS["desk"]

every_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
"""Marks a test that is run at each width and in each scheme; without it a test has a desk's look.

What depends on the width does not depend on the colours, so not each is tried with each.
"""


@dataclass
class Chromium:
    """A browser that notes whatever its pages must not do: look away, fail, break their policy."""

    browser: Browser
    sins: list[str] = field(default_factory=list)

    async def window(self, look: Look = DESK, **options: object) -> BrowserContext:
        """A window of somebody who has not been here before."""
        context = await self.browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.scheme,
            has_touch=look.is_phone,
            is_mobile=look.is_phone,
            device_scale_factor=2 if look.is_phone else 1,
            locale="en-GB",
            **options,
        )
        context.set_default_timeout(10_000)
        context.on("request", self._note_request)
        context.on("weberror", lambda error: self.sins.append(str(error.error)))
        context.on("console", self._note_words)
        return context

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != HERE:
            self.sins.append(f"a request left the machine: {request.url}")

    def _note_words(self, message) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.sins.append(message.text)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Run a browser, which many can use one after the other."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def chromium(browser: Browser) -> AsyncIterator[Chromium]:
    """Use a browser, and close its windows; their pages have behaved if this ends without error."""
    running = Chromium(browser)
    try:
        yield running
    finally:
        for window in browser.contexts:
            await window.close()
    assert not running.sins, "\n".join(running.sins)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application, and tell its origin."""
    with socket.create_server((HERE, 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=1,
            )
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            try:
                yield f"http://{HERE}:{listening.getsockname()[1]}"
            finally:
                server.should_exit = True


SETTLED = """() => Promise.allSettled(
  [document, ...Array.from(document.querySelectorAll("*"), (each) => each.shadowRoot)]
    .flatMap((root) => root?.getAnimations() ?? [])
    .filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime))
    .map((each) => each.finished)
).then(() => true)"""
"""Colours have no contrast while what they are in appears."""


async def check_accessible(page: Page) -> None:
    """Assert that axe finds nothing on a page as it is now, and that nothing sticks out."""
    if await page.evaluate("!window.axe"):
        await page.evaluate(AXE.read_text())
    await page.evaluate(SETTLED)
    found = await page.evaluate("axe.run({resultTypes: ['violations']})")
    findings = [
        f"{each['id']}: {each['help']}: {', '.join(str(node['target']) for node in each['nodes'])}"
        for each in found["violations"]
    ]
    assert not findings, "\n".join(findings)
    width, room = await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= room, f"the page is {width} px wide where there are {room}"
