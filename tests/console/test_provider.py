import logging
from dataclasses import replace

import pytest
from joining import member
from joserfc.jwk import OctKey, RSAKey
from provider import SECRET, running_provider

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.change_people import dismiss_person
from underseal.flow.invite import invite
from underseal.web.console.gate import COOKIE
from underseal.web.console.provider import JOURNEY_COOKIE

GO = "/console/sign-in/provider"


@pytest.fixture
def provider():
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def system(system, provider):
    """With a provider that people may sign in with, too."""
    return replace(system, settings=replace(system.settings, oidc=provider.client))


@pytest.fixture
async def nia(site):
    return await member(site)


async def go_there(site, browser, back="/console/me"):
    """Where the provider is told to sign somebody in."""
    departure = await browser.get(GO, params={"back": back})
    assert departure.status_code == 303, departure.text
    return departure.headers["location"]


async def sign_in(site, provider, browser):
    place = await go_there(site, browser)
    return await browser.get(provider.send_back(place, site.stage.now))


def has_session(browser) -> bool:
    return any(each.name == COOKIE for each in browser.cookies.jar)


async def test_whom_the_provider_vouches_for_is_signed_in_by_way_of_a_page_of_ours(
    nia, site, provider
):
    browser = await site.visitor()
    shown = (await browser.get("/console/sign-in?back=/console/me")).text
    assert f'href="{GO}?back=/console/me"' in shown
    answer = await sign_in(site, provider, browser)
    assert answer.status_code == 200, "a redirect would go without the Strict cookie"
    assert '<meta http-equiv="refresh" content="0; url=/console/me">' in answer.text
    assert "nia <small>" in (await browser.get("/console/me")).text


async def test_the_browser_is_sent_with_state_nonce_and_a_challenge_and_keeps_the_rest(
    nia, site, provider
):
    browser = await site.visitor()
    departure = await browser.get(GO)
    provider.send_back(departure.headers["location"], site.stage.now)
    assert provider.asked["response_type"] == "code"
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == f"https://underseal{GO}/return"
    assert len({provider.asked[each] for each in ("state", "nonce", "code_challenge")}) == 3
    cookie = departure.headers["set-cookie"]
    assert cookie.startswith(JOURNEY_COOKIE)
    for attribute in ("SameSite=lax", "Secure", "HttpOnly", "Max-Age=600", "Path=/"):
        assert attribute in cookie
    assert SECRET not in departure.headers["location"] + cookie


async def test_an_invited_person_need_not_have_a_password(site, provider):
    stage = site.stage
    await invite(
        stage.system,
        None,
        name="Ola",
        user_name="ola@loop.example",
        role=ModeratorRole.LEAD,
        now=stage.now,
    )
    provider.claims = {"email": "Ola@Loop.example"}
    browser = await site.visitor()
    await sign_in(site, provider, browser)
    assert "Ola <small>lead" in (await browser.get("/console/me")).text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@loop.example"},
        {"email_verified": False},
        {"email": ""},
        {"email": "a b"},
    ],
)
async def test_a_stranger_is_told_to_ask_for_an_invitation(nia, site, provider, claims):
    provider.claims = claims
    browser = await site.visitor()
    answer = await sign_in(site, provider, browser)
    assert answer.status_code == 403
    assert "ask an admin to invite you" in answer.text
    assert not has_session(browser)


async def test_who_was_dismissed_here_is_a_stranger_whatever_the_provider_says(
    nia, site, provider, system
):
    mona = Person(principal_id=site.people["nia"], name="nia", role=ModeratorRole.MODERATOR)
    await dismiss_person(system, mona, mona.principal_id, site.stage.now)
    browser = await site.visitor()
    assert (await sign_in(site, provider, browser)).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"aud": "another client"},
        {"aud": ["underseal", "another client"]},
        {"aud": ["underseal", "another client"], "azp": "another client"},
        {"exp": 1_700_000_000},
        {"iat": 2_000_000_000},
        {"nonce": "of another journey"},
        {"email_verified": "true"},
        {"email": None},
    ],
)
async def test_a_token_that_is_not_for_us_or_not_for_now_signs_nobody_in(
    nia, site, provider, claims
):
    provider.claims = claims
    browser = await site.visitor()
    answer = await sign_in(site, provider, browser)
    assert answer.status_code == 403
    assert not has_session(browser)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048, {"kid": "1"}), "RS256"),
        (OctKey.import_key(SECRET, {"kid": "1"}), "HS256"),
    ],
)
async def test_a_token_that_somebody_else_signed_signs_nobody_in(
    nia, site, provider, key, algorithm
):
    provider.signs_with, provider.algorithm = key, algorithm
    browser = await site.visitor()
    answer = await sign_in(site, provider, browser)
    assert answer.status_code == 403
    assert not has_session(browser)


async def test_a_journey_ends_in_the_browser_that_began_it(nia, site, provider):
    attacker, victim = await site.visitor(), await site.visitor()
    back = provider.send_back(await go_there(site, attacker), site.stage.now)
    assert (await victim.get(back)).status_code == 403, "it has begun none"
    await go_there(site, victim)
    assert (await victim.get(back)).status_code == 403, "it has begun another"
    assert not has_session(victim)


async def test_a_return_without_the_state_of_its_journey_signs_nobody_in(nia, site, provider):
    browser = await site.visitor()
    back = provider.send_back(await go_there(site, browser), site.stage.now)
    assert (await browser.get(back.replace("state=", "state=x"))).status_code == 403
    assert not has_session(browser)
    assert provider.codes, "the code was not even tried"


async def test_one_return_signs_in_once(nia, site, provider):
    browser = await site.visitor()
    back = provider.send_back(await go_there(site, browser), site.stage.now)
    assert (await browser.get(back)).status_code == 200
    assert (await browser.get(back)).status_code == 403


async def test_a_provider_that_refuses_or_says_it_is_another_is_told_of_plainly(
    nia, site, provider
):
    browser = await site.visitor()
    await go_there(site, browser)
    refused = await browser.get(f"{GO}/return?error=access_denied")
    assert refused.status_code == 403
    assert "You are not signed in" in refused.text
    provider.says_it_is = "https://another.example"
    assert (await browser.get(GO)).status_code == 403


async def test_nobody_is_led_away_from_the_console_afterwards(nia, site, provider):
    browser = await site.visitor()
    place = await go_there(site, browser, back="//evil.example")
    answer = await browser.get(provider.send_back(place, site.stage.now))
    assert "evil" not in answer.text
    assert "url=/console/queue" in answer.text


async def test_what_the_provider_knows_us_by_is_in_no_log_and_no_record(
    nia, site, provider, system, caplog
):
    caplog.set_level(logging.DEBUG)
    await sign_in(site, provider, await site.visitor())
    assert SECRET not in caplog.text + repr(system) + repr(provider.client)
