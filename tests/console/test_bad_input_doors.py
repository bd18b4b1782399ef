"""The doors of the console: where they lead, whom they know, and what a session survives."""

import re
from datetime import timedelta
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from joining import PASSWORD, Member, accept, box_of, member

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.change_people import dismiss_person
from underseal.flow.invite import INVITATION_LASTS, invite
from underseal.web.console.gate import COOKIE, HOME, within

OURS = "https://underseal.example"
PIECES = st.sampled_from(
    [
        "/", "//", "\\", "/\\", "console", "/console", "/console/", "/console/queue", "..", "/..",
        ".", "@", ":", "?", "#", "%", "%2f", "%2F%2f", "%5c", "%0d%0a", "%00", "%252f", "\t", "\n",
        "\r", "\0", " ", "\u00a0", "\u200b", "\u2028", "\uff0f", "https:", "http://", "//evil.example",
        "javascript:", "data:text/html,", "evil.example", ";", "&back=", "=", "é", "\x1f", "\x7f",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join))
def test_no_address_leads_out_of_the_console(asked):
    place = within(asked)
    for seen in (place, unquote(place)):
        led = urlsplit(urljoin(f"{OURS}/console/sign-in", seen))
        assert (led.scheme, led.netloc) == ("https", "underseal.example")
    assert place in {asked, HOME}
    assert place.startswith("/console")
    assert place.isascii()
    assert place.isprintable()
    assert not set(place) & set('\\ "<>')


@pytest.mark.parametrize("place", ["/console", "/console/queue?topic=scam&after=1", "/console/me"])
def test_places_of_the_console_are_gone_back_to(place):
    assert within(place) == place


def told(answer, *typed: str) -> tuple[int, str, dict[str, str]]:
    """All that an answer says, but for what was typed."""
    text = answer.text
    for each in typed:
        text = text.replace(each, "IT")
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, text, headers


@pytest.fixture
async def nia(site) -> Member:
    return await member(site)


async def invited(site, user_name: str) -> str:
    """Where the invitation of somebody leads."""
    now, role = site.stage.now, ModeratorRole.LEAD
    token = await invite(
        site.stage.system, None, name="Ola", user_name=user_name, role=role, now=now
    )
    return f"/console/invitation/{token}"


async def dismiss(site, name: str) -> None:
    person = Person(principal_id=site.people[name], name=name, role=ModeratorRole.MODERATOR)
    await dismiss_person(site.stage.system, person, person.principal_id, site.stage.now)


async def test_signing_in_does_not_tell_who_is_known_invited_or_gone(nia, site, monkeypatch):
    """Nor does the time it takes: a password is hashed for each of them, once."""
    await invited(site, "ola@loop.example")
    gone = await member(site, user_name="kim@loop.example")
    await dismiss(site, "kim")
    hashed = []

    def watched(original):
        def method(self, *given):
            hashed.append(original.__name__)
            return original(self, *given)

        return method

    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, watched(getattr(PasswordHasher, name)))
    answers = []
    for name in (nia.user_name, "ola@loop.example", gone.user_name, "nobody@loop.example"):
        hashed.clear()
        answer = await Member(site, name, "not the password").give_password(await site.visitor())
        answers.append(told(answer, name))
        assert len(hashed) == 1, name
    assert answers == answers[:1] * 4


async def test_an_invitation_does_not_tell_why_it_is_over(site):
    old = await invited(site, "old")
    site.stage.now += INVITATION_LASTS
    used = await invited(site, "ola")
    await accept(site, await site.visitor(), used, "ola")
    links = (old, used, "/console/invitation/never-given", "/console/invitation/%00")
    browser = await site.visitor()
    form = {"password": PASSWORD, "code": "000000", "box": "x"}
    seen = [told(await browser.get(link)) for link in links]
    seen += [told(await browser.post(link, data=form)) for link in links]
    assert seen == seen[:1] * 8
    assert seen[0][0] == 410


async def test_the_cookies_of_the_console_are_for_this_host_and_no_script(nia, site):
    """Whatever gives a cookie. The provider's way back alone is Lax: it comes from elsewhere."""
    browser = await site.visitor()
    site.stage.now += timedelta(minutes=1)
    answers = [await nia.give_password(browser), await nia.give_code(browser)]
    answers += [await browser.get("/console/queue")]
    change = {"present": PASSWORD, "wanted": "four green lanterns"}
    answers += [await browser.post("/console/me/password", data=change)]
    answers += [await browser.post("/console/sign-out")]
    link = await invited(site, "ola")
    shown = (await browser.get(link)).text
    who = Member(site, "ola", secret=re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1])
    form = {"password": PASSWORD, "code": who.code(), "box": box_of(shown)}
    answers += [await browser.post(link, data=form)]
    cookies = [each for answer in answers for each in answer.headers.get_list("set-cookie")]
    assert len(cookies) == 7
    for cookie in cookies:
        assert cookie.startswith("__Host-underseal")
        assert "domain" not in cookie.lower()
        for attribute in ("path=/", "secure", "httponly", "samesite=strict"):
            assert attribute in cookie.lower().split("; "), cookie


async def test_no_session_outlives_what_ends_it(nia, site):
    """Not even for who has copied its cookie; and no step of signing in does."""
    site.stage.now += timedelta(minutes=1)
    browser = await nia.sign_in()
    await thief_gets(site, browser, 200)
    half = await site.visitor()
    await nia.give_password(half)
    change = {"present": PASSWORD, "wanted": "four green lanterns"}
    other = await site.signed_in(name="nia")
    await browser.post("/console/me/password", data=change)
    await thief_gets(site, other, 303)
    site.stage.now += timedelta(minutes=1)
    late = await nia.give_code(half)
    assert COOKIE not in late.cookies, "it began with the old password"
    copied = await copy_of(site, browser)
    await browser.post("/console/sign-out")
    assert (await copied.get("/console/me")).status_code == 303


async def test_a_session_is_never_one_that_was_there_before(nia, site):
    """Who plants a cookie in somebody's browser does not get in with it afterwards."""
    mine = await site.signed_in()
    planted = mine.cookies[COOKIE]
    browser = await site.visitor()
    browser.cookies.set(COOKIE, planted, domain="underseal.local")
    site.stage.now += timedelta(minutes=1)
    await nia.give_password(browser)
    await nia.give_code(browser)
    assert [each.value for each in browser.cookies.jar if each.name == COOKIE] != [planted]
    assert "mona" in (await mine.get("/console/me")).text
    assert "nia" in (await browser.get("/console/me")).text


async def copy_of(site, browser):
    thief = await site.visitor()
    (token,) = {each.value for each in browser.cookies.jar if each.name == COOKIE}
    thief.cookies.set(COOKIE, token, domain="underseal.local")
    return thief


async def thief_gets(site, browser, status: int) -> None:
    assert (await (await copy_of(site, browser)).get("/console/me")).status_code == status
