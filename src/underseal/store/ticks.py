"""Ticks that have been, and what each does to audiences, windows and receipts."""

from datetime import date, datetime, timedelta
from typing import Final

from underseal.core.disclosure import LONGEST, K
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("ticks")

TICK_LOCK: Final = 0x756E6465727304
"""Advisory lock of whoever runs a tick; a number of ours."""

LOOK_BACK: Final = timedelta(days=1)
"""How far back before the last tick one looks for outcomes that were committed late. A limit of ours."""


TOLD_WITHIN: Final = timedelta(days=7)
"""How late views may be told and still count. A limit of ours."""


async def begin_ticks(conn: Connection) -> datetime | None:
    """Be the only one who runs ticks until the transaction ends; return the last one."""
    await conn.execute(_SQL["only_one"], TICK_LOCK)
    return await last_tick(conn)


async def last_tick(conn: Connection) -> datetime | None:
    """Return the last tick that has been."""
    last: datetime | None = await conn.fetchval(_SQL["last_tick"])
    return last


async def add_tick(conn: Connection, tick: datetime, now: datetime) -> None:
    """Record that a tick has been."""
    await conn.execute(_SQL["add_tick"], tick, now)


async def advance_windows(conn: Connection, tick: datetime) -> None:
    """Add the views told since the last tick to the audiences, and move their windows on.

    Views of a tick are told once it is over, so those of the last one count at this one.

    Of those that nobody watched only the ones are moved that something waits for: the rest is
    caught up when it matters, and comes to the same (`core.disclosure.advance_window`).
    """
    await conn.execute(_SQL["open_windows"], tick)
    await conn.execute(_SQL["advance_windows"], tick, K, LONGEST, tick - TOLD_WITHIN)


async def quiet_audiences(conn: Connection, tick: datetime) -> None:
    """Note that nobody watches what was not watched in this tick or later."""
    await conn.execute(_SQL["quiet_audiences"], tick)


async def tell_outcomes(
    conn: Connection, tick: datetime, last: datetime | None, next_day: date
) -> None:
    """Note the outcomes that may be told at a tick, `last` having been before, and let receipts move on.

    Those of subjects of which nothing shows do so as a day begins, at the earliest `next_day`.
    """
    await conn.execute(_SQL["tell_outcomes"], tick, (last or tick) - LOOK_BACK, next_day)


async def overdue_duties(conn: Connection, tick: datetime) -> tuple[SubjectId, ...]:
    """Return the subjects of cases that ought to have been decided, each as long as it is news."""
    rows = await conn.fetch(_SQL["overdue_duties"], tick, IncidentKind.REVIEW_OVERDUE)
    return tuple(SubjectId(row["subject_id"]) for row in rows)
