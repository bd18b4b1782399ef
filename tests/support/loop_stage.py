"""Loop on a real Underseal, on one clock that tests move."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from browsing import StageClock
from drafting import ban, hire
from litestar import Litestar
from stage import Stage

from loop import people, publishing
from loop.following import follow
from loop.gate import COOKIE
from loop.people import Person
from loop.settings import Settings
from loop.site import Site, open_site
from loop.web import make_app
from underseal.core.caller import ModeratorRole, Scope
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.authenticate import admit_platform

ORIGIN = "https://loop.example"
MP4 = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40


def ref(kind: str, name: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind(kind), external_id=name)


@dataclass
class Loop:
    """The site, its pages, and the stage of Underseal behind it."""

    site: Site
    stage: Stage
    folder: Path
    app: Litestar
    closing: AsyncExitStack
    people: dict[str, Person] = field(default_factory=dict)

    async def person(self, name: str) -> Person:
        """Somebody of this name, who joins if nobody has."""
        if name not in self.people:
            self.people[name] = await publishing.join(
                self.site, name, name.lower(), "", is_listed=True
            )
        return self.people[name]

    async def visitor(self, name: str | None = None) -> httpx.AsyncClient:
        """A browser on Loop, of somebody who is signed in if there is a name."""
        client = await self.closing.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app),
                base_url=ORIGIN,
                headers={"sec-fetch-site": "same-origin"},
            )
        )
        if name is not None:
            token = people.sign_in(self.site, await self.person(name))
            client.cookies.set(COOKIE, token, domain="loop.example")
        return client

    async def unchecked_video(self, name: str, caption: str = "A video", media: bytes = MP4) -> str:
        """A video that machines have not looked at."""
        source = self.folder / "source.mp4"
        source.write_bytes(media)
        person = await self.person(name)
        return await publishing.publish_video(self.site, person, source, caption)

    async def video(self, name: str, caption: str = "A video", media: bytes = MP4) -> str:
        """A video that machines have let pass."""
        video_id = await self.unchecked_video(name, caption, media)
        await self.check_video(video_id)
        return video_id

    async def check_video(self, video_id: str) -> None:
        """Machines look at a video and find nothing, and Loop hears of it."""
        await self.stage.scan(ref("video", video_id))
        await self.stage.assess()
        await follow(self.site)

    async def decide(
        self, kind: str, name: str, outcome: str, guideline: str | None = None
    ) -> None:
        """A moderator decides about something; Loop hears of it after the tick."""
        moderator = await self.stage.moderator("mona", ModeratorRole.MODERATOR)
        await self.stage.decide(ref(kind, name), moderator, outcome, guideline)
        await self.stage.tick(hours=7 * 24)
        await follow(self.site)

    async def ban(self, name: str) -> None:
        """Two moderators remove an account; Loop hears of it after the tick."""
        mona, nils = [await hire(self.stage, each) for each in ("mona", "nils")]
        await ban(self.stage, ref("account", name), mona, nils)
        await follow(self.site)


@asynccontextmanager
async def looping(
    stage: Stage, underseal_url: str, folder: Path, port: int = 8800
) -> AsyncIterator[Loop]:
    """Open a Loop that uses the Underseal that is served at an address."""
    platform = await admit_platform(stage.system, "Loop", list(Scope), stage.now.date())
    (folder / "key").write_text(platform.token)
    (folder / "ticket").write_text(platform.ticket_secret or "")
    settings = Settings.from_environment(
        {
            "LOOP_DATA": str(folder / "loop"),
            "LOOP_PORT": str(port),
            "LOOP_COUNTRY": "de",
            "UNDERSEAL_URL": underseal_url,
            "UNDERSEAL_KEY": str(folder / "key"),
            "UNDERSEAL_TICKET_SECRET": str(folder / "ticket"),
        }
    )
    async with open_site(settings, StageClock(stage)) as site, AsyncExitStack() as closing:
        yield Loop(site, stage, folder, make_app(site), closing)
