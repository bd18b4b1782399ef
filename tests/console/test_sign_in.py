import logging
import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from joining import PASSWORD, Member, box_of, member

from underseal.core.caller import ModeratorRole
from underseal.flow.invite import invite
from underseal.store.credentials import load_credentials
from underseal.store.roles import Role
from underseal.web.console.gate import COOKIE
from underseal.web.console.sign_in import STEP_COOKIE


@pytest.fixture
async def nia(site) -> Member:
    """Somebody who moderates and is not signed in; a minute after she joined."""
    who = await member(site)
    site.stage.now += timedelta(minutes=1)
    return who


async def stored(site, user_name="nia@loop.example"):
    async with site.stage.system.db.transaction(Role.CONSOLE) as conn:
        return await load_credentials(conn, user_name=user_name)


async def test_a_password_and_a_code_sign_in_and_lead_back(nia, site):
    browser = await site.visitor()
    sent_away = await browser.get("/console/me?done=password")
    assert sent_away.status_code == 303
    form = await browser.get(sent_away.headers["location"])
    assert 'name="back" value="/console/me?done=password"' in form.text
    first = await nia.give_password(browser, back="/console/me?done=password")
    assert first.headers["location"].startswith("/console/sign-in/code?back=")
    assert COOKIE not in first.cookies
    second = await nia.give_code(browser, back="/console/me?done=password")
    assert second.headers["location"] == "/console/me?done=password"
    assert (await browser.get("/console/me")).status_code == 200


async def test_the_pages_of_signing_in_work_without_script_and_help_password_managers(site):
    browser = await site.visitor()
    shown = (await browser.get("/console/sign-in")).text
    assert "<script" not in shown
    assert "hx-" not in shown
    assert 'autocomplete="username"' in shown
    assert 'autocomplete="current-password"' in shown
    browser.cookies.set(STEP_COOKIE, "x", domain="underseal.local")
    assert 'autocomplete="one-time-code"' in (await browser.get("/console/sign-in/code")).text


async def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(nia, site):
    browser = await site.visitor()
    await nia.give_password(browser)
    answer = await nia.give_code(browser)
    (cookie,) = [
        each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")
    ]
    assert COOKIE.startswith("__Host-")
    for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=strict"):
        assert attribute in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/console",
        "https:/evil.example",
        "javascript:alert(1)",
        "/%2Fevil.example",
        "%2F%2Fevil.example",
        "/console\\@evil.example",
        "/console\r\nlocation: https://evil.example",
        "/consoles",
        "/console@evil.example",
        " //evil.example",
        "",
    ],
)
async def test_nobody_is_led_away_from_the_console(nia, site, back):
    browser = await site.visitor()
    shown = await browser.get("/console/sign-in", params={"back": back})
    assert 'name="back" value="/console/queue"' in shown.text
    first = await nia.give_password(browser, back=back)
    assert first.headers["location"] == "/console/sign-in/code?back=/console/queue"
    second = await nia.give_code(browser, back=back)
    assert second.headers["location"] == "/console/queue"


async def test_an_unknown_name_is_answered_like_a_wrong_password(nia, site):
    nobody = Member(site, "aia@loop.example")
    for _ in range(7):
        known = await nia.give_password(await site.visitor(), "not my password at all")
        unknown = await nobody.give_password(await site.visitor(), "not my password at all")
        assert known.status_code == unknown.status_code
        assert known.text == unknown.text.replace("aia@", "nia@")
    assert known.status_code == 429


async def test_a_password_for_an_unknown_name_is_hashed_all_the_same(site, monkeypatch):
    hashed = []
    original = PasswordHasher.hash

    def watched(self, password, **given):
        hashed.append(password)
        return original(self, password, **given)

    monkeypatch.setattr(PasswordHasher, "hash", watched)
    nobody = Member(site, "nobody@loop.example")
    assert (await nobody.give_password(await site.visitor())).status_code == 403
    assert hashed == [PASSWORD]


async def test_a_password_is_kept_as_argon2id_hashes_it(nia, site):
    kept = await stored(site)
    assert kept.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher().verify(kept.password_hash, PASSWORD)


async def test_a_hash_with_weaker_settings_is_made_anew_at_the_next_sign_in(nia, site):
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with site.stage.system.db.transaction(Role.CONSOLE) as conn:
        await conn.execute("update people set password_hash = $1", weak)
    await nia.sign_in()
    assert (await stored(site)).password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_code_is_taken_once(nia, site):
    await nia.sign_in()
    browser = await site.visitor()
    await nia.give_password(browser)
    again = await nia.give_code(browser)
    assert again.status_code == 403
    assert "used before" in again.text
    site.stage.now += timedelta(seconds=30)
    assert (await nia.give_code(browser)).status_code == 303


async def test_the_code_of_the_invitation_signs_nobody_in_again(site):
    who = await member(site)
    browser = await site.visitor()
    await who.give_password(browser)
    assert (await who.give_code(browser)).status_code == 403


async def test_a_code_of_a_clock_that_is_off_by_half_a_minute_is_taken_and_no_other(nia, site):
    early = Member(site, nia.user_name, secret=nia.secret)
    for seconds, status in ((-90, 403), (90, 403), (30, 303)):
        site.stage.now += timedelta(seconds=seconds)
        code = early.code()
        site.stage.now -= timedelta(seconds=seconds)
        browser = await site.visitor()
        await nia.give_password(browser)
        assert (await nia.give_code(browser, code)).status_code == status


async def test_a_recovery_code_is_good_once_however_it_is_typed(nia, site):
    assert len(set(nia.recovery_codes)) == 10
    typed = nia.recovery_codes[0].replace("-", " ").upper()
    for status in (303, 403):
        browser = await site.visitor()
        await nia.give_password(browser)
        assert (await nia.give_code(browser, typed)).status_code == status


