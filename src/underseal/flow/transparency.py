"""Publish what everybody may know, a month at a time."""

from collections.abc import Sequence
from datetime import date, datetime

from underseal.core.transparency import (
    MonthFigures,
    complete_months,
    figures,
    next_month,
    nothing,
    view_share,
)
from underseal.flow.read_prevalence import read_prevalence
from underseal.flow.system import System
from underseal.store import transparency
from underseal.store.connection import Connection
from underseal.store.roles import Role


async def read_transparency(system: System, now: datetime) -> Sequence[MonthFigures]:
    """Return the figures of all months that can be told, the newest first.

    A month is counted as soon as it is asked for, and never again: what was published stays.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        known = await transparency.published(conn)
    async with system.db.transaction(Role.CORE) as conn:
        since = await transparency.began_on(conn)
        told = {each.month for each in known}
        missing = [
            month for month in (complete_months(since, now) if since else ()) if month not in told
        ]
        for month in missing:
            await _publish(conn, system, month)
        return await transparency.published(conn) if missing else known


async def _publish(conn: Connection, system: System, month: date) -> None:
    topics = {each.id: each.topic for each in system.guidelines.by_id.values()}
    order = [topic.id for topic in system.guidelines.topics]
    tallies = {each.topic: each for each in await transparency.tally(conn, month, topics)}
    named = [*order, *(topic for topic in tallies if topic not in order)]
    told = tuple(figures(tallies.get(topic) or nothing(topic)) for topic in named)
    seen = await read_prevalence(conn, month, next_month(month), system.settings.readers)
    given = MonthFigures(month=month, topics=told, violating_views=view_share(seen.overall))
    await transparency.publish(conn, given)
