"""A platform that can be played twice: all of Underseal on a database, a clock and lots of its own.

Lots are drawn by what they are for, not by what was drawn before, so that an id which a creator is
given is the same in both plays, whatever else has happened in one of them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import shake_256
from typing import Any, Final, cast
from uuid import UUID

import httpx

from underseal.client import Request, requests, sign_creator_link
from underseal.client.requests import SubjectName
from underseal.client.transport import read
from underseal.core.case import ModeratorId
from underseal.core.disclosure import tick_of
from underseal.core.draft import UNDO_TIME
from underseal.core.evidence import Weighting
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectRef
from underseal.flow.assess import assess_subject, want_waiting
from underseal.flow.authenticate import Callers, NewKey
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.file_report import Filer
from underseal.flow.open_appeal import open_appeals
from underseal.flow.system import System
from underseal.flow.tick import run_tick
from underseal.lab.anonymity.quiet_life import remove
from underseal.store import outbox
from underseal.store.outbox import DeliveryState
from underseal.store.roles import Role
from underseal.web.app import make_app

ORIGIN: Final = "https://underseal.example"
REMOVED_FOR: Final = GuidelineId("phishing")
"""What shows of it shows at the next tick."""

LINK_LIFE: Final = timedelta(hours=1)
DELIVERED: Final = 204
DELIVERIES: Final = 500
"""Messages that are taken at a time. A limit of ours."""

Views = Sequence[tuple[SubjectName, int, int]]
"""Organic views of subjects, and how many viewers of them qualify."""


@dataclass
class Lots:
    """What is left to chance; `begin` says what is drawn for from now on."""

    about: str = ""
    drawn: int = 0

    def begin(self, about: str) -> None:
        """Draw for something else, from the beginning."""
        self.about, self.drawn = about, 0

    def id(self) -> UUID:
        """Draw an id."""
        return UUID(bytes=self._draw(16), version=4)

    def share(self) -> float:
        """Draw a number in [0, 1)."""
        return int.from_bytes(self._draw(6)) / 2**48

    def _draw(self, length: int) -> bytes:
        self.drawn += 1
        return shake_256(f"{self.about} {self.drawn}".encode()).digest(length)


@dataclass
class StoppedClock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who may call the API of a platform."""

    platform: NewKey
    moderator: NewKey
    colleague: NewKey


@dataclass(kw_only=True)
class Platform:
    """One play. `receipts` are those of the creators' own accounts, by account.

    `cursor` is as far as the platform has read the feed of changes.
    """

    system: System
    staff: Staff
    http: httpx.AsyncClient
    clock: StoppedClock
    lots: Lots
    receipts: dict[str, list[str]] = field(default_factory=dict)
    cursor: str | None = None

    @property
    def now(self) -> datetime:
        """The time of the play."""
        return self.clock.now

    async def ask(self, request: Request[Any]) -> bytes:
        """Return everything that the API answers the platform, headers and all."""
        return written(await self._send(request, self.staff.platform))

    async def told(self, request: Request[Any]) -> Any:
        """Return what the API answers the platform."""
        return await self._read(request, self.staff.platform)

    async def judge(self, request: Request[Any]) -> Any:
        """Return what the API answers a moderator."""
        return await self._read(request, self.staff.moderator)

    async def confirm(self, draft_id: str) -> None:
        """Let a colleague confirm what the moderator has submitted: it is decided a minute later."""
        await self._read(requests.confirm_draft(draft_id), self.staff.colleague)
        await settle_drafts(self.system, self.now + UNDO_TIME)

    async def visit(self, place: str, form: Mapping[str, str] | None = None) -> bytes:
        """Return everything that a page answers, or a form on it."""
        method = "GET" if form is None else "POST"
        headers = {"sec-fetch-site": "same-origin", "origin": ORIGIN}
        return written(await self.http.request(method, place, data=form, headers=headers))

    def link(self, creator: str) -> str:
        """Return what lets somebody read a creator's statements."""
        key = self.staff.platform
        assert key.ticket_secret is not None, "the platform's key signs tickets"
        until = self.now + LINK_LIFE
        return sign_creator_link(key.token, key.ticket_secret, creator=creator, expires_at=until)

    async def tick(self, views: Views = ()) -> bytes:
        """Let the clock run to the next tick, and do what a worker does then.

        Return what the platform is answered when it tells the views of the hour.
        """
        tick = tick_of(self.now + timedelta(microseconds=1), self.system.settings.tick_length)
        self.clock.now = tick + timedelta(seconds=1)
        counted = await self.ask(requests.count_views(tick, views))
        await run_tick(self.system, tick, self.now)
        await want_waiting(self.system, self.now)
        await open_appeals(self.system, self.now)
        return counted

    async def assess(self, refs: Sequence[SubjectRef]) -> None:
        """Assess what is pending of these subjects, in their order."""
        for ref in refs:
            await assess_subject(self.system, ref.subject_id, self.now)

    async def remove(self, ref: SubjectRef) -> None:
        """Let the moderator remove something that nobody has reported."""
        moderator = ModeratorId(self.staff.moderator.principal_id)
        await remove(self.system, moderator, ref, REMOVED_FOR, self.now)

    async def delivered(self) -> bytes:
        """Take all messages that are due, in their order, and return them."""
        found: list[bytes] = []
        while True:
            async with self.system.db.transaction(Role.CORE) as conn:
                taken = await outbox.take_due(
                    conn, self.now, self.now + timedelta(minutes=1), DELIVERIES
                )
                for each in taken:
                    found.append(b"%s %s" % (each.message_id.bytes, each.body))
                    await outbox.settle(
                        conn, each, DeliveryState.DELIVERED, next_at=self.now, status=DELIVERED
                    )
            if not taken:
                return b"\n".join(found)

    async def _send(self, request: Request[Any], key: NewKey) -> httpx.Response:
        headers = {**request.headers, "authorization": f"Bearer {key.token}"}
        return await self.http.request(
            request.method, request.path, content=request.body, headers=headers
        )

    async def _read(self, request: Request[Any], key: NewKey) -> Any:
        answer = await self._send(request, key)
        return read(request, answer.status_code, answer.content)


@asynccontextmanager
async def open_platform(system: System, staff: Staff, now: datetime) -> AsyncIterator[Platform]:
    """Open a play that begins at `now`, where reports may lead to effects without a person."""
    clock, lots = StoppedClock(now), Lots()
    settings = replace(system.settings, weighting=Weighting.PRIORITY_AND_THRESHOLD)
    system = replace(system, new_id=lots.id, draw=lots.share, settings=settings)
    async with Filer(system.db, system.keys, system.guidelines, clock) as filer:
        app = make_app(system, filer, Callers(system.db, system.keys), clock)
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            yield Platform(system=system, staff=staff, http=http, clock=clock, lots=lots)


def written(answer: httpx.Response) -> bytes:
    """Return all that an answer says: status, headers in their order, body."""
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.multi_items())
    return f"{answer.status_code}\n{head}\n".encode() + answer.content
