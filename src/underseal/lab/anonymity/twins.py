"""Twin plays: the same worlds with and without extra reports, compared byte by byte.

One past is written, and its database copied. Then the same happens in both plays, none of which is
a report of somebody else; in the loud one people report as well, what they report is assessed, and
a moderator looks at it and decides. Up to the first disclosure of anything that came of it,
whatever creators and the platform are answered must be the same. In the end that disclosure comes:
what differs then shows that the comparison can tell.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from typing import Final

from underseal.client import requests
from underseal.core.disclosure import K
from underseal.core.guideline import DisclosureClass
from underseal.core.subject import SubjectKind
from underseal.lab.anonymity.twin_answers import Answers, of_own_reports, of_platform, of_world
from underseal.lab.anonymity.twin_platform import Platform
from underseal.lab.anonymity.twin_world import Progress, World, counted, guidelines_of, ref

LATER: Final = frozenset({DisclosureClass.WINDOW})
"""What shows once a window has closed: not in the stretch that is compared."""

SOON: Final = frozenset({DisclosureClass.WINDOW, DisclosureClass.TICK})
"""What shows at the next tick at the soonest. What is grave shows at once, and says so."""

NIGHT: Final = timedelta(hours=15)
ORGANIC: Final = 300
QUALIFYING: Final = 20
"""Views of a tick, and who qualify of those who watch: two such ticks do not close a window."""

BULK: Final = 500
"""Reports in one request. A limit of ours."""

JUDGED: Final = 0.3
"""Of the worlds, how many cases a moderator decides at a time."""

OUTCOMES: Final = ("remove", "label", "age_restrict", "not_recommended")

Act = Callable[[Platform, World], Awaitable[Answers]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of a play. `disclosed` counts the worlds in which reports led to something.

    `differing` names the answers that differ before.
    """

    worlds: int
    answers: int
    reports: int
    decisions: int
    differing_bytes: int
    differing: tuple[str, ...]
    disclosed: int


