"""Months of history, made by the real flow at simulated times.

Comments and accounts are registered, watched, reported, assessed, taken, decided and appealed
against, as on any platform; nothing is written past the flow. Afterwards some reporters are
proven, some have been wrong, and some have filed what was made up.

Invariants:
    No two honest reporters report more than one subject together, so that nobody takes them for
    colluding ones (`core.cliques`).
    The same seed gives the same history.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from underseal.core.appeal import AppealId
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.charge import is_charge
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.disclosure import HOUR, TickLength, last_tick
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.assess import assess_subject
from underseal.flow.confirm_charge import end_charge
from underseal.flow.count_views import count_views
from underseal.flow.creator_view import read_statements
from underseal.flow.decide import Submission
from underseal.flow.file_report import Filer
from underseal.flow.lodge_appeal import lodge_appeal
from underseal.flow.open_appeal import open_appeals
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.scan_subject import ScanDesk
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.flow.take_case import take_case
from underseal.flow.tick import run_tick
from underseal.lab.two_moderators import take_decision
from underseal.store import cases, subjects
from underseal.store.roles import Role
from underseal.store.views import ViewCount

SEED: Final = 2026
DAYS: Final = 90
TICK: Final = TickLength(timedelta(hours=6))
MINUTE: Final = TickLength(timedelta(minutes=1))
"""Ticks of the history, and of the way from its end to the present. Settings: shorter ones make no
difference to what is seeded, and every one that passes takes its time."""


DIFFERENCES: Final = (3, 6, 7, 12, 14)
ROUND: Final = 21
"""Every number but 0 is the difference of one pair of `DIFFERENCES`, modulo `ROUND`, and of one
only: whoever reports subjects at these distances meets each of the others once. Source: Singer's
perfect difference sets (Trans. AMS 43, 1938)."""

HONEST: Final = tuple(f"honest-{number:02}" for number in range(ROUND))
CARELESS: Final = tuple(f"careless-{number}" for number in range(6))
PETTY: Final = tuple(f"petty-{number}" for number in range(3))

TOPIC: Final = (GuidelineId("bullying"), GuidelineId("coordinated_harassment"))
"""What the honest ones are proven in: guidelines of one topic."""

HARMLESS: Final = (5, 13)
"""Those of their subjects that turn out to break nothing: honest people are wrong at times."""

CARELESS_SUBJECTS: Final = 9
PETTY_SUBJECTS: Final = 6

REFUSED: Final = (2, 9, 16)
"""Removals that are appealed against in vain."""

ORGANIC: Final = 600
QUALIFYING: Final = 90
"""Views in a tick: enough to be worth a look, and to fill a window."""

GROUNDS: Final = "I meant no harm, and nobody in it minds."
UPHELD: Final = (
    "The second look agrees with the first: it mocks a person who asked not to be shown."
)
OVERTURNED: Final = "What looked like an insult is a line that both of them perform on a stage."


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One subject's story: who reports it for what, and what is decided.

    `day` counts from the beginning of the history. `is_appealed` says that the creator appeals,
    `is_overturned` that they succeed.
    """

    ref: SubjectRef
    creator: SubjectRef
    caption: str
    day: int
    reports: tuple[tuple[str, GuidelineId], ...]
    verdict: Verdict
    is_appealed: bool = False
    is_overturned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was made: `ended_at` is its last tick."""

    episodes: tuple[Episode, ...]
    decisions: int
    appeals: int
    ended_at: datetime


def plan(seed: int = SEED) -> tuple[Episode, ...]:
    """Draw the episodes of a history, in the order of their days."""
    draw = random.Random(seed)
    drawn = [*_by_honest(draw), *_by_careless(draw), *_by_petty(draw), _misjudged(draw)]
    return tuple(sorted(drawn, key=lambda each: each.day))


def begins_at(until: datetime) -> datetime:
    """Return when the history begins that ends shortly before `until`."""
    return last_tick(until, TICK) - timedelta(days=DAYS)


async def seed_history(
    system: System,
    desk: ScanDesk,
    moderators: tuple[ModeratorId, ModeratorId, ModeratorId],
    until: datetime,
    told: Callable[[int, int], None],
    *,
    seed: int = SEED,
) -> History:
    """Let a platform's last three months happen, up to the last tick before `until`.

    Args:
        system: a running Underseal, at the tick length it has from then on; nothing else uses it.
        desk: looks at what is registered; only text is.
        moderators: the first decides, the second confirms, the third decides about appeals.
        until: the present.
        told: called with the days that have passed, and with how many there are.
        seed: draws everything that is left to chance.
    """
    past = _Past(
        system=replace(
            system,
            settings=replace(system.settings, tick_length=TICK),
            new_id=_ids(random.Random(seed)),
        ),
        desk=desk,
        moderators=moderators,
        now=begins_at(until),
    )
    episodes = plan(seed)
    async with AsyncExitStack() as stack:
        keys, guidelines = system.keys, system.guidelines
        past.filer = await stack.enter_async_context(
            Filer(system.db, keys, guidelines, lambda: past.now)
        )
        for day in range(DAYS):
            await past.live([each for each in episodes if each.day == day])
            told(day + 1, DAYS)
    ended_at = await _catch_up(system, until)
    return History(
        episodes=episodes,
        decisions=past.decided,
        appeals=sum(each.is_appealed for each in episodes),
        ended_at=ended_at,
    )


class _Past:
    """The platform's people, its moderators and its worker, at a simulated time."""

    def __init__(
        self,
        *,
        system: System,
        desk: ScanDesk,
        moderators: tuple[ModeratorId, ModeratorId, ModeratorId],
        now: datetime,
    ) -> None:
        self.system = system
        self.desk = desk
        self.decider, self.confirmer, self.appeal_decider = moderators
        self.now = now
        self.filer: Filer | None = None
        self.decided = 0
        self._verdicts: dict[SubjectRef, Episode] = {}

    async def live(self, begun: Sequence[Episode]) -> None:
        """A day: subjects appear, are watched, reported, decided and appealed against."""
        ends_at = self.now + timedelta(days=1)
        if begun:
            await self._appear(begun)
            await self._watch(begun)
            await self._report(begun)
            await self._watch(begun)
            await self._decide(self.decider, None)
            await self._watch(begun)
            await self._assess(begun)
            if appealing := [each for each in begun if each.is_appealed]:
                await self._appeal(appealing)
        self.now = ends_at
        await run_tick(self.system, self.now, self.now)

    async def _appear(self, begun: Sequence[Episode]) -> None:
        for episode in begun:
            self._verdicts[episode.ref] = episode
            registration = Registration(
                ref=episode.ref, creator=episode.creator, caption=episode.caption, language="en"
            )
            await register_subject(self.system, registration, self.now)
        while await self.desk.scan_next(self.system, lambda: self.now):
            pass

    async def _report(self, begun: Sequence[Episode]) -> None:
        assert self.filer is not None, "the filer is opened before the first day"
        answers = [
            self.filer.file(_filing(episode.ref, guideline), reporter)
            for episode in begun
            for reporter, guideline in episode.reports
        ]
        await asyncio.gather(*answers)
        await self._assess(begun)

    async def _assess(self, changed: Sequence[Episode]) -> None:
        for episode in changed:
            await assess_subject(self.system, episode.ref.subject_id, self.now)

    async def _watch(self, watched: Sequence[Episode]) -> None:
        """A tick passes in which people watch."""
        self.now += TICK
        counts = [
            ViewCount(subject_id=each.ref.subject_id, organic=ORGANIC, qualifying=QUALIFYING)
            for each in watched
        ]
        await count_views(self.system, self.now, counts, self.now)
        await run_tick(self.system, self.now, self.now)

    async def _decide(self, moderator: ModeratorId, kind: CaseKind | None) -> None:
        """A moderator decides what waits; where it takes two, another one confirms."""
        while lease := await take_case(self.system, moderator, kind, self.now):
            async with self.system.db.transaction(Role.CONSOLE) as conn:
                case = await cases.load_case(conn, lease.case_id)
                assert case is not None, "it was just taken"
                subject = await subjects.load_subject(conn, case.subject_id)
                assert subject is not None, "cases refer to subjects"
            episode = self._verdicts[subject.ref]
            given = _submission(episode, case.kind)
            both = moderator, self.confirmer
            decision_id = await take_decision(self.system, lease.case_id, both, given, self.now)
            if decision_id is not None and is_charge(given.verdict):
                await end_charge(
                    self.system, decision_id, self.confirmer, is_right=True, now=self.now
                )
            self.decided += 1

    async def _appeal(self, removed: Sequence[Episode]) -> None:
        for episode in removed:
            account = episode.creator.subject_id
            statements = await read_statements(self.system.db, account, None, 1)
            await lodge_appeal(
                self.system.db,
                AppealId(self.system.new_id()),
                account=account,
                statement_id=statements[0].statement.id,
                grounds=GROUNDS,
                now=self.now,
            )
        await open_appeals(self.system, self.now)
        await self._decide(self.appeal_decider, CaseKind.APPEAL)


