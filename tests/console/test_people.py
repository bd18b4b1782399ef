import re
from datetime import timedelta
from html import unescape

import pytest
from joining import PASSWORD, accept, member

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person, Preferences
from underseal.flow import preferences
from underseal.flow.authenticate import Callers, admit_moderator
from underseal.store.connection import session
from underseal.store.roles import Role
from underseal.web.console.gate import COOKIE


@pytest.fixture
async def admin(site):
    """A browser of the only admin."""
    who = await member(site, ModeratorRole.ADMIN, "ada")
    site.stage.now += timedelta(minutes=1)
    return await who.sign_in()


@pytest.fixture
async def nia(site):
    who = await member(site)
    site.stage.now += timedelta(minutes=1)
    return who


def id_of(site, name: str):
    return site.people[name]


async def invited(browser, **form: str) -> str:
    """The path of the link that an admin is shown."""
    answer = await browser.post("/console/people/invite", data=form)
    assert answer.status_code == 200, answer.text
    return unescape(
        re.search(r'value="https://underseal(/console/invitation/[^"]+)"', answer.text)[1]
    )


async def test_an_admin_invites_somebody_who_then_signs_in(admin, site):
    link = await invited(admin, name="Ola Berg", user_name=" Ola@Loop.example", role="lead")
    assert "invited 22 November" in (await admin.get("/console/people")).text
    ola = await accept(site, await site.visitor(), link, "ola@loop.example")
    site.stage.now += timedelta(minutes=1)
    browser = await ola.sign_in()
    assert "Ola Berg <small>lead</small>" in (await browser.get("/console/me")).text
    shown = (await admin.get("/console/people")).text
    assert "Ola Berg was invited as lead" in shown
    assert "Ola Berg joined as lead" in shown
    assert "the command line" in shown, "who let the first admin in"


async def test_an_invitation_that_cannot_be_made_says_why_and_keeps_what_was_typed(admin, site):
    form = {"name": "Ada", "user_name": "ADA", "role": "lead"}
    taken = await admin.post("/console/people/invite", data=form)
    assert taken.status_code == 422
    assert "somebody has the user name ada" in taken.text.lower()
    assert 'value="ADA"' in taken.text
    assert '<option value="lead" selected>' in taken.text
    spaces = await admin.post("/console/people/invite", data={**form, "user_name": "a b"})
    assert "one word" in spaces.text
    nobody = await admin.post("/console/people/invite", data={**form, "user_name": "x", "name": ""})
    assert nobody.status_code == 422


async def test_a_changed_role_holds_from_the_next_request_on(admin, nia, site):
    browser = await nia.sign_in()
    assert (await browser.get("/console/people")).status_code == 403
    place = f"/console/people/{id_of(site, 'nia')}/role"
    assert (await admin.post(place, data={"role": "admin"})).status_code == 303
    assert (await browser.get("/console/people")).status_code == 200
    await admin.post(place, data={"role": "auditor"})
    assert (await browser.get("/console/people")).status_code == 403
    assert "nia became auditor" in (await admin.get("/console/people")).text
    assert (await admin.post(place, data={"role": "king"})).status_code == 400


async def test_who_is_dismissed_is_out_at_once_and_for_good(admin, nia, site):
    browser = await nia.sign_in()
    place = f"/console/people/{id_of(site, 'nia')}/dismiss"
    assert "Dismiss nia?" in (await admin.get(place)).text
    assert (await browser.get("/console/me")).status_code == 200, "asking does nothing yet"
    assert (await admin.post(place)).status_code == 303
    assert (await browser.get("/console/me")).status_code == 303
    assert (await nia.give_password(await site.visitor())).status_code == 403
    shown = (await admin.get("/console/people")).text
    assert "nia was dismissed as moderator" in shown
    assert nia.user_name not in shown, "their address is forgotten"
    assert (await admin.post(place)).status_code == 404


async def test_a_dismissed_persons_api_key_ends_too(admin, site, system, clock):
    key = await admit_moderator(system, "kim", ModeratorRole.LEAD, clock().date())
    assert (await Callers(system.db, system.keys).by_token(key.token)).role is ModeratorRole.LEAD
    assert "API key only" in (await admin.get("/console/people")).text
    await admin.post(f"/console/people/{key.principal_id}/dismiss")
    with pytest.raises(Exception, match="not known"):
        await Callers(system.db, system.keys).by_token(key.token)


async def test_the_last_admin_can_neither_be_dismissed_nor_demoted(admin, nia, site):
    me = f"/console/people/{id_of(site, 'ada')}"
    assert "last admin" in (await admin.post(f"{me}/dismiss")).text
    assert (await admin.post(f"{me}/role", data={"role": "lead"})).status_code == 409
    await admin.post(f"/console/people/{id_of(site, 'nia')}/role", data={"role": "admin"})
    assert (await admin.post(f"{me}/role", data={"role": "lead"})).status_code == 303
    assert (await admin.get("/console/people")).status_code == 403


async def test_an_admin_who_has_never_signed_in_is_no_other_admin(admin, site):
    await invited(admin, name="Ola", user_name="ola", role="admin")
    answer = await admin.post(f"/console/people/{id_of(site, 'ada')}/dismiss")
    assert answer.status_code == 409