class Twins:
    """Two plays of the same worlds, from copies of one database."""

    def __init__(
        self, quiet: Platform, loud: Platform, worlds: Sequence[World], progress: Progress
    ) -> None:
        self.quiet = quiet
        self.loud = loud
        self.worlds = worlds
        self.progress = progress
        self.answers = self.reports = self.decisions = self.differing_bytes = 0
        self.differing: list[str] = []

    async def play(self) -> Compared:
        """Let everything happen, and compare after each step."""
        await self.each("own reports", _report_own)
        await self.compare()
        await self.report("morning", LATER)
        await self.tick(ORGANIC, QUALIFYING)
        await self.compare()
        self.progress(f"after the first reports: {self.differing_bytes} bytes differ")
        await self.judge("noon", LATER)
        await self.each("noon", _live)
        await self.report("afternoon", LATER)
        await self.tick(ORGANIC, QUALIFYING)
        await self.compare()
        self.progress(f"after {self.decisions} decisions: {self.differing_bytes} bytes differ")
        for each in (self.quiet, self.loud):
            each.clock.now += NIGHT
        await self.tick(0, 0)
        await self.report("next day", SOON)
        await self.judge("next day", SOON)
        await self.each("next day", _report_own)
        await self.compare()
        self.progress(f"before the first disclosure: {self.differing_bytes} bytes differ")
        return Compared(
            worlds=len(self.worlds),
            answers=self.answers,
            reports=self.reports,
            decisions=self.decisions,
            differing_bytes=self.differing_bytes,
            differing=tuple(dict.fromkeys(self.differing)),
            disclosed=await self.disclose(),
        )

    async def compare(self) -> None:
        """Compare all that can be got now."""
        await self.each("answers", of_world)
        self._note(*await asyncio.gather(of_platform(self.quiet), of_platform(self.loud)))

    async def each(self, about: str, act: Act) -> None:
        """Let the same happen in each world of both plays, and compare what it is answered."""
        for world in counted(self.worlds, about, self.progress):
            self._note(*await self._both(about, act, world))

    async def report(self, about: str, classes: frozenset[DisclosureClass]) -> None:
        """Let others report in the loud play, and assess what they report."""
        loud = self.loud
        loud.lots.begin(f"reports {about}")
        guidelines = loud.system.guidelines
        reports = [r for world in self.worlds for r in world.reports(about, guidelines, classes)]
        for first in range(0, len(reports), BULK):
            await loud.told(requests.report_many(reports[first : first + BULK]))
        self.reports += len(reports)
        for world in counted(self.worlds, f"reports {about}", self.progress):
            await loud.assess([ref(each) for each in world.reported])

    async def judge(self, about: str, classes: frozenset[DisclosureClass]) -> None:
        """Let the moderator look at what waits in the loud play, and decide about it."""
        loud = self.loud
        loud.lots.begin(f"decisions {about}")
        draw = self.worlds[0].draw(about)
        for _ in range(max(2, round(JUDGED * len(self.worlds)))):
            case = await loud.judge(requests.take_case("review"))
            if case is None:
                return
            choices = guidelines_of(loud.system.guidelines, SubjectKind(case.subject.kind), classes)
            decision = requests.decide(
                case.case_id,
                draw.choice(OUTCOMES),
                guideline=draw.choice(choices),
                finding="actioned",
            )
            submitted = await loud.judge(decision)
            if submitted.draft_id is not None:
                await loud.confirm(submitted.draft_id)
            self.decisions += 1

    async def tick(self, organic: int, qualifying: int) -> None:
        """Let an hour pass in which so many watch everything that others may report."""
        views = [(each, organic, qualifying) for world in self.worlds for each in world.reported]
        for each in (self.quiet, self.loud):
            each.lots.begin(f"tick {each.now}")
        quiet, loud = await asyncio.gather(self.quiet.tick(views), self.loud.tick(views))
        self._note({"views": quiet}, {"views": loud})
        await self.each("assessed", _assess)

    async def disclose(self) -> int:
        """Let all windows close, and count the worlds that are not the same any more."""
        await self.tick(ORGANIC, K)
        found = [await self._both("disclosed", of_world, world) for world in self.worlds]
        return sum(differing_bytes(quiet, loud) > 0 for quiet, loud in found)

    async def _both(self, about: str, act: Act, world: World) -> tuple[Answers, Answers]:
        for each in (self.quiet, self.loud):
            each.lots.begin(f"{about} {world.number} {each.now}")
        return await asyncio.gather(act(self.quiet, world), act(self.loud, world))

    def _note(self, quiet: Answers, loud: Answers) -> None:
        self.answers += len(quiet)
        self.differing_bytes += differing_bytes(quiet, loud)
        self.differing += [each for each in {**quiet, **loud} if quiet.get(each) != loud.get(each)]


def differing_bytes(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> int:
    """Count the bytes in which answers to the same questions differ."""
    return sum(
        sum(a != b for a, b in zip_longest(one.get(each, b""), other.get(each, b"")))
        for each in {**one, **other}
        if one.get(each) != other.get(each)
    )


async def _report_own(platform: Platform, world: World) -> Answers:
    """The creator's second account reports, again if it has before."""
    return {**await of_own_reports(platform, world), **await _assess(platform, world)}


async def _assess(platform: Platform, world: World) -> Answers:
    """What is pending is assessed, which nobody is answered."""
    await platform.assess([ref(each) for each in world.reported])
    return {}


async def _live(platform: Platform, world: World) -> Answers:
    """Something else happens: an appeal, more about the own report, a removal without any report."""
    read = await platform.told(requests.statements(world.other, limit=1))
    (receipt, *_) = platform.receipts[world.other]
    added = {"receipt": receipt, "text": "And there is more of it."}
    appeal = requests.appeal(read.statements[0].statement_id, world.other, "It is satire.")
    found = {
        f"{world.number} appeal": await platform.ask(appeal),
        f"{world.number} supplement": await platform.visit("/receipt/supplement", added),
    }
    await platform.remove(ref(world.late))
    return {**found, **await _report_own(platform, world)}
