"""What the script of the console does on any page: keys, one submission, nothing typed lost."""

import asyncio
from dataclasses import dataclass, field

import pytest
from chromium import Chromium, serving
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath
from playwright.async_api import Page, expect

from underseal.core.caller import ModeratorRole
from underseal.web import static
from underseal.web.pages import _TEMPLATES, HEADERS, page

PAGE = """{% extends "console.html" %}
{% block title %}Test{% endblock %}
{% block main %}
<h1>Test</h1>
<a href="/console/queue" data-key="q" data-key-label="Go to the queue">Queue</a>
<button class="button" type="button" data-key="x" disabled>Not now</button>
<form id="native" method="post" action="/console/native"><button class="button">Send</button></form>
<form id="quick" hx-post="/console/quick" hx-target="#answer" data-keep="quick" class="stack">
<label>Words <textarea name="words"></textarea></label>
<label class="choice"><input type="radio" name="ground" value="1" data-key="1"> One</label>
<label class="choice"><input type="radio" name="ground" value="2" data-key="2"> Two</label>
<label>More words <input name="more"></label>
<button class="button" data-key="d" data-key-label="Decide">Decide</button>
</form>
<p id="answer"></p>
<form method="post" action="/console/sign-out"><button class="button">Sign out</button></form>
{% endblock %}
"""


@dataclass
class Somebody:
    """Whom the frame of the console names."""

    name: str = "mona"
    role: ModeratorRole = ModeratorRole.MODERATOR


@dataclass
class Server:
    """Counts what is sent, and answers as the test says."""

    is_signed_out: bool = False
    sent: list[str] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Litestar:
        @get(["/console/test", "/console/queue"])
        async def show() -> Response[str]:
            html = _TEMPLATES.from_string(PAGE).render(person=Somebody())
            return Response(html, media_type="text/html", headers=HEADERS)

        @post("/console/{name:str}", status_code=200)
        async def take(name: FromPath[str], request: Request) -> Response[str]:
            self.sent.append((await request.body()).decode())
            await self.may_answer.wait()
            if name != "quick":
                return page("empty.html", status=303, headers={"location": "/console/queue"})
            if self.is_signed_out:
                return page("signed_out_piece.html", status=401, sign_in="/console/sign-in")
            return Response("Decided.", media_type="text/html", headers=HEADERS)

        return Litestar([show, take, *static.handlers], openapi_config=None)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def console(server: Server, browser: Chromium):
    async with serving(server.app()) as origin:
        window = await browser.window(base_url=origin)
        page = await window.new_page()
        await page.goto("/console/test")
        yield page


async def test_keys_press_what_they_name(console: Page):
    await console.keyboard.press("2")
    await expect(console.get_by_role("radio", name="Two")).to_be_checked()
    await console.keyboard.press("x")
    await console.keyboard.press("q")
    await console.wait_for_url("**/console/queue")


async def test_keys_are_letters_while_somebody_types(console: Page):
    words = console.get_by_role("textbox", name="Words", exact=True)
    await words.focus()
    await console.keyboard.type("q2?")
    await expect(words).to_have_value("q2?")
    await expect(console.get_by_role("radio", name="Two")).not_to_be_checked()
    await expect(console.get_by_role("dialog")).to_have_count(0)


async def test_the_question_mark_shows_all_keys_and_turns_them_off(console: Page, axe):
    await console.keyboard.press("?")
    dialog = console.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(dialog.locator("dd")).to_have_text(
        ["Go to the queue", "One", "Two", "Decide", "Show these shortcuts"]
    )
    await axe(console)
    await console.keyboard.press("2")
    await expect(console.locator("[value='2']")).not_to_be_checked()
    await dialog.get_by_label("Single keys work").uncheck()
    await console.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await console.keyboard.press("2")
    await expect(console.get_by_role("radio", name="Two")).not_to_be_checked()
    await console.reload()
    await console.keyboard.press("2")
    await expect(console.get_by_role("radio", name="Two")).not_to_be_checked()


async def test_a_double_click_sends_a_form_once(console: Page, server: Server):
    await console.get_by_role("button", name="Send").dblclick()
    server.may_answer.set()
    await console.wait_for_url("**/console/queue")
    assert len(server.sent) == 1


async def test_a_double_click_decides_once(console: Page, server: Server):
    await console.get_by_role("button", name="Decide").dblclick()
    server.may_answer.set()
    await expect(console.locator("#answer")).to_have_text("Decided.")
    await console.get_by_role("button", name="Decide").click()
    await console.wait_for_load_state("networkidle")
    assert len(server.sent) == 2


async def test_a_sign_out_is_told_and_what_was_typed_outlives_it(console: Page, server: Server):
    server.is_signed_out = True
    server.may_answer.set()
    words = console.get_by_role("textbox", name="Words", exact=True)
    more = console.get_by_role("textbox", name="More words")
    await words.fill("a long thought")
    await more.fill("another")
    await console.get_by_role("radio", name="Two").check()
    await console.get_by_role("button", name="Decide").click()
    await expect(console.locator("#notices")).to_contain_text("You are signed out.")
    await console.reload()
    await expect(words).to_have_value("a long thought")
    await expect(more).to_have_value("another")
    await expect(console.get_by_role("radio", name="Two")).to_be_checked()
    server.is_signed_out = False
    await console.get_by_role("button", name="Decide").click()
    await expect(console.locator("#answer")).to_have_text("Decided.")
    await expect(console.locator("#notices")).to_be_empty()
    await console.reload()
    await expect(words).to_have_value("")
    await expect(console.get_by_role("radio", name="Two")).not_to_be_checked()


async def test_without_a_connection_it_says_so(console: Page):
    await console.context.set_offline(True)
    await console.get_by_role("textbox", name="More words").fill("a thought")
    await console.get_by_role("button", name="Decide").click()
    await expect(console.locator("#notices")).to_contain_text("There is no answer.")


async def test_whoever_signs_out_leaves_nothing_behind(console: Page, server: Server):
    server.may_answer.set()
    await console.get_by_role("textbox", name="More words").fill("a secret")
    await console.get_by_role("button", name="Sign out").click()
    await console.wait_for_url("**/console/queue")
    assert "a secret" not in await console.evaluate("JSON.stringify({...sessionStorage})")
