"""Scenery: a platform with a past, set up once, and worlds that go on from it side by side.

The past is a database with cases, decisions, appeals, a hold, an incident, known content and
colleagues. A world is a copy of it with the whole web application.
"""

import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import shake_256
from importlib.resources import files
from pathlib import Path
from uuid import UUID, uuid4

from browsing import NAMES, Site, StageClock
from footage import upload
from stage import NOW, Stage

from underseal.core.caller import ModeratorRole, PrincipalId, Scope
from underseal.core.case import CaseKind
from underseal.core.guideline_file import parse
from underseal.core.message import MessageType
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.track_record import TrackRecord
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.authenticate import Callers, NewKey, admit_moderator, admit_platform
from underseal.flow.checkpoint import make_checkpoint
from underseal.flow.count_views import count_views
from underseal.flow.file_report import Filer
from underseal.flow.invite import invite
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_endpoint import register_endpoint
from underseal.flow.system import Settings, System
from underseal.seal.keys import KeyRing, add_year, create
from underseal.seal.pseudonym import pseudonyms
from underseal.store.connection import Address
from underseal.store.media import MediaFolder
from underseal.store.pool import Database
from underseal.store.records import lock_records, save_records
from underseal.store.roles import Role
from underseal.store.views import ViewCount
from underseal.web.app import make_app

TEXT = (files("underseal") / "guidelines.toml").read_text()
GUIDELINES = parse(TEXT, "guidelines.toml")
OLD_VERSION = "2026-08-01"
COLLEAGUES = {
    **{name: role for role, name in NAMES.items()},
    "nils": ModeratorRole.MODERATOR,
    "lars": ModeratorRole.LEAD,
}
VIEWS = {"v1": 90_000, "v2": 8_000, "v3": 700, "v4": 60, "v5": 500}
"""How many watch each video in an hour: so different that no weight of a report's outdoes it."""

REASONS = "Somebody else has looked at it again, and this is why."


def video(name: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.VIDEO, external_id=name)


def comment(name: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.COMMENT, external_id=name)


@dataclass
class Lots:
    """What is drawn at random, drawn alike in each world: by what it is for, not by when."""

    about: str = "the world"
    drawn: int = 0

    def draw_for(self, about: str) -> None:
        self.about, self.drawn = about, 0

    def bytes(self, length: int) -> bytes:
        self.drawn += 1
        return shake_256(f"{self.about} {self.drawn}".encode()).digest(length)

    def id(self) -> UUID:
        return UUID(bytes=self.bytes(16), version=4)


@dataclass(frozen=True, kw_only=True)
class Scenery:
    """The past, as whoever goes on from it needs to know it."""

    server: object
    database: str
    keys: KeyRing
    media: Path
    people: Mapping[str, PrincipalId]
    platform: NewKey
    invitation: str
    receipts: tuple[str, ...]
    reporters: tuple[str, ...]
    now: datetime


@dataclass
class World:
    """A platform that goes on from the scenery."""

    scenery: Scenery
    site: Site
    filer: Filer
    lots: Lots
    address: Address

    @property
    def stage(self) -> Stage:
        return self.site.stage

    @property
    def system(self) -> System:
        return self.stage.system

    async def prove(self, shares: Mapping[str, float]) -> None:
        """Give reporters track records of ten decisions: so great a share of them was right."""
        today = self.stage.now.date()
        topics = sorted({each.topic for each in GUIDELINES.by_id.values()})
        records = {
            (pseudonyms(self.system.keys, today, reporter).current, topic): TrackRecord(
                right=10 * share, wrong=10 * (1 - share), resolved=10, as_of=today
            )
            for reporter, share in shares.items()
            for topic in topics
        }
        async with self.system.db.transaction(Role.CORE) as conn:
            await lock_records(conn, sorted(records), today)
            await save_records(conn, records)

    async def report(self, ref: SubjectRef, guideline: str, reporter: str | None, **given) -> str:
        """Somebody reports; return the receipt."""
        return await self.filer.file(self.stage.filing(ref, guideline, **given), reporter)


@asynccontextmanager
async def world(
    scenery: Scenery, lots: Lots | None = None, **settings: object
) -> AsyncIterator[World]:
    """Go on from the scenery in a database of its own."""
    lots = lots or Lots()
    lots.draw_for("the world")
    server, name = scenery.server, f"world_{secrets.token_hex(8)}"
    address = await server.create_database(name, scenery.database)
    db = await Database.open(address, server.passwords, dict.fromkeys(Role, 2))
    try:
        system = _system(db, scenery.keys, scenery.media, lots.id, **settings)
        stage = Stage(system, scenery.now)
        clock = StageClock(stage)
        async with (
            Filer(db, system.keys, system.guidelines, clock) as filer,
            AsyncExitStack() as closing,
        ):
            app = make_app(system, filer, Callers(db, system.keys), clock)
            site = Site(app, stage, closing, dict(scenery.people))
            yield World(scenery, site, filer, lots, address)
    finally:
        await db.close()
        await server.drop_database(name)


def _system(
    db: Database, keys: KeyRing, media: Path, new_id: Callable[[], UUID], **settings: object
) -> System:
    return System(
        db=db,
        keys=keys,
        guidelines=GUIDELINES,
        media=MediaFolder(media),
        settings=Settings(**settings),
        new_id=new_id,
        draw=random.Random(1).random,
    )


