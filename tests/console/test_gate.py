import re
from datetime import timedelta
from importlib.resources import files

import pytest
from joining import PASSWORD, member

from underseal.core.caller import ModeratorRole
from underseal.flow.session import IDLE, LONGEST
from underseal.web.console.gate import ROLES
from underseal.web.site import PAGES

OPEN = {
    "/console/sign-in",
    "/console/sign-in/code",
    "/console/sign-in/provider",
    "/console/sign-in/provider/return",
    "/console/invitation/{token:str}",
}
"""What of the console is for people who are not signed in."""


def handlers():
    for module in PAGES:
        for handler in module.handlers:
            for path in handler.paths:
                yield handler, path


def test_every_page_of_the_console_says_whom_it_is_for():
    seen = {path for _, path in handlers() if path.startswith("/console")}
    guarded = {path for handler, path in handlers() if ROLES in handler.opt}
    assert seen - guarded == OPEN
    assert guarded == {path for path in guarded if path.startswith("/console")}


async def test_who_is_not_signed_in_is_sent_to_where_they_can(site):
    visitor = await site.visitor()
    for path in ("/console", "/console/me", "/console/queue", "/console/people"):
        answer = await visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/console/sign-in?back={path}"


async def test_a_form_whose_session_is_over_leads_to_the_queue_and_not_to_the_form(site):
    browser = await site.signed_in()
    site.stage.now += LONGEST
    answer = await browser.post("/console/me/preferences", data={"blur": "yes"})
    assert answer.headers["location"] == "/console/sign-in?back=/console/queue"


async def test_a_form_sent_by_script_stays_where_it_is_when_the_session_is_over(site):
    browser = await site.signed_in()
    site.stage.now += IDLE
    answer = await browser.post(
        "/console/me/preferences", data={"blur": "yes"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 401
    assert "You are signed out" in answer.text
    assert "<html" not in answer.text


async def test_the_console_begins_at_the_queue(site):
    browser = await site.signed_in()
    assert (await browser.get("/console")).headers["location"] == "/console/queue"


async def test_a_session_ends_after_an_hour_without_a_sign_of_life(site):
    browser = await site.signed_in()
    for _ in range(3):
        site.stage.now += IDLE - timedelta(seconds=1)
        assert (await browser.get("/console/me")).status_code == 200
    site.stage.now += IDLE
    assert (await browser.get("/console/me")).status_code == 303


async def test_a_session_ends_after_twelve_hours_however_busy_it_was(site):
    browser = await site.signed_in()
    for _ in range(23):
        site.stage.now += timedelta(minutes=31)
        assert (await browser.get("/console/me")).status_code == 200
    site.stage.now += timedelta(minutes=31)
    assert (await browser.get("/console/me")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "https://underseal"},
    ],
)
async def test_no_other_site_sends_a_form_in_somebodys_name(site, headers):
    browser = await site.signed_in(ModeratorRole.ADMIN)
    for path in ("/console/me/preferences", "/console/people/invite", "/console/sign-out"):
        answer = await browser.post(path, data={"blur": "yes"}, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.text
    assert (await browser.get("/console/me")).status_code == 200


async def test_nobody_is_signed_in_by_another_site(site):
    who = await member(site)
    browser = await site.visitor()
    browser.headers["sec-fetch-site"] = "cross-site"
    answer = await who.give_password(browser)
    assert answer.status_code == 403
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/me", "/console/nothing"])
async def test_no_page_can_be_framed_or_kept(site, path):
    browser = await site.signed_in()
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_template_of_the_console_has_script_or_style_in_it():
    for path in (files("underseal.web") / "templates").iterdir():
        text = path.read_text()
        assert not re.search(r"<script(?![^>]* src=)|<style|\bstyle=|\son[a-z]+=", text), path.name


async def test_what_somebody_is_called_is_text_and_nothing_else(site):
    browser = await site.signed_in(name='<img src=x onerror="alert(1)">')
    shown = (await browser.get("/console/me")).text
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown


async def test_a_password_that_is_sent_as_no_form_is_refused(site):
    browser = await site.visitor()
    answer = await browser.post("/console/sign-in", json={"user_name": "x", "password": PASSWORD})
    assert answer.status_code == 415
    assert PASSWORD not in answer.text


async def test_without_a_provider_there_is_no_way_to_one(site):
    visitor = await site.visitor()
    assert "provider" not in (await visitor.get("/console/sign-in")).text
    assert (await visitor.get("/console/sign-in/provider")).status_code == 404
    assert (await visitor.get("/console/sign-in/provider/return?code=x")).status_code in {403, 404}
