"""Underseal as people see it: served for real, in a real Chromium, on a database of the test's own.

`page` is a page of somebody who is not signed in, `open_page` opens more of them, for people who
are signed in, too; `origin` is where Underseal is served. `look` is that of a desk, unless a test
is marked with `chromium.every_look`.

Chromium takes longer to start than most tests take, so each worker starts it once; every test has
windows of its own. A browser stays on the event loop it was started on, so that is the loop of all
that is here.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from browsing import Site
from chromium import (
    DESK,
    Chromium,
    Look,
    check_accessible,
    chromium,
    running_browser,
    serving,
)
from playwright.async_api import Browser, Page
from web_site import clock, keys, site, stage, system

from underseal.core.caller import ModeratorRole
from underseal.web.console.gate import COOKIE

__all__ = ["clock", "keys", "site", "stage", "system"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
async def origin(site: Site) -> AsyncIterator[str]:
    """Where Underseal is served, as `http://127.0.0.1:port`."""
    async with serving(site.app) as origin:
        yield origin


@pytest.fixture(name="_function_scoped_runner")
def runner(request: pytest.FixtureRequest) -> asyncio.Runner:
    """What pytest-asyncio runs each test and its fixtures on: here, on the loop of the session."""
    return request.getfixturevalue("_session_scoped_runner")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def browser(shared_browser: Browser) -> AsyncIterator[Chromium]:
    async with chromium(shared_browser) as running:
        yield running


@pytest.fixture
def look() -> Look:
    return DESK


@pytest.fixture
def open_page(
    browser: Chromium, site: Site, origin: str, look: Look
) -> Callable[..., Awaitable[Page]]:
    """Opens a page in a window of its own, of somebody with this role if one is given.

    Paths are Underseal's: `await page.goto("/console/queue")`.
    """

    async def open_one(role: ModeratorRole | None = None, name: str = "") -> Page:
        window = await browser.window(look, base_url=origin)
        if role is not None:
            visitor = await site.signed_in(role, name)
            cookie = {
                "name": COOKIE,
                "value": visitor.cookies[COOKIE],
                # Chromium sends a `Secure` cookie to 127.0.0.1 without TLS, but has it set with.
                "url": origin.replace("http:", "https:"),
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
            await window.add_cookies([cookie])
        return await window.new_page()

    return open_one


@pytest.fixture
async def page(open_page: Callable[..., Awaitable[Page]]) -> Page:
    return await open_page()


@pytest.fixture
def axe() -> Callable[[Page], Awaitable[None]]:
    """Asserts that axe finds nothing on a page as it is now: `await axe(page)`."""
    return check_accessible
