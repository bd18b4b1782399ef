"""The public side on a database of the test's own, with the guidelines that are shipped in force."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from browsing import Site
from stage import Stage
from web_site import clock, keys, site, stage, system

from underseal.client import sign_creator_link
from underseal.core.caller import Scope
from underseal.flow.authenticate import NewKey, admit_platform
from underseal.flow.system import System

__all__ = ["clock", "keys", "site", "stage", "system"]

RECEIPT = re.compile(r"rcpt_[a-z2-7]{64}")


@pytest.fixture
async def browser(site: Site) -> httpx.AsyncClient:
    """A browser of somebody who is not signed in."""
    return await site.visitor()


@dataclass
class Reporter:
    """Somebody without an account who fills the report form in."""

    browser: httpx.AsyncClient

    FORM = {  # noqa: RUF012 - nobody changes it
        "kind": "comment",
        "subject": "c1",
        "topic": "scam",
        "guideline": "phishing",
        "step": "file",
    }

    async def send(self, **given: str) -> httpx.Response:
        return await self.browser.post("/report", data={**self.FORM, **given})

    async def file(self, **given: str) -> str:
        """File a report, and return its receipt."""
        answer = await self.send(**given)
        assert answer.status_code == 200
        (receipt,) = set(RECEIPT.findall(answer.text))
        return receipt

    async def look(self, receipt: str, **query: str) -> httpx.Response:
        return await self.browser.post("/receipt", data={"receipt": receipt}, params=query)


@pytest.fixture
def reporter(browser: httpx.AsyncClient) -> Reporter:
    return Reporter(browser)


@dataclass
class Platform:
    """Signs links for its creators."""

    key: NewKey
    stage: Stage

    def link(
        self,
        creator: str = "carl",
        statement: UUID | None = None,
        valid_for: timedelta = timedelta(hours=1),
        secret: str | None = None,
    ) -> str:
        return sign_creator_link(
            self.key.token,
            secret or self.key.ticket_secret,
            creator=creator,
            statement_id=statement,
            expires_at=self.stage.now + valid_for,
        )


@pytest.fixture
async def platform(system: System, stage: Stage) -> Platform:
    key = await admit_platform(system, "Loop", [Scope.TICKET_SIGN], stage.now.date())
    return Platform(key, stage)