async def test_no_code_is_asked_of_who_gave_no_password(nia, site):
    browser = await site.visitor()
    assert (
        (await browser.get("/console/sign-in/code"))
        .headers["location"]
        .startswith("/console/sign-in?")
    )
    answer = await nia.give_code(browser)
    assert answer.status_code == 303
    assert COOKIE not in answer.cookies


async def test_the_code_must_follow_within_ten_minutes(nia, site):
    browser = await site.visitor()
    await nia.give_password(browser)
    site.stage.now += timedelta(minutes=11)
    answer = await nia.give_code(browser)
    assert answer.headers["location"].startswith("/console/sign-in?")
    assert COOKIE not in answer.cookies


async def test_wrong_tries_make_the_next_one_wait_longer_but_never_long(nia, site):
    browser = await site.visitor()
    waits = []
    for _ in range(14):
        answer = await nia.give_password(browser, "a wrong password")
        if answer.status_code == 429:
            waits.append(int(re.search(r"in (\d+) seconds", answer.text)[1]))
            right = await nia.give_password(browser)
            assert right.status_code == 429, "whoever waits is not told what would be right"
            site.stage.now += timedelta(seconds=waits[-1])
            answer = await nia.give_password(browser, "a wrong password")
        assert answer.status_code == 403
    assert waits == [15, 30, 60, 120, 240, 300, 300, 300, 300]
    site.stage.now += timedelta(minutes=5)
    assert (await nia.sign_in()).cookies


async def test_codes_cannot_be_guessed_by_the_thousand(nia, site):
    browser = await site.visitor()
    await nia.give_password(browser)
    answers = [(await nia.give_code(browser, f"{n:06}")).status_code for n in range(7)]
    assert answers == [403] * 5 + [429] * 2


async def test_somebody_who_is_signed_in_stays_so_while_others_guess(nia, site):
    browser = await nia.sign_in()
    stranger = await site.visitor()
    for _ in range(8):
        await nia.give_password(stranger, "a wrong password")
    assert (await browser.get("/console/me")).status_code == 200


async def test_signing_in_makes_a_session_of_its_own(nia, site):
    browser = await site.visitor()
    browser.cookies.set(COOKIE, "put here by somebody else", domain="underseal.local")
    await nia.give_password(browser)
    await nia.give_code(browser)
    (token,) = [each.value for each in browser.cookies.jar if each.name == COOKIE]
    assert token != "put here by somebody else"
    other = await site.visitor()
    other.cookies.set(COOKIE, "put here by somebody else", domain="underseal.local")
    assert (await other.get("/console/me")).status_code == 303


async def test_signing_out_ends_the_session_and_not_only_the_cookie(nia, site):
    browser = await nia.sign_in()
    (token,) = [each.value for each in browser.cookies.jar if each.name == COOKIE]
    answer = await browser.post("/console/sign-out")
    assert answer.headers["location"] == "/console/sign-in"
    thief = await site.visitor()
    thief.cookies.set(COOKIE, token, domain="underseal.local")
    assert (await thief.get("/console/me")).status_code == 303


async def test_an_invitation_is_good_once_and_for_72_hours(site):
    stage = site.stage
    token = await invite(
        stage.system, None, name="Ola", user_name="ola", role=ModeratorRole.LEAD, now=stage.now
    )
    link = f"/console/invitation/{token}"
    browser = await site.visitor()
    assert "Welcome, Ola" in (await browser.get(link)).text
    stage.now += timedelta(hours=73)
    assert (await browser.get(link)).status_code == 410
    stage.now -= timedelta(hours=2)
    shown = (await browser.get(link)).text
    who = Member(site, "ola", secret=re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1])
    form = {"password": PASSWORD, "code": who.code(), "box": box_of(shown)}
    assert (await browser.post(link, data=form)).status_code == 200
    assert (await browser.get("/console/me")).status_code == 200, "they are signed in at once"
    assert (await (await site.visitor()).post(link, data=form)).status_code == 410


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("too short", "at least 12"),
        ("password1234", "guess"),
        ("Passw0rd2026!", "guess"),
        ("ola.loop.example", "guess"),
        ("aaaaaaaaaaaaaaaa", "guess"),
        ("qwertyuiopasdf", "guess"),
    ],
)
async def test_a_password_that_is_guessed_first_is_refused_and_nothing_is_lost(site, password, why):
    stage = site.stage
    token = await invite(
        stage.system,
        None,
        name="Ola",
        user_name="ola@loop.example",
        role=ModeratorRole.LEAD,
        now=stage.now,
    )
    link = f"/console/invitation/{token}"
    browser = await site.visitor()
    shown = (await browser.get(link)).text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1]
    who = Member(site, "ola", secret=secret)
    form = {"password": password, "code": who.code(), "box": box_of(shown)}
    refused = await browser.post(link, data=form)
    assert refused.status_code == 422
    assert why in refused.text
    assert secret in refused.text, "the authenticator need not be set up again"
    wrong_code = await browser.post(link, data={**form, "password": PASSWORD, "code": "000000"})
    assert "not right" in wrong_code.text
    assert (await browser.post(link, data={**form, "password": PASSWORD})).status_code == 200


async def test_what_somebody_types_is_in_no_log_and_no_record_shows_it(nia, site, caplog):
    caplog.set_level(logging.DEBUG)
    browser = await nia.sign_in()
    (token,) = [each.value for each in browser.cookies.jar if each.name == COOKIE]
    await nia.give_password(browser, "a wrong password")
    kept = await stored(site)
    told = caplog.text + repr(kept) + str(kept)
    for secret in (PASSWORD, "a wrong password", nia.secret, token, kept.password_hash):
        assert secret not in told
