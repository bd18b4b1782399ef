"""What platforms, reporters, moderators and creators do meanwhile, and what they were told.

Only what was answered is remembered: nothing else was promised.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from underseal.client import ApiError, AsyncClient, requests

GUIDELINE: Final = "human_trafficking"
"""A grave guideline: one report is enough for a look, and effects take place at the next tick."""

SUBJECTS: Final = 24
CREATORS: Final = 6
REPORTERS: Final = 40


@dataclass(slots=True)
class Told:
    """What was answered: receipts, decisions and appeals that must be there ever after."""

    receipts: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    appeals: set[str] = field(default_factory=set)
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """API keys: a platform's, and two moderators'."""

    platform: str
    moderators: tuple[str, str]


class Load:
    """A seeded load; what it was told accumulates in `told`."""

    def __init__(self, url: str, keys: Keys, seed: int, told: Told) -> None:
        self._url = url
        self._keys = keys
        self._random = random.Random(seed)
        self._told = told
        self._appealed: set[str] = set()

    async def run(self, seconds: float) -> None:
        """Use the API for a while, whatever happens to it."""
        until = asyncio.get_running_loop().time() + seconds
        async with (
            AsyncClient(self._url, key=self._keys.platform) as platform,
            AsyncClient(self._url, key=self._keys.moderators[0]) as first,
            AsyncClient(self._url, key=self._keys.moderators[1]) as second,
        ):
            await asyncio.gather(
                self._repeat(until, lambda: self._register(platform), 0.05),
                *(self._repeat(until, lambda: self._report(platform), 0.0) for _ in range(3)),
                self._repeat(until, lambda: self._judge(first), 0.02),
                self._repeat(until, lambda: self._judge(second), 0.02),
                self._repeat(until, lambda: self._appeal(platform), 0.1),
                self._repeat(until, lambda: self._count(platform), 0.3),
            )

    async def _repeat(
        self, until: float, act: Callable[[], Awaitable[None]], pause_s: float
    ) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            try:
                await act()
            except (httpx.HTTPError, ApiError):
                self._told.refused += 1
                await asyncio.sleep(0.02)
            await asyncio.sleep(pause_s)

    async def _register(self, platform: AsyncClient) -> None:
        number = self._random.randrange(SUBJECTS)
        version = self._random.randrange(3)
        await platform.send(
            requests.register(
                _comment(number), _creator(number), caption=f"comment {number} as of {version}"
            )
        )

    async def _report(self, platform: AsyncClient) -> None:
        reporter = f"reporter-{self._random.randrange(REPORTERS)}"
        filed = await platform.send(
            requests.report(
                _comment(self._random.randrange(SUBJECTS)),
                self._random.choice((reporter, None)),
                GUIDELINE,
                note=self._random.choice((None, "look at this", "and at that")),
            )
        )
        self._told.receipts.add(filed.receipt)

    async def _judge(self, moderator: AsyncClient) -> None:
        case = await moderator.send(requests.take_case())
        if case is None:
            await asyncio.sleep(0.1)
            return
        breaks = self._random.random() < 0.5  # noqa: PLR2004 - a coin
        is_appeal = case.kind == "appeal"
        decided = requests.decide(
            case.case_id,
            "remove" if breaks else "no_violation",
            guideline=GUIDELINE if breaks else None,
            finding="actioned" if breaks else "no_violation",
            reasons="We looked at it once more, from the beginning." if is_appeal else None,
        )
        told = await moderator.send(decided)
        assert told.decision_id is not None, "nobody need confirm what becomes of a comment"
        self._told.decisions.add(told.decision_id)

    async def _appeal(self, platform: AsyncClient) -> None:
        creator = _creator(self._random.randrange(SUBJECTS))
        page = await platform.send(requests.statements(creator))
        for statement in page.statements:
            statement_id = statement.statement_id
            if statement.appeal_until is None or statement_id in self._appealed:
                continue
            self._appealed.add(statement_id)
            lodged = await platform.send(
                requests.appeal(statement_id, creator, "It shows the opposite.")
            )
            self._told.appeals.add(lodged.appeal_id)
            return

    async def _count(self, platform: AsyncClient) -> None:
        now = datetime.now(UTC)  # noqa: TID251 - the laboratory stands outside
        tick = now - timedelta(microseconds=now.microsecond)
        seen = [(_comment(each), 100, 70) for each in range(SUBJECTS)]
        await platform.send(requests.count_views(tick, seen))


def _comment(number: int) -> tuple[str, str]:
    return "comment", f"comment-{number}"


def _creator(number: int) -> str:
    return f"creator-{number % CREATORS}"
