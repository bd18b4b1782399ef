"""The demonstration as it is measured: its seeded months, with more waiting than in a demonstration.

What waits there with a video has been posted again, by others, until there is enough to open.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from underseal import app
from underseal.core.caller import ModeratorRole
from underseal.core.subject import SubjectKind
from underseal.flow.list_queue import Filters, list_queue
from underseal.lab.bench.installation import new_folder
from underseal.lab.demo.stage import HOST, Place, Stage, open_stage
from underseal.lab.seeding.console import seed_console
from underseal.lab.seeding.people import ConsoleAccount
from underseal.lab.seeding.plan import plan
from underseal.lab.seeding.posts import Post, account
from underseal.store.cases import CaseId

MONTH: Final = 30
"""Days after which is told how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The running demonstration; `lead` may open every case, `moderator` takes what is next."""

    stage: Stage
    lead: ConsoleAccount
    moderator: ConsoleAccount


@asynccontextmanager
async def open_house(cases: int, progress: Callable[[str], None]) -> AsyncIterator[House]:
    """Seed the demonstration so that at least `cases` videos wait, run it, and throw it away."""

    def tell(day: int, days: int) -> None:
        if day % MONTH == 0:
            progress(f"{day} of the demonstration's {days} days have passed")

    folder = new_folder()
    try:
        async with open_stage(Place(folder=folder), f"{HOST}:1") as stage:
            seeded = await seed_console(stage.system, app.clock(), tell, posts=crowded(cases))
            of_role = {each.person.role: each for each in seeded.people}
            async with stage.servers():
                yield House(
                    stage=stage,
                    lead=of_role[ModeratorRole.LEAD],
                    moderator=of_role[ModeratorRole.MODERATOR],
                )
    finally:
        shutil.rmtree(folder)


async def waiting(house: House) -> tuple[CaseId, ...]:
    """Return the cases of videos that wait, in the order in which they are taken."""
    found: list[CaseId] = []
    after = None
    filters = Filters(subject_kind=SubjectKind.VIDEO)
    while True:
        queue = await list_queue(house.stage.system, house.lead.person, filters, after, app.clock())
        found += [each.case.case_id for each in queue.items]
        after = queue.after
        if after is None:
            return tuple(found)


def crowded(cases: int) -> tuple[Post, ...]:
    """The posts of the demonstration, and as many more that wait, with a video, as `cases` says."""
    posts = plan()
    videos = [each for each in posts if each.verdict is None and each.clip is not None]
    times = -(-cases // len(videos))
    again = [_again(each, turn) for turn in range(1, times) for each in videos]
    return tuple(sorted((*posts, *again), key=lambda each: each.day))


def _again(post: Post, turn: int) -> Post:
    """The same post by somebody else, which others report."""
    name = f"{post.ref.external_id}-{turn}"
    return replace(
        post,
        ref=replace(post.ref, external_id=name),
        creator=account(f"{name}-author"),
        reports=tuple(replace(each, reporter=f"{each.reporter}-{turn}") for each in post.reports),
    )
