"""What goes on behind the pages: the worker's jobs and Loop's, as far as they are due."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from litestar.types import ASGIApp, Receive, Scope, Send
from loop_stage import Loop

from loop.following import follow
from loop.publishing import join
from loop.watching import saw, tell_views
from underseal.core.disclosure import HOUR, K, last_tick
from underseal.core.draft import UNDO_TIME
from underseal.flow.assess import assess_pending
from underseal.flow.deliver import Courier
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.open_appeal import open_appeals
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.tick import run_tick
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList


class Door:
    """An application whose address is known before there is one: it is put behind it later."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class Backstage:
    """The worker of an Underseal, and the clock that it shares with Loop."""

    loop: Loop
    desk: ScanDesk
    courier: Courier
    crowds: int = 0

    async def work(self) -> None:
        """Do all that is due, as a worker does; Loop hears of it, and follows."""
        system, now = self.loop.stage.system, self.loop.stage.now
        while any(
            [
                await assess_pending(system, now),
                await self.desk.scan_next(system, lambda: now),
                await run_tick(system, last_tick(now, HOUR), now),
                await settle_drafts(system, now),
                await open_appeals(system, now),
                # Receivers judge the age of a message by the clock of the world.
                await self.courier.deliver(datetime.now(UTC)),
            ]
        ):
            pass
        await follow(self.loop.site)

    async def pass_undo_minute(self) -> None:
        """Let the minute pass in which a decision can be taken back."""
        self.loop.stage.now += UNDO_TIME
        await self.work()

    async def pass_hour(self) -> None:
        """Let the clock run until the next tick is over, and Loop tell who has watched."""
        stage = self.loop.stage
        stage.now = last_tick(stage.now, HOUR) + HOUR + timedelta(seconds=5)
        await tell_views(self.loop.site)
        await self.work()

    async def gather_crowd(self, video_id: str) -> None:
        """Let as many new people watch a video as close a window."""
        site = self.loop.site
        self.crowds += 1
        handles = [f"viewer{self.crowds}_{number}" for number in range(K)]
        for viewer in await asyncio.gather(*(join(site, each, each, "") for each in handles)):
            saw(site, viewer, [(("video", video_id), None)])


@asynccontextmanager
async def backstage(loop: Loop) -> AsyncIterator[Backstage]:
    """Have somebody at work behind a Loop and its Underseal."""
    courier = Courier(loop.stage.system, lambda: 0.0)
    terms = TermList({})
    with Scanner(
        known=KnownContent(), terms=terms, limits=Limits(), require_sandbox=False
    ) as scanner:
        try:
            yield Backstage(loop, ScanDesk(scanner, terms), courier)
        finally:
            await courier.close()
