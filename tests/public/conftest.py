"""The public side on a database of the test's own, with the guidelines that are shipped in force."""

import random
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from browsing import Site, StageClock
from stage import NOW, Stage

from underseal.client import sign_creator_link
from underseal.core.caller import Scope
from underseal.core.guideline_file import parse
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.authenticate import Callers, NewKey, admit_platform
from underseal.flow.file_report import Filer
from underseal.flow.system import Settings, System
from underseal.seal.keys import KeyRing, add_year, create
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.web.app import make_app

GUIDELINES = (files("underseal") / "guidelines.toml").read_text()
RECEIPT = re.compile(r"rcpt_[a-z2-7]{58}")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("public") / "keys"
    create(folder, date(2026, 11, 22))
    add_year(folder, 2027)
    return KeyRing.load(folder, NOW.date())


@pytest.fixture
async def system(database: Database, keys: KeyRing, tmp_path: Path) -> System:
    await adopt_guidelines(database, GUIDELINES, "guidelines.toml", NOW.date())
    return System(
        db=database,
        keys=keys,
        guidelines=parse(GUIDELINES, "guidelines.toml"),
        media=MediaFolder(tmp_path / "media"),
        settings=Settings(),
        new_id=uuid4,
        draw=random.Random(1).random,
    )


@pytest.fixture
def stage(system: System) -> Stage:
    return Stage(system)


@pytest.fixture
async def site(stage: Stage):
    """The whole web application."""
    system, clock = stage.system, StageClock(stage)
    async with (
        Filer(system.db, system.keys, system.guidelines, clock) as filer,
        AsyncExitStack() as closing,
    ):
        callers = Callers(system.db, system.keys)
        yield Site(make_app(system, filer, callers, clock), stage, closing)


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
