"""The figures that leads look at: how much waits, how long it takes, how often it was wrong.

Invariants:
    No figure is about a single person, and none that a report could cause is finer than a day.
    A figure about reports that is small is not told.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from underseal.core.figures import FEW, Age, Share, Spread
from underseal.core.guideline import GuidelineId, Guidelines, TopicId
from underseal.core.staffing import Staffing
from underseal.flow.foresee_work import foresee_work
from underseal.flow.read_prevalence import ReadPrevalence, read_prevalence
from underseal.flow.system import LEASE, System
from underseal.store import figures
from underseal.store.audit import read_one_moment
from underseal.store.figures import Agreement, Deliveries, Holds, TickRun, Waiting, Week
from underseal.store.roles import Role


class Period(IntEnum):
    """How many days back the figures go, today included."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a period. Topics are None for what has none.

    `reports` are None where they are few, `work` where nothing tells what is to come. First looks and decisions take days, appeals hours.
    """

    period: Period
    backlog: Mapping[TopicId | None, Mapping[Age, int]]
    first_looks: Spread
    decisions: Spread
    appeals: Spread
    weeks: tuple[Week, ...]
    overturned: Share
    prevalence: ReadPrevalence
    holds: Holds
    by_guideline: tuple[Agreement, ...]
    by_detector: tuple[Agreement, ...]
    reports: Mapping[TopicId | None, int | None]
    ticks: tuple[TickRun, ...]
    waiting: tuple[Waiting, ...]
    longest_window: int | None
    deliveries: Deliveries
    work: Staffing | None


def definition(figure: str) -> str:
    """Return what a figure counts, in words."""
    return figures.definitions()[figure]


async def read_figures(system: System, period: Period, now: datetime) -> Figures:
    """Count everything as it is at one moment, over the period that ends today."""
    today = now.date()
    since, tomorrow = today - timedelta(days=period - 1), today + timedelta(days=1)
    topics = _topics(system.guidelines)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await read_one_moment(conn)
        backlog: dict[TopicId | None, Counter[Age]] = {}
        for guideline, ages in (await figures.backlog(conn, today)).items():
            topic = topics.get(guideline) if guideline else None
            backlog.setdefault(topic, Counter()).update(ages)
        reports: Counter[TopicId | None] = Counter()
        for guideline, count in (await figures.reports(conn, since)).items():
            reports[topics.get(guideline)] += count
        return Figures(
            period=period,
            backlog=backlog,
            first_looks=await figures.first_looks(conn, since, LEASE),
            decisions=await figures.decisions(conn, since),
            appeals=await figures.appeals(conn, since),
            weeks=await figures.weeks(conn, since),
            overturned=await figures.overturned(conn, since),
            prevalence=await read_prevalence(conn, since, tomorrow, system.settings.readers),
            holds=await figures.holds(conn, since),
            by_guideline=await figures.agreement_by_guideline(conn, since),
            by_detector=await figures.agreement_by_detector(conn, since),
            reports={topic: told(count) for topic, count in reports.items()},
            ticks=await figures.ticks(conn),
            waiting=await figures.waiting(conn, today),
            longest_window=await figures.longest_window(conn, today),
            deliveries=await figures.deliveries(conn),
            work=await foresee_work(conn, today),
        )


def told(reports: int) -> int | None:
    """Return a number of reports, or None if it is too small to be told."""
    return reports if reports >= FEW else None


def _topics(guidelines: Guidelines) -> Mapping[GuidelineId, TopicId]:
    return {each.id: each.topic for each in guidelines.by_id.values()}
