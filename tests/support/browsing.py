"""The whole web application with people signed in to its console, and a stage behind it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from litestar.types import ASGIApp
from stage import Stage

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.flow.authenticate import admit_moderator
from underseal.flow.session import open_session
from underseal.web.console.gate import COOKIE

ORIGIN = "https://underseal"

NAMES = {
    ModeratorRole.MODERATOR: "mona",
    ModeratorRole.LEAD: "lea",
    ModeratorRole.AUDITOR: "aude",
    ModeratorRole.ADMIN: "adam",
}


@dataclass
class StageClock:
    """Tells the time of a stage; who sets `now` sets it for both."""

    stage: Stage

    @property
    def now(self) -> datetime:
        return self.stage.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.stage.now = now

    def __call__(self) -> datetime:
        return self.stage.now


@dataclass
class Site:
    """The pages, and the stage behind them. `people` are the principals by name."""

    app: ASGIApp
    stage: Stage
    closing: AsyncExitStack
    people: dict[str, PrincipalId] = field(default_factory=dict)

    async def signed_in(
        self, role: ModeratorRole = ModeratorRole.MODERATOR, name: str = ""
    ) -> httpx.AsyncClient:
        """A browser of somebody who is signed in; of the same person, if the name is known."""
        name = name or NAMES[role]
        if name not in self.people:
            key = await admit_moderator(self.stage.system, name, role, self.stage.now.date())
            self.people[name] = key.principal_id
        client = await self.visitor()
        token = await open_session(self.stage.system, self.people[name], self.stage.now)
        client.cookies.set(COOKIE, token, domain="underseal.local")
        return client

    async def visitor(self) -> httpx.AsyncClient:
        """A browser of somebody who is not signed in. It says what browsers say of our forms."""
        return await self.closing.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app),
                base_url=ORIGIN,
                headers={"sec-fetch-site": "same-origin", "origin": "null"},
            )
        )
