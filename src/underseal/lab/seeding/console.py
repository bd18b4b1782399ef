"""Three months happen, day by day, and leave something to do in every corner of the console.

Everything goes through the flow, at simulated times: registered, watched, reported, scanned,
assessed, taken, decided, appealed against; ticks come, holds run out.

Invariants:
    The same seed gives the same story. Ids of what happens and times are drawn from it, too.
    Nothing is dated after the present.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.file_report import Filer
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.system import System
from underseal.lab.seeding.desks import fill_desks
from underseal.lab.seeding.life import DAY, Life, catch_up
from underseal.lab.seeding.people import ConsoleAccount, let_in
from underseal.lab.seeding.plan import SEED, plan
from underseal.lab.seeding.posts import DAYS, TODAY, Clip, Post
from underseal.lab.seeding.said import PRIZE_ACCOUNT
from underseal.lab.videos import make_video
from underseal.scan.known import KnownContent
from underseal.scan.limits import Limits
from underseal.scan.scanner import Scanner
from underseal.scan.text import TermList

FPS: Final = 10

SETTLED_DAYS: Final = 5
"""What is as old as this was decided, and its reporters were told. A setting."""

WATCH_BEGINS: Final = timedelta(minutes=5)
"""So long after midnight today begins: there has to be time for what happens today. A setting."""

CALIBRATED: Final = {
    GuidelineId("investment_scam"): 6.0,
    GuidelineId("fake_offer"): 1.5,
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
    """What was made, for whoever tells of it: who can sign in, and how much there is to see.

    `receipts` has the oldest of a report for some outcomes; `creator` is an account with statements.
    """

    people: tuple[ConsoleAccount, ...]
    posts: int
    decisions: int
    appeals: int
    waiting: int
    receipts: Mapping[Outcome, str]
    creator: str
    ended_at: datetime


async def seed_console(
    system: System,
    now: datetime,
    progress: Callable[[int, int], None],
    *,
    seed: int = SEED,
    posts: Sequence[Post] | None = None,
) -> Seeded:
    """Let a platform's last three months happen, up to the last tick before `now`.

    Args:
        system: a fresh installation, at the tick length it has from then on; nothing else uses it.
        now: the present.
        progress: called with the days that have passed, and with how many there are.
        seed: draws everything that is left to chance, but for keys and the secrets of people.
        posts: what is posted; None: what the seed draws.
    """
    today = datetime.combine((now - WATCH_BEGINS).date(), time(), UTC)
    await _adopt_older(system, today - TODAY * DAY)
    accounts = await let_in(system, now)
    people = [each.person for each in accounts]
    posts = plan(seed) if posts is None else posts
    terms = TermList({each.id: each.terms for each in system.guidelines.by_id.values()})
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        scanner = await asyncio.to_thread(_open_scanner, terms)
        stack.callback(scanner.close)
        life = Life(system, ScanDesk(scanner, terms), people[:4], today - TODAY * DAY, seed=seed)
        clips = await _film(posts, folder)
        filer = await stack.enter_async_context(
            Filer(system.db, system.keys, system.guidelines, lambda: life.now)
        )
        for day in range(DAYS):
            known = [each for each in posts if each.day <= day]
            begins_at = today - (TODAY - day) * DAY
            ends_at = now if day == TODAY else begins_at + DAY
            await life.live(day, known, clips, filer, (begins_at, ends_at))
            progress(day + 1, DAYS)
        await fill_desks(life, posts, people)
    return Seeded(
        people=accounts,
        posts=len(posts),
        decisions=life.decisions,
        appeals=life.appeals,
        waiting=sum(each.verdict is None for each in posts),
        receipts={
            post.verdict.outcome: receipt
            for post, receipt in reversed(life.receipts.items())
            if post.verdict is not None
            and post.appealed_on is None
            and post.day < TODAY - SETTLED_DAYS
        },
        creator=PRIZE_ACCOUNT,
        ended_at=await catch_up(system, now),
    )


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