async def furnish(server: object, folder: Path) -> Scenery:
    """Let there be a past."""
    create(folder / "keys", date(2026, 11, 22))
    add_year(folder / "keys", 2027)
    keys = KeyRing.load(folder / "keys", NOW.date())
    name = f"scenery_{secrets.token_hex(8)}"
    db = await Database.open(
        await server.create_database(name), server.passwords, dict.fromkeys(Role, 2)
    )
    try:
        stage = Stage(_system(db, keys, folder / "media", uuid4), NOW - timedelta(days=2))
        past = _Past(stage, reporters=tuple(f"id-{secrets.token_hex(10)}" for _ in range(14)))
        await past.happen(folder)
    finally:
        await db.close()
    return Scenery(
        server=server,
        database=name,
        keys=keys,
        media=folder / "media",
        people=past.people,
        platform=past.platform,
        invitation=past.invitation,
        receipts=tuple(past.receipts),
        reporters=past.reporters,
        now=stage.now,
    )


@dataclass
class _Past:
    stage: Stage
    reporters: tuple[str, ...]
    people: dict[str, PrincipalId] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)

    async def happen(self, folder: Path) -> None:
        await self._people()
        await self._subjects()
        await self._unfounded()
        await self._decisions()
        await self._known()
        await self._overdue()
        await self._held()
        await self._watched()
        await make_checkpoint(self.stage.system, folder / "checkpoints", self.stage.now)

    async def _people(self) -> None:
        stage, system = self.stage, self.stage.system
        today = stage.now.date()
        older = TEXT.replace(GUIDELINES.version, OLD_VERSION)
        await adopt_guidelines(system.db, older, "old.toml", today)
        await adopt_guidelines(system.db, TEXT, "guidelines.toml", today)
        for name, role in COLLEAGUES.items():
            self.people[name] = (await admit_moderator(system, name, role, today)).principal_id
        self.platform = await admit_platform(system, "Loop", list(Scope), today)
        hook = "https://platform.example/hook"
        await register_endpoint(system, hook, list(MessageType), bytes(32), stage.now)

    async def _subjects(self) -> None:
        stage = self.stage
        for number, name in enumerate(VIEWS):
            await upload(stage, f"film {number}".encode(), name, caption=f"This is {name}")
        for name in ("c1", "c2", "c3", "c5"):
            await stage.comment(name, "dora")
        await stage.scan(video("v1"), bullying=1.5)
        await stage.assess()

    async def _decisions(self) -> None:
        """One appeal that waits, one that was granted, and a decision on a copy."""
        stage, people = self.stage, self.people
        await upload(stage, b"film 0", "copy", creator="cleo")
        await stage.decide(video("copy"), people["nils"], "label", "phishing")
        for name in ("old1", "old2"):
            await stage.decide(await stage.comment(name), people["mona"], "remove", "phishing")
        await stage.tick()
        read = {each.statement.subject.external_id: each for each in await stage.statements()}
        await stage.appeal(read["old2"].statement.id)
        await open_appeals(stage.system, stage.now)
        await stage.judge(people["lars"], "no_violation", kind=CaseKind.APPEAL, reasons=REASONS)
        await stage.appeal(read["old1"].statement.id)
        await open_appeals(stage.system, stage.now)

    async def _unfounded(self) -> None:
        """Reports in which nobody found anything, and that their reporters can complain about."""
        stage, ref = self.stage, comment("c5")
        system = stage.system
        async with Filer(system.db, system.keys, GUIDELINES, lambda: stage.now) as filer:
            for reporter in self.reporters[-4:]:
                filing = stage.filing(ref, "bullying", note="I know who is meant")
                self.receipts.append(await filer.file(filing, reporter))
        await stage.assess()
        await stage.decide(ref, self.people["mona"], "no_violation")
        await stage.answer_day()

    async def _known(self) -> None:
        stage, ref = self.stage, await self.stage.video("known")
        await stage.scan(ref)
        await stage.assess()
        async with stage.system.db.transaction(Role.CORE) as conn:
            await conn.execute(
                "insert into frame_hashes (subject_id, version, at_ms, hash, quality) "
                "values ($1, 1, 0, sha256('frame'), 100)",
                ref.subject_id,
            )
        await stage.decide(ref, self.people["nils"], "remove", "bullying")

    async def _overdue(self) -> None:
        ref = await self.stage.comment("late")
        await self.stage.enqueue(ref, due_at=self.stage.now, duty_from=self.stage.now)
        self.stage.now += timedelta(days=1)
        await self.stage.tick()

    async def _held(self) -> None:
        self.stage.now += timedelta(hours=20)
        await self.stage.hold(video("v5"), "bullying")
        await self.stage.tick()

    async def _watched(self) -> None:
        """Views of the hour, and somebody who is invited."""
        stage = self.stage
        tick = stage.now.replace(minute=0, second=0) + timedelta(hours=1)
        counts = [
            ViewCount(subject_id=video(name).subject_id, organic=views, qualifying=views // 2)
            for name, views in VIEWS.items()
        ]
        await count_views(stage.system, tick, counts, tick)
        await stage.tick()
        self.invitation = await invite(
            stage.system,
            None,
            name="Pia",
            user_name="pia",
            role=ModeratorRole.MODERATOR,
            now=stage.now,
        )