async def _catch_up(system: System, until: datetime) -> datetime:
    """Run the last tick before `until`, nearer and nearer: each makes up for all before it."""
    tick = until
    for length in (HOUR, MINUTE, system.settings.tick_length):
        tick = last_tick(until, length)
        at_length = replace(system, settings=replace(system.settings, tick_length=length))
        await run_tick(at_length, tick, until)
    return tick


def _by_honest(draw: random.Random) -> Iterator[Episode]:
    """Subjects that five honest people report, no two of them together more than once."""
    for number in range(ROUND):
        guideline = TOPIC[number % len(TOPIC)]
        reporters = [HONEST[(number + each) % ROUND] for each in DIFFERENCES]
        is_harmless = number in HARMLESS
        yield Episode(
            ref=SubjectRef(kind=SubjectKind.COMMENT, external_id=f"comment-{number:03}"),
            creator=_account(f"creator-{number:02}"),
            caption="Everybody in class knows what you look like.",
            day=1 + 4 * number,
            reports=tuple(
                (each, draw.choice((guideline, guideline, *TOPIC))) for each in reporters
            ),
            verdict=_verdict(None if is_harmless else guideline),
            is_appealed=number in REFUSED,
        )


def _by_careless(draw: random.Random) -> Iterator[Episode]:
    """Subjects that break nothing, reported in good faith."""
    for number in range(CARELESS_SUBJECTS):
        guideline = GuidelineId(draw.choice(("bullying", "spam", "health_misinfo")))
        yield Episode(
            ref=SubjectRef(kind=SubjectKind.COMMENT, external_id=f"comment-{100 + number}"),
            creator=_account(f"creator-{30 + number}"),
            caption="I have tried it, and I do not believe a word of it.",
            day=draw.randrange(2, DAYS - 2),
            reports=tuple((each, guideline) for each in draw.sample(CARELESS, 2)),
            verdict=_verdict(None),
        )


