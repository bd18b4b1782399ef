"""Somebody who has been invited to the console and can sign in, as tests play them."""

import re
from dataclasses import dataclass, field
from html import unescape

import httpx
import pyotp
from browsing import Site

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.invite import invite
from underseal.store import people
from underseal.store.roles import Role

PASSWORD = "seven quiet herons"


@dataclass
class Member:
    """Somebody with a password, an authenticator and recovery codes."""

    site: Site
    user_name: str
    password: str = PASSWORD
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def code(self) -> str:
        """What the authenticator shows now."""
        return pyotp.TOTP(self.secret).at(self.site.stage.now)

    async def give_password(self, browser: httpx.AsyncClient, password: str = "", **also: str):
        form = {"user_name": self.user_name, "password": password or self.password, **also}
        return await browser.post("/console/sign-in", data=form)

    async def give_code(self, browser: httpx.AsyncClient, code: str = "", **also: str):
        return await browser.post(
            "/console/sign-in/code", data={"code": code or self.code(), **also}
        )

    async def sign_in(self) -> httpx.AsyncClient:
        """A browser in which they have signed in."""
        browser = await self.site.visitor()
        assert (await self.give_password(browser)).status_code == 303
        answer = await self.give_code(browser)
        assert answer.status_code == 303, answer.text
        return browser


async def member(
    site: Site, role: ModeratorRole = ModeratorRole.MODERATOR, user_name: str = "nia@loop.example"
) -> Member:
    """Invite somebody from the command line, and let them take the invitation."""
    stage, name = site.stage, user_name.partition("@")[0]
    token = await invite(
        stage.system, None, name=name, user_name=user_name, role=role, now=stage.now
    )
    async with stage.system.db.transaction(Role.CONSOLE) as conn:
        found: Person | None = await people.find_person(conn, user_name)
    site.people[name] = found.principal_id
    joined = await accept(site, await site.visitor(), f"/console/invitation/{token}", user_name)
    assert joined.recovery_codes
    return joined


async def accept(site: Site, browser: httpx.AsyncClient, link: str, user_name: str) -> Member:
    """Open an invitation as a person does, and join."""
    shown = (await browser.get(link)).text
    who = Member(site, user_name, secret=re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1])
    answer = await browser.post(
        link, data={"password": who.password, "code": who.code(), "box": box_of(shown)}
    )
    assert answer.status_code == 200, answer.text
    who.recovery_codes = re.findall(r"<code>([a-z2-7-]{19})</code>", answer.text)
    return who


def box_of(shown: str) -> str:
    return unescape(re.search(r'name="box" value="([^"]+)"', shown)[1])
