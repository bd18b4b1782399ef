"""The figures of the dashboard, counted; each says what it counts in the words above its query."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from underseal.core.decision import Outcome
from underseal.core.figures import Age, Share, Spread, age_of
from underseal.core.guideline import C_NEW, DisclosureClass, GuidelineId
from underseal.core.prevalence import Audit
from underseal.store.connection import Connection, Row
from underseal.store.outbox import DeliveryState
from underseal.store.queries import NAME, load

_SQL: Final = load("figures")

SAYS_YES: Final = C_NEW
"""Nats from which a machine is taken to say yes: where the band of `core.priority` is high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Decisions of the week that begins on a Monday."""

    begins_on: date
    reviews: int
    appeals: int
    machines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """How many are held now; and of the period, how many a decision ended, and how many ran out."""

    now: int
    ended: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often people found what a machine had said; `missed` is what it had not said."""

    name: str
    share: Share
    missed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRun:
    """A tick that has been: how long after it all was done, and what took place at it."""

    tick: datetime
    took: timedelta
    disclosed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Effects that wait for the same; the oldest since so many days."""

    disclosure: DisclosureClass
    effects: int
    oldest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Messages by what has become of them."""

    pending: int
    failing: int
    delivered: int
    given_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A look by chance that was answered, and which guideline was found to be broken, if any."""

    audit: Audit
    guideline: GuidelineId | None


@cache
def definitions() -> Mapping[str, str]:
    """Return what each figure counts: the words that stand above its query."""
    text = (files("underseal.store") / "queries" / "figures.sql").read_text()
    _, *parts = NAME.split(text)
    told = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        lines = re.match(r"\n((?:-- .*\n)+)", body)
        assert lines is not None, "the file was loaded, so every query says what it is for"
        told[name] = " ".join(line.removeprefix("-- ") for line in lines[1].splitlines())
    return MappingProxyType(told)


async def backlog(conn: Connection, today: date) -> Mapping[GuidelineId | None, Mapping[Age, int]]:
    """Count the cases that wait, by guideline and age."""
    found: dict[GuidelineId | None, Counter[Age]] = {}
    for row in await conn.fetch(_SQL["backlog"], today):
        ages = found.setdefault(row["guideline"], Counter())
        ages[age_of(row["age_days"])] += row["cases"]
    return found


async def first_looks(conn: Connection, since: date, lease: timedelta) -> Spread:
    """Return the days until somebody first looked; a lease is taken for so long."""
    return _spread(await conn.fetchrow(_SQL["first_looks"], since, lease))


async def decisions(conn: Connection, since: date) -> Spread:
    """Return the days until a case was decided."""
    return _spread(await conn.fetchrow(_SQL["decisions"], since))


async def appeals(conn: Connection, since: date) -> Spread:
    """Return the hours until an appeal was decided."""
    return _spread(await conn.fetchrow(_SQL["appeals"], since))


async def weeks(conn: Connection, since: date) -> tuple[Week, ...]:
    """Return the weeks in which anything was decided, in order."""
    return tuple(
        Week(
            begins_on=row["week"],
            reviews=row["reviews"],
            appeals=row["appeals"],
            machines=row["machines"],
        )
        for row in await conn.fetch(_SQL["weeks"], since)
    )


async def overturned(conn: Connection, since: date) -> Share:
    """Return the share of decided appeals that were granted."""
    row = await conn.fetchrow(_SQL["overturned"], since)
    assert row is not None, "a count has a row"
    return Share(hits=row["hits"], cases=row["cases"])


async def holds(conn: Connection, since: date) -> Holds:
    """Count holds, and how they ended."""
    return Holds(
        now=await conn.fetchval(_SQL["held_now"]),
        ended=await conn.fetchval(_SQL["holds_ended"], since),
        expired=await conn.fetchval(_SQL["holds_expired"], since),
    )


async def agreement_by_guideline(conn: Connection, since: date) -> tuple[Agreement, ...]:
    """Return how machines and people agreed on each guideline."""
    rows = await conn.fetch(_SQL["agreement_by_guideline"], since, SAYS_YES)
    return tuple(
        Agreement(
            name=row["guideline"],
            share=Share(hits=row["hits"], cases=row["cases"]),
            missed=row["missed"],
        )
        for row in rows
    )


async def agreement_by_detector(conn: Connection, since: date) -> tuple[Agreement, ...]:
    """Return how each detector and people agreed."""
    return tuple(
        Agreement(name=row["detector"], share=Share(hits=row["hits"], cases=row["cases"]))
        for row in await conn.fetch(_SQL["agreement_by_detector"], since, SAYS_YES)
    )


async def reports(conn: Connection, since: date) -> Mapping[GuidelineId, int]:
    """Count reports by guideline; what is few is not to be told."""
    rows = await conn.fetch(_SQL["reports"], since)
    return {row["guideline"]: row["reports"] for row in rows}


async def ticks(conn: Connection) -> tuple[TickRun, ...]:
    """Return the last ticks, the newest first."""
    return tuple(
        TickRun(tick=row["tick"], took=row["took"], disclosed=row["disclosed"])
        for row in await conn.fetch(_SQL["ticks"])
    )


async def waiting(conn: Connection, today: date) -> tuple[Waiting, ...]:
    """Return what effects wait for."""
    return tuple(
        Waiting(
            disclosure=DisclosureClass(row["disclosure"]),
            effects=row["effects"],
            oldest_days=row["oldest_days"],
        )
        for row in await conn.fetch(_SQL["waiting"], today)
    )


async def longest_window(conn: Connection, today: date) -> int | None:
    """Return for how many days the longest window that is waited for has been open."""
    days: int | None = await conn.fetchval(_SQL["longest_window"], today)
    return days


async def deliveries(conn: Connection) -> Deliveries:
    """Count messages by what has become of them."""
    counts: Counter[tuple[str, bool]] = Counter()
    for row in await conn.fetch(_SQL["deliveries"]):
        counts[row["state"], row["is_tried"]] += row["deliveries"]
    return Deliveries(
        pending=counts[DeliveryState.DUE, False],
        failing=counts[DeliveryState.DUE, True],
        delivered=_all(counts, DeliveryState.DELIVERED),
        given_up=_all(counts, DeliveryState.GIVEN_UP),
    )


async def prevalence(conn: Connection, since: date) -> tuple[Answered, ...]:
    """Return the looks by chance since a day that were answered, by day."""
    return tuple(
        Answered(
            audit=Audit(
                day=row["day"],
                day_views=row["day_views"],
                views=row["views"],
                probability=row["probability"],
                times=row["times"],
                nats=row["nats"],
                found=Outcome(row["outcome"]) is not Outcome.NO_VIOLATION,
            ),
            guideline=row["guideline"] and GuidelineId(row["guideline"]),
        )
        for row in await conn.fetch(_SQL["prevalence"], since)
    )


def _all(counts: Mapping[tuple[str, bool], int], state: DeliveryState) -> int:
    return sum(count for (of, _), count in counts.items() if of == state)


def _spread(row: Row | None) -> Spread:
    assert row is not None, "an aggregate has a row"
    return Spread(p50=row["p50"], p90=row["p90"], cases=row["cases"])