def _by_petty(draw: random.Random) -> Iterator[Episode]:
    """Everything of one creator, reported by the same three for nothing."""
    for number in range(PETTY_SUBJECTS):
        yield Episode(
            ref=SubjectRef(kind=SubjectKind.COMMENT, external_id=f"comment-{200 + number}"),
            creator=_account("creator-50"),
            caption="Good morning to all of you.",
            day=draw.randrange(2, DAYS - 2),
            reports=tuple((each, GuidelineId("bullying")) for each in PETTY),
            verdict=_verdict(None, Finding.MANIFESTLY_UNFOUNDED),
        )


def _misjudged(draw: random.Random) -> Episode:
    """A removal that was a mistake, and is found to be one on appeal."""
    return Episode(
        ref=SubjectRef(kind=SubjectKind.ACCOUNT, external_id="stage-duo"),
        creator=_account("stage-duo"),
        caption="We insult each other for a living.",
        day=draw.randrange(10, DAYS // 2),
        reports=tuple((each, GuidelineId("bullying")) for each in CARELESS[:2]),
        verdict=_verdict(GuidelineId("bullying")),
        is_appealed=True,
        is_overturned=True,
    )


def _account(external_id: str) -> SubjectRef:
    return SubjectRef(kind=SubjectKind.ACCOUNT, external_id=external_id)


def _verdict(broken: GuidelineId | None, finding: Finding = Finding.NO_VIOLATION) -> Verdict:
    if broken is None:
        return Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=finding)
    return Verdict(outcome=Outcome.REMOVE, guideline=broken, finding=Finding.ACTIONED)


def _submission(episode: Episode, kind: CaseKind) -> Submission:
    if kind is CaseKind.REVIEW:
        return Submission(verdict=episode.verdict)
    if episode.is_overturned:
        return Submission(verdict=_verdict(None), reasons=OVERTURNED)
    return Submission(verdict=episode.verdict, reasons=UPHELD)


def _filing(ref: SubjectRef, guideline: GuidelineId) -> Filing:
    return Filing(
        subject=ref,
        guideline=guideline,
        note="",
        moments=(),
        is_notice=False,
        law=None,
        may_be_guessed=False,
    )


def _ids(draw: random.Random) -> Callable[[], UUID]:
    return lambda: UUID(int=draw.getrandbits(128), version=4)
