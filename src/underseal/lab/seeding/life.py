"""A platform, its moderators and its worker, at simulated times; everything through the flow."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from underseal.core.appeal import AppealId
from underseal.core.case import CaseKind, CaseState, ModeratorId
from underseal.core.disclosure import HOUR, TickLength, last_tick
from underseal.core.message import IncidentKind
from underseal.core.person import Person
from underseal.core.statement import StatementKind
from underseal.flow.add_known_content import add_known_content
from underseal.flow.assess import assess_pending, want_waiting
from underseal.flow.calibrate import calibrate
from underseal.flow.close_incident import close_incident
from underseal.flow.count_views import count_views
from underseal.flow.creator_view import read_statements
from underseal.flow.decide import Submission
from underseal.flow.due import UNPUBLISHED
from underseal.flow.file_report import Filer
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.flow.open_appeal import open_appeals
from underseal.flow.read_incidents import read_incidents
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.flow.take_case import take_one
from underseal.flow.tick import run_tick
from underseal.flow.upload_media import VersionRef, upload_media
from underseal.lab.seeding.posts import NOTHING_BROKEN, TODAY, Clip, Post, Reported
from underseal.lab.seeding.sayings import CLOSED, OVERTURNED, UPHELD
from underseal.lab.two_moderators import take_decision
from underseal.store import cases, trail, visibility
from underseal.store.cases import StoredCase
from underseal.store.roles import Role
from underseal.store.views import ViewCount

TICK: Final = TickLength(timedelta(hours=6))
MINUTE: Final = TickLength(timedelta(minutes=1))
"""Ticks of the days before, and of a day that is not old enough for an hour. Settings."""

DAY: Final = timedelta(days=1)
WATCHED_DAYS: Final = 10
KEPT: Final = 0.8
"""A post is watched for so many days, each day by this share of those of the day before."""

QUALIFYING_SHARE: Final = 0.3
QUALIFYING_MIN: Final = 60
"""Of the views of a tick, those of viewers who qualify: always enough for windows to end."""

INCIDENTS_MAX: Final = 50
"""Settings of the story, and limits of ours."""


class Life:
    """What happens on the platform, and who decides about it: `deciders`, a lead last.

    `receipts` has one of each post that was reported.
    """

    def __init__(
        self,
        system: System,
        desk: ScanDesk,
        deciders: Sequence[Person],
        begins_at: datetime,
        *,
        seed: int,
    ) -> None:
        self._chance = random.Random(seed)
        self.system = replace(
            at_length(system, TICK),
            new_id=lambda: UUID(int=self._chance.getrandbits(128), version=4),
            draw=self._chance.random,
        )
        self.now = begins_at
        self.decisions = self.appeals = 0
        self.receipts: dict[Post, str] = {}
        self._desk = desk
        self._deciders = tuple(ModeratorId(each.principal_id) for each in deciders)
        self._lead = deciders[-1].principal_id
        self._judges: dict[Post, set[ModeratorId]] = {}
        self._appealed: set[Post] = set()
        self._heard: set[Post] = set()
        self._answered = 0

    async def live(
        self,
        day: int,
        known: Sequence[Post],
        clips: Mapping[Clip, Path],
        filer: Filer,
        midnights: tuple[datetime, datetime],
    ) -> None:
        """A day between two `midnights`, or between one and now: what happens keeps its order."""
        begun = [each for each in known if each.day == day]
        starts_at, ends_at = midnights

        def reach(hour: int) -> None:
            self.now = starts_at + (ends_at - starts_at) * hour / 24

        reach(5)
        await self._appear(begun, clips)
        reach(7)
        if day == TODAY:
            length = HOUR if last_tick(self.now, HOUR) > starts_at else MINUTE
            self.system = at_length(self.system, length)
        await self._watch(day, known)
        reach(9)
        await self._report(begun, filer)
        reach(11)
        await self._hear(day, known)
        await self._decide(day, known)
        reach(18)
        await self._appeal(day, known)
        await self._close_incidents()
        reach(19)
        await self._watch(day, known)
        if day == TODAY:
            await catch_up(self.system, self.now)
        else:
            self.now = ends_at
            await run_tick(self.system, self.now, self.now)
            await calibrate(self.system, self.now)

    async def case(self, post: Post, kind: CaseKind = CaseKind.REVIEW) -> StoredCase | None:
        """Return the newest case about a post, if it is of this kind and waits."""
        async with self.system.db.transaction(Role.CONSOLE) as conn:
            case_id = await trail.newest_case(conn, post.ref.subject_id)
            case = None if case_id is None else await cases.load_case(conn, case_id)
        if case is None or case.kind is not kind or case.state is not CaseState.QUEUED:
            return None
        return case

    async def _appear(self, begun: Sequence[Post], clips: Mapping[Clip, Path]) -> None:
        for post in begun:
            given = Registration(
                ref=post.ref,
                creator=post.creator,
                caption=post.caption,
                language=post.language,
                has_upload=post.clip is not None,
                captions=post.spoken,
            )
            registered = await register_subject(self.system, given, self.now)
            if post.clip is not None:
                version = VersionRef(ref=post.ref, version=registered.version)
                await upload_media(self.system, version, _read(clips[post.clip]), self.now)
        await self._look()

    async def _look(self) -> None:
        """Let the machines look at whatever they have to, and weigh it."""
        while await self._desk.scan_next(self.system, lambda: self.now):
            pass
        await self._assess()

    async def _watch(self, day: int, known: Sequence[Post]) -> None:
        length = self.system.settings.tick_length
        watched = [each for each in known if each.views and day < each.day + WATCHED_DAYS]
        async with self.system.db.transaction(Role.CORE) as conn:
            shown = await visibility.load_visibility(
                conn, [each.ref.subject_id for each in watched]
            )
        counts = [
            ViewCount(subject_id=subject_id, organic=views, qualifying=_qualifying(views))
            for each in watched
            for subject_id in (each.ref.subject_id,)
            for views in (max(1, round(each.views * KEPT ** (day - each.day) * (length / DAY))),)
            if subject_id not in shown or shown[subject_id].visibility.level not in UNPUBLISHED
        ]
        await count_views(self.system, last_tick(self.now, length), counts, self.now)
        await self._look()

    async def _report(self, begun: Sequence[Post], filer: Filer) -> None:
        filed = [
            (post, _filing(post, each), each.reporter) for post in begun for each in post.reports
        ]
        tokens = await asyncio.gather(
            *(filer.file(given, reporter) for _, given, reporter in filed)
        )
        self.receipts.update({post: token for (post, *_), token in zip(filed, tokens, strict=True)})
        await want_waiting(self.system, self.now)
        await self._assess()

    async def _assess(self) -> None:
        while await assess_pending(self.system, self.now):
            pass

    async def _decide(self, day: int, known: Sequence[Post]) -> None:
        for post in known:
            if post in self._judges or post.decided_on is None or post.decided_on > day:
                continue
            case = await self.case(post)
            if case is None:
                continue
            assert post.verdict is not None, "who is decided about has a verdict"
            moderator = self._chance.choice(self._deciders)
            await self._settle(post, case, moderator, Submission(verdict=post.verdict))
            if post.is_known and post.verdict.guideline is not None:
                await add_known_content(
                    self.system,
                    post.ref,
                    post.verdict.guideline,
                    by=self._lead,
                    is_verified=True,
                    today=self.now.date(),
                )

    async def _appeal(self, day: int, known: Sequence[Post]) -> None:
        for post in known:
            if post.appealed_on is None or post.appealed_on > day or post in self._appealed:
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
                    grounds=post.grounds,
                    now=self.now,
                )
                self._appealed.add(post)
                self.appeals += 1
        await open_appeals(self.system, self.now)

    async def _hear(self, day: int, known: Sequence[Post]) -> None:
        for post in known:
            if post not in self._appealed or post in self._heard:
                continue
            case = await self.case(post, CaseKind.APPEAL)
            if case is None or post.heard_on is None or post.heard_on > day:
                continue
            assert post.verdict is not None, "who appeals was decided about"
            others = [each for each in self._deciders if each not in self._judges[post]]
            reasons = UPHELD[len(self._heard) % len(UPHELD)]
            submission = Submission(verdict=post.verdict, reasons=reasons)
            if post.is_overturned:
                reasons = OVERTURNED[len(self._heard) % len(OVERTURNED)]
                submission = Submission(verdict=NOTHING_BROKEN, reasons=reasons)
            await self._settle(post, case, self._chance.choice(others), submission)
            self._heard.add(post)

    async def _close_incidents(self) -> None:
        """A lead says what came of holds that ran out, a day later."""
        for each in await read_incidents(self.system, INCIDENTS_MAX):
            if each.kind is IncidentKind.HOLD_EXPIRED and each.raised_at <= self.now - DAY:
                word = CLOSED[self._answered % len(CLOSED)]
                await close_incident(self.system, each.incident_id, self._lead, word, self.now)
                self._answered += 1

    async def _settle(
        self, post: Post, case: StoredCase, moderator: ModeratorId, submission: Submission
    ) -> None:
        """A moderator decides; where it takes two, a colleague new to the post confirms."""
        judges = self._judges.setdefault(post, set())
        judges.add(moderator)
        second = next(each for each in self._deciders if each not in judges)
        judges.add(second)
        await take_one(self.system, case.case_id, moderator, self.now)
        await take_decision(self.system, case.case_id, (moderator, second), submission, self.now)
        self.decisions += 1


async def catch_up(system: System, until: datetime) -> datetime:
    """Run the last tick before `until`, nearer and nearer: each makes up for all before it."""
    tick = until
    for length in (HOUR, MINUTE, system.settings.tick_length):
        tick = last_tick(until, length)
        await run_tick(at_length(system, length), tick, until)
    return tick


def at_length(system: System, length: TickLength) -> System:
    """Return a system with ticks of another length."""
    return replace(system, settings=replace(system.settings, tick_length=length))


def _qualifying(views: int) -> int:
    return min(views, max(QUALIFYING_MIN, round(views * QUALIFYING_SHARE)))


async def _read(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)


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
