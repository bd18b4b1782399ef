"""Three months happen, day by day, and leave something to do in every corner of the console.

Everything goes through the flow, at simulated times: registered, watched, reported, scanned,
assessed, taken, decided, appealed against; ticks come, holds run out.

Invariants:
    The same seed gives the same story. Ids of what happens and times are drawn from it, too.
    Nothing is dated after the present.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from underseal.core.appeal import AppealId
from underseal.core.case import CaseKind, CaseState, ModeratorId
from underseal.core.disclosure import HOUR, TickLength, last_tick
from underseal.core.guideline import GuidelineId
from underseal.core.statement import StatementKind
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.assess import assess_pending, want_waiting
from underseal.flow.count_views import count_views
from underseal.flow.creator_view import read_statements
from underseal.flow.decide import Submission, decide
from underseal.flow.file_report import Filer
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.flow.take_case import take_one
from underseal.flow.tick import run_tick
from underseal.flow.upload_media import VersionRef, upload_media
from underseal.lab.seeding.people import ConsoleAccount, let_in
from underseal.lab.seeding.plan import DAYS, NOTHING_BROKEN, SEED, Clip, Post, Reported, plan
from underseal.lab.videos import make_video
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList
from underseal.store import cases, trail
from underseal.store.cases import StoredCase
from underseal.store.roles import Role
from underseal.store.views import ViewCount

TICK: Final = TickLength(timedelta(hours=6))
MINUTE: Final = TickLength(timedelta(minutes=1))
"""Ticks of the past, and of the way from its end to the present. Settings."""

QUALIFYING_SHARE: Final = 0.3
FPS: Final = 10

GROUNDS: Final = "It was meant kindly, and whoever is in it has seen it before I posted it."
UPHELD: Final = "A second look agrees with the first one: it mocks somebody who did not ask for it."
OVERTURNED: Final = "What looked like mockery is a sketch that all who appear in it have agreed to."

CALIBRATED: Final = {
    GuidelineId("investment_scam"): 6.0,
    GuidelineId("fake_offer"): 2.6,
    GuidelineId("fake_engagement"): 2.6,
}
"""What a term is worth here, in nats: the platform of the demonstration has measured it."""

OLDER: Final = (
    ("review_hours = 72", "review_hours = 96"),
    ("machine_bound = 1.5", "machine_bound = 2.5"),
)
"""How the guidelines were before, beside their version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What was made, for whoever tells of it: who can sign in, and how much there is to see."""

    people: tuple[ConsoleAccount, ...]
    posts: int
    decisions: int
    appeals: int
    waiting: int
    ended_at: datetime


async def seed_console(
    system: System, now: datetime, progress: Callable[[int, int], None], *, seed: int = SEED
) -> Seeded:
    """Let a platform's last three months happen, up to the last tick before `now`.

    Args:
        system: a fresh installation, at the tick length it has from then on; nothing else uses it.
        now: the present.
        progress: called with the days that have passed, and with how many there are.
        seed: draws everything that is left to chance, but for keys and the secrets of people.
    """
    begins_at = last_tick(now, TICK) - timedelta(days=DAYS)
    await _adopt_older(system, begins_at)
    people = await let_in(system, now)
    posts = plan(seed)
    terms = TermList({each.id: each.terms for each in system.guidelines.by_id.values()})
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        scanner = await asyncio.to_thread(_open_scanner, terms)
        stack.callback(scanner.close)
        past = _Past(system, ScanDesk(scanner, terms), people, begins_at, seed)
        past.clips = await _film(posts, folder)
        past.filer = await stack.enter_async_context(
            Filer(system.db, system.keys, system.guidelines, lambda: past.now)
        )
        for day in range(DAYS):
            await past.live(day, posts)
            progress(day + 1, DAYS)
    return Seeded(
        people=people,
        posts=len(posts),
        decisions=past.decisions,
        appeals=past.appeals,
        waiting=sum(each.verdict is None for each in posts),
        ended_at=await _catch_up(system, now),
    )


class _Past:
    """The platform, its moderators and its worker, at a simulated time."""

    def __init__(
        self,
        system: System,
        desk: ScanDesk,
        people: tuple[ConsoleAccount, ...],
        begins_at: datetime,
        seed: int,
    ) -> None:
        chance = random.Random(seed)
        self.system = replace(
            system,
            settings=replace(system.settings, tick_length=TICK),
            new_id=lambda: UUID(int=chance.getrandbits(128), version=4),
            draw=chance.random,
        )
        self.desk = desk
        self.deciders = tuple(ModeratorId(each.person.principal_id) for each in people[:3])
        self.begins_at = self.now = begins_at
        self.chance = chance
        self.clips: dict[Clip, Path] = {}
        self.filer: Filer | None = None
        self.decisions = self.appeals = 0
        self._decided: dict[Post, ModeratorId] = {}
        self._appealed: set[Post] = set()
        self._heard: set[Post] = set()

    async def live(self, day: int, posts: Sequence[Post]) -> None:
        """A day: posts appear, are watched, reported, decided and appealed against."""
        starts_at = self.begins_at + timedelta(days=day)
        known = [each for each in posts if each.day <= day]
        begun = [each for each in known if each.day == day]
        self.now = starts_at + timedelta(hours=6)
        await self._appear(begun)
        await self._watch([each for each in known if each.day > day - 10])
        self.now = starts_at + timedelta(hours=8)
        await self._report(begun)
        await self._decide(day, known)
        self.now = starts_at + timedelta(hours=20)
        await self._appeal(known)
        await self._hear(day, known)
        self.now = starts_at + timedelta(days=1)
        await run_tick(self.system, self.now, self.now)

    async def _appear(self, begun: Sequence[Post]) -> None:
        for post in begun:
            given = Registration(
                ref=post.ref,
                creator=post.creator,
                caption=post.caption,
                language=post.language,
                has_upload=post.clip is not None,
            )
            registered = await register_subject(self.system, given, self.now)
            if post.clip is not None:
                version = VersionRef(ref=post.ref, version=registered.version)
                await upload_media(self.system, version, _read(self.clips[post.clip]), self.now)
        while await self.desk.scan_next(self.system, lambda: self.now):
            pass
        await self._assess()

    async def _watch(self, known: Sequence[Post]) -> None:
        counts = [
            ViewCount(
                subject_id=each.ref.subject_id,
                organic=each.views // 4,
                qualifying=max(60, round(each.views / 4 * QUALIFYING_SHARE)),
            )
            for each in known
        ]
        await count_views(self.system, self.now, counts, self.now)

    async def _report(self, begun: Sequence[Post]) -> None:
        assert self.filer is not None, "the filer is opened before the first day"
        await asyncio.gather(
            *(
                self.filer.file(_filing(post, report), report.reporter)
                for post in begun
                for report in post.reports
            )
        )
        await want_waiting(self.system, self.now)
        await self._assess()

    async def _assess(self) -> None:
        while await assess_pending(self.system, self.now):
            pass

    async def _decide(self, day: int, known: Sequence[Post]) -> None:
        for post in known:
            if post in self._decided or post.decided_on is None or post.decided_on > day:
                continue
            case = await self._case(post, CaseKind.REVIEW)
            if case is None:
                continue
            assert post.verdict is not None, "who is decided about has a verdict"
            self.now += timedelta(minutes=self.chance.randrange(3, 40))
            moderator = self.chance.choice(self.deciders)
            await self._settle(case, moderator, Submission(verdict=post.verdict))
            self._decided[post] = moderator

    async def _appeal(self, known: Sequence[Post]) -> None:
        for post in known:
            if not post.is_appealed or post not in self._decided or post in self._appealed:
                continue
            account = post.creator.subject_id
            statements = await read_statements(self.system.db, account, None, 20)
            told = [
                each.statement
                for each in statements
                if each.statement.subject == post.ref
                and each.statement.kind is not StatementKind.HOLD
            ]
            if told:
                await lodge_appeal(
                    self.system.db,
                    AppealId(self.system.new_id()),
                    account=account,
                    statement_id=told[0].id,
                    grounds=GROUNDS,
                    now=self.now,
                )
                self._appealed.add(post)
                self.appeals += 1
        await open_appeals(self.system, self.now)

    async def _hear(self, day: int, known: Sequence[Post]) -> None:
        for post in known:
            if post not in self._appealed or post in self._heard:
                continue
            case = await self._case(post, CaseKind.APPEAL)
            if case is None or post.heard_on is None or post.heard_on > day:
                continue
            assert post.verdict is not None, "who appeals was decided about"
            self.now += timedelta(minutes=self.chance.randrange(3, 20))
            others = [each for each in self.deciders if each != self._decided[post]]
            submission = Submission(verdict=post.verdict, reasons=UPHELD)
            if post.is_overturned:
                submission = Submission(verdict=NOTHING_BROKEN, reasons=OVERTURNED)
            await self._settle(case, self.chance.choice(others), submission)
            self._heard.add(post)

    async def _case(self, post: Post, kind: CaseKind) -> StoredCase | None:
        """The newest case about a post, if it is of this kind and waits."""
        async with self.system.db.transaction(Role.CONSOLE) as conn:
            case_id = await trail.newest_case(conn, post.ref.subject_id)
            case = None if case_id is None else await cases.load_case(conn, case_id)
        if case is None or case.kind is not kind or case.state is not CaseState.QUEUED:
            return None
        return case

    async def _settle(
        self, case: StoredCase, moderator: ModeratorId, submission: Submission
    ) -> None:
        await take_one(self.system, case.case_id, moderator, self.now)
        await decide(self.system, case.case_id, moderator, submission, self.now)
        self.decisions += 1


async def _adopt_older(system: System, begins_at: datetime) -> None:
    """Let there be a version of the guidelines before the one that is in force."""
    text = (files("underseal") / "guidelines.toml").read_text()
    older = text.replace(f'"{system.guidelines.version}"', f'"{begins_at:%Y-%m-%d}"', 1)
    for now, before in OLDER:
        older = older.replace(now, before)
    await adopt_guidelines(system.db, older, "guidelines.toml", begins_at.date())


def _open_scanner(terms: TermList) -> Scanner:
    # Its videos are its own; what the kernel offers stands around their decoder all the same.
    return Scanner(
        known=KnownContent(),
        terms=terms,
        limits=Limits(),
        require_sandbox=False,
        term_weights=CALIBRATED,
    )


async def _film(posts: Sequence[Post], folder: Path) -> dict[Clip, Path]:
    """Make every video, two at a time."""
    clips = {each.clip: folder / f"{each.clip.scene}.mp4" for each in posts if each.clip}
    cameras = asyncio.Semaphore(2)

    async def film(clip: Clip, path: Path) -> None:
        async with cameras:
            await asyncio.to_thread(
                make_video,
                path,
                scene=clip.scene,
                seconds=clip.seconds,
                caption=clip.text,
                captioned=clip.shown,
                size=clip.size,
                fps=FPS,
            )

    await asyncio.gather(*(film(clip, path) for clip, path in clips.items()))
    return clips


async def _read(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)


async def _catch_up(system: System, until: datetime) -> datetime:
    """Run the last tick before `until`, nearer and nearer: each makes up for all before it."""
    tick = until
    for length in (HOUR, MINUTE, system.settings.tick_length):
        tick = last_tick(until, length)
        at_length = replace(system, settings=replace(system.settings, tick_length=length))
        await run_tick(at_length, tick, until)
    return tick


def _filing(post: Post, report: Reported) -> Filing:
    return Filing(
        subject=post.ref,
        guideline=report.guideline,
        note=report.note,
        moments=report.moments,
        is_notice=report.law is not None,
        law=report.law,
        may_be_guessed=False,
    )
