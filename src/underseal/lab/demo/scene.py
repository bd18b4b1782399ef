"""What every step of the story needs: the people's clients, and what can be looked at."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import msgspec

from underseal import app
from underseal.client import AsyncClient, Request, Webhook, requests
from underseal.client.answers import Level
from underseal.client.case_answers import Case
from underseal.core.disclosure import last_tick, tick_of
from underseal.core.track_record import TrackRecord, at
from underseal.lab.demo.narrator import Narrator, StoryError
from underseal.lab.demo.receiver import Receiver
from underseal.lab.demo.stage import Stage
from underseal.store.roles import Role

T = TypeVar("T")

VideoName = tuple[str, str]

MESSAGES: Final = (
    "visibility.changed",
    "statement.issued",
    "appeal.decided",
    "subject.cleared",
    "incident.raised",
)
"""What the platform wants to be told of: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The stage while the story is played: one client for each of those who call the API.

    `http` calls without the SDK, as an administrator. `receipts` has those of each video's
    reporters, by reporter; `records_before` the track records as they were before a removal.
    """

    stage: Stage
    receiver: Receiver
    tell: Narrator
    platform: AsyncClient
    moderator: AsyncClient
    colleague: AsyncClient
    lead: AsyncClient
    http: httpx.AsyncClient
    receipts: dict[VideoName, dict[str, str]] = field(default_factory=dict)
    records_before: dict[tuple[bytes, str], tuple[int, float, float]] = field(default_factory=dict)

    def video_file(self, name: str) -> Path:
        """Where a video of the story is kept."""
        return self.stage.place.videos / f"{name}.mp4"

    async def level(self, video: VideoName) -> Level:
        """Who may see a video."""
        return (await self.platform.send(requests.visibility(video))).level

    async def until_level(self, video: VideoName, level: Level) -> None:
        """Wait until a video has a level."""

        async def look() -> bool | None:
            self.stage.check_servers()
            return True if await self.level(video) == level else None

        await self.tell.until(f"{video[1]} becomes {level}", look)

    async def until_public(self, video: VideoName) -> None:
        """Wait until machines have let a video pass, and the platform has been told."""
        await self.until_level(video, "public")
        await self.until_message(video, "visibility.changed")
        await self.until_message(video, "subject.cleared")

    async def publish(self, video: VideoName, creator: str, caption: str) -> None:
        """Upload a video and wait until it is public."""
        registered = await self.platform.send(
            requests.register(video, creator, caption=caption, upload=True)
        )
        await self.platform.upload(registered, self.video_file(video[1]))
        await self.until_public(video)

    async def report(
        self,
        video: VideoName,
        reporters: Sequence[str],
        guideline: str,
        **details: Any,
    ) -> None:
        """File a report for each reporter, and keep the receipts for them."""
        for reporter in reporters:
            filed = await self.platform.send(requests.report(video, reporter, guideline, **details))
            self.receipts.setdefault(video, {})[reporter] = filed.receipt

    async def levels_of(self, video: VideoName) -> list[Level]:
        """Every level that a video has had, in order, as the feed of changes tells it."""
        levels: list[Level] = []
        cursor = None
        while True:
            page = await self.platform.send(requests.visibility_changes(cursor))
            if not page.changes:
                return levels
            levels += [
                each.level for each in page.changes if (each.subject.kind, each.subject.id) == video
            ]
            cursor = page.cursor

    async def receipt_states(self, video: VideoName) -> set[str]:
        """What the receipts of a video's reporters say, each state once."""
        answers = [
            await self.platform.send(requests.look_up_receipt(receipt))
            for receipt in self.receipts[video].values()
        ]
        return {answer.state for answer in answers}

    async def seen_by(self, creator: str, video: VideoName) -> dict[str, bytes]:
        """Everything that a creator can have fetched about a video and themselves, byte by byte."""
        asked: tuple[Request[Any], ...] = (
            requests.statements(creator),
            requests.standing(creator),
            requests.appeals(creator),
            requests.visibility(video),
            requests.visibility(("account", creator)),
            requests.visibility_of_many([video, ("account", creator)]),
            requests.visibility_changes(),
        )
        seen = {each.path: await self.platform.send(_raw(each)) for each in asked}
        seen["webhooks"] = msgspec.json.encode(self.messages_about(video))
        return seen

    async def check_unseen(
        self, expected: str, creator: str, video: VideoName, before: dict[str, bytes]
    ) -> None:
        """State that a creator can notice nothing: all that they can fetch is the same to the byte.

        Raises:
            StoryError: something is not.
        """
        now = await self.seen_by(creator, video)
        changed = [path for path in before if now[path] != before[path]]
        self.tell.check(expected, not changed, f"changed: {', '.join(changed)}")

    def messages_about(self, video: VideoName) -> list[Webhook]:
        """The genuine messages that the platform got about a video, in the order they came."""
        kind, external_id = video
        return [
            each
            for each in self.receiver.messages
            if each.data["subject"] == {"kind": kind, "id": external_id}
        ]

    async def until_message(self, video: VideoName, of_type: str, **data: object) -> Webhook:
        """Wait for a genuine message about a video."""

        async def look() -> Webhook | None:
            return next(
                (
                    each
                    for each in self.messages_about(video)
                    if each.type == of_type and data.items() <= each.data.items()
                ),
                None,
            )

        return await self.tell.until(f"the webhook {of_type}", look)

    def is_tick(self, at: datetime) -> bool:
        """Whether a moment is a tick."""
        return last_tick(at, self.stage.system.settings.tick_length) == at

    async def ticks_done(self) -> datetime:
        """The last tick that has been."""
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            last: datetime | None = await conn.fetchval("select max(tick) from ticks")
        if last is None:
            raise StoryError("ticks that have been", "none")
        return last

    async def let_ticks_pass(self, count: int) -> None:
        """Wait until so many ticks from now on have been."""
        length = self.stage.system.settings.tick_length
        awaited = tick_of(app.clock(), length) + (count - 1) * length

        async def look() -> bool | None:
            self.stage.check_servers()
            return True if await self.ticks_done() >= awaited else None

        await self.tell.until(f"{count} ticks pass", look)

    async def watch(self, video: VideoName, organic: int, qualifying: int) -> datetime:
        """Tell the views of a tick that has just ended, and return it.

        The views of a tick are told once: another time means another tick.
        """
        length = self.stage.system.settings.tick_length

        async def tell_views() -> datetime | None:
            tick = last_tick(app.clock(), length)
            views = [(video, organic, qualifying)]
            counted = (await self.platform.send(requests.count_views(tick, views))).counted
            return tick if counted else None

        tick = await self.tell.until("views are counted", tell_views)
        self.tell.say(
            f"{organic} people watch {video[1]}; {qualifying} of them qualify as a crowd."
        )
        return tick

    async def until_case(self, moderator: AsyncClient, kind: str, video: VideoName) -> Case:
        """Wait for the case of a video and take it."""

        async def look() -> Case | None:
            self.stage.check_servers()
            return await moderator.send(requests.take_case(kind))

        case = await self.tell.until(f"a {kind} to take", look)
        if (case.subject.kind, case.subject.id) != video:
            raise StoryError(f"the case of {video[1]}", f"that of {case.subject.id}")
        return case

    async def until_waiting(self, kind: str, lane: str | None = None) -> None:
        """Wait until there is a case of a kind in the queue, or in one lane of it."""

        async def look() -> bool | None:
            self.stage.check_servers()
            lanes = (await self.lead.send(requests.queue())).lanes
            found = [each for each in lanes if each.kind == kind and lane in {None, each.lane}]
            return True if found else None

        await self.tell.until(f"a {kind} in the queue", look)

    async def track_records(self) -> dict[tuple[bytes, str], tuple[int, float, float]]:
        """All track records as they stand today; those that say nothing are left out."""
        async with self.stage.system.db.transaction(Role.CORE) as conn:
            rows = await conn.fetch("select * from track_records")
        today = app.clock().date()
        found = {}
        for row in rows:
            record = TrackRecord(
                right=row["right_weight"],
                wrong=row["wrong_weight"],
                resolved=row["resolved"],
                as_of=row["as_of"],
            )
            now = at(record, today)
            if now.resolved:
                key = row["pseudonym"], row["topic"]
                found[key] = now.resolved, round(now.right, 6), round(now.wrong, 6)
        return found


@asynccontextmanager
async def open_scene(stage: Stage, receiver: Receiver, tell: Narrator) -> AsyncIterator[Scene]:
    """Connect everybody to the running servers."""
    async with AsyncExitStack() as stack:
        access = stage.access

        async def client(token: str) -> AsyncClient:
            return await stack.enter_async_context(AsyncClient(stage.url, key=token))

        platform = await client(access.platform.token)
        endpoint = await platform.send(requests.add_webhook(receiver.webhook_url, MESSAGES))
        receiver.trust(endpoint.secret)
        yield Scene(
            stage=stage,
            receiver=receiver,
            tell=tell,
            platform=platform,
            moderator=await client(access.moderator.token),
            colleague=await client(access.colleague.token),
            lead=await client(access.lead.token),
            http=await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=stage.url,
                    headers={"authorization": f"Bearer {access.admin.token}"},
                    trust_env=False,
                )
            ),
        )


def _raw(request: Request[Any]) -> Request[bytes]:
    """The same request, answered by its bytes."""
    return replace(request, answer=msgspec.Raw)