async def test_inviting_anew_takes_back_the_old_way_in_at_once(admin, nia, site):
    browser = await nia.sign_in()
    answer = await admin.post(f"/console/people/{id_of(site, 'nia')}/invite-anew")
    link = re.search(r'value="https://underseal(/console/invitation/[^"]+)"', answer.text)[1]
    assert (await browser.get("/console/me")).status_code == 303
    assert (await nia.give_password(await site.visitor())).status_code == 403
    again = await accept(site, await site.visitor(), link, nia.user_name)
    assert again.secret != nia.secret
    site.stage.now += timedelta(minutes=1)
    assert await again.sign_in()


async def test_a_newer_invitation_makes_the_older_one_worthless(admin, site):
    first = await invited(admin, name="Ola", user_name="ola", role="lead")
    people = (await admin.get("/console/people")).text
    who = re.search(r"/console/people/([0-9a-f-]+)/invite-anew", people)[1]
    await admin.post(f"/console/people/{who}/invite-anew")
    assert (await (await site.visitor()).get(first)).status_code == 410


@pytest.mark.parametrize("role", [each for each in ModeratorRole if each != "admin"])
async def test_only_admins_change_who_moderates(site, role):
    browser = await site.signed_in(role)
    who = site.people[next(iter(site.people))]
    assert (await browser.get("/console/people")).status_code == 403
    for place in ("invite", f"{who}/role", f"{who}/dismiss", f"{who}/invite-anew"):
        answer = await browser.post(f"/console/people/{place}", data={"role": "admin"})
        assert answer.status_code == 403


async def test_nobody_rewrites_what_happened_to_peoples_access(site, server, address):
    await member(site)
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        for change in ("update people_events set kind = 'invited'", "delete from people_events"):
            with pytest.raises(Exception, match="append-only"):
                await owner.execute(change)


async def test_a_changed_password_ends_all_other_sessions(nia, site):
    browser = await nia.sign_in()
    site.stage.now += timedelta(minutes=1)
    other = await nia.sign_in()
    wanted = "four green lanterns"
    change = "/console/me/password"
    wrong = await browser.post(change, data={"present": "not this one", "wanted": wanted})
    assert wrong.status_code == 403
    weak = await browser.post(change, data={"present": PASSWORD, "wanted": "nia.loop.example"})
    assert weak.status_code == 422
    answer = await browser.post(change, data={"present": PASSWORD, "wanted": wanted})
    assert answer.headers["location"] == "/console/me?done=password"
    assert "changed" in (await browser.get(answer.headers["location"])).text
    assert (await other.get("/console/me")).status_code == 303
    site.stage.now += timedelta(minutes=1)
    assert (await nia.give_password(await site.visitor())).status_code == 403
    assert (await nia.give_password(await site.visitor(), wanted)).status_code == 303


async def test_new_recovery_codes_take_the_place_of_the_old_ones(nia, site):
    browser = await nia.sign_in()
    assert "<strong>10</strong> left" in (await browser.get("/console/me")).text
    place = "/console/me/recovery-codes"
    assert (await browser.post(place, data={"present": "no"})).status_code == 403
    shown = (await browser.post(place, data={"present": PASSWORD})).text
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", shown)
    assert len(codes) == 10
    assert not set(codes) & set(nia.recovery_codes)
    for code, status in ((nia.recovery_codes[0], 403), (codes[0], 303)):
        fresh = await site.visitor()
        await nia.give_password(fresh)
        assert (await nia.give_code(fresh, code)).status_code == status
    assert "<strong>9</strong> left" in (await browser.get("/console/me")).text


async def test_signing_out_everywhere_ends_every_session_of_ones_own_and_no_other(nia, site):
    first = await nia.sign_in()
    site.stage.now += timedelta(minutes=1)
    second, colleague = await nia.sign_in(), await site.signed_in()
    shown = (await second.get("/console/me")).text
    assert shown.count("<tr><td") == 3, "one is of the browser in which she joined"
    assert shown.count("this one") == 1
    assert (await first.post("/console/me/sign-out-everywhere")).status_code == 303
    for browser, status in ((first, 303), (second, 303), (colleague, 200)):
        assert (await browser.get("/console/me")).status_code == status


async def test_videos_are_shown_as_somebody_wants_and_spare_them_at_first(site, system):
    browser = await site.signed_in(name="mona")
    mona = Person(principal_id=site.people["mona"], name="mona", role=ModeratorRole.MODERATOR)
    assert await preferences.load(system, mona) == Preferences(blur=True, greyscale=True, mute=True)
    form = {"greyscale": "yes"}
    answer = await browser.post("/console/me/preferences", data=form)
    assert await preferences.load(system, mona) == Preferences(
        blur=False, greyscale=True, mute=False
    )
    shown = (await browser.get(answer.headers["location"])).text
    assert 'name="greyscale" value="yes" checked' in shown
    assert 'name="blur" value="yes">' in shown


async def test_somebody_with_an_api_key_alone_has_no_password_to_change(site):
    browser = await site.signed_in()
    form = {"present": PASSWORD, "wanted": "four green lanterns"}
    assert (await browser.post("/console/me/password", data=form)).status_code == 403
    assert browser.cookies.get(COOKIE)
