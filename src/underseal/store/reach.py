"""The outlook on views to come, and the hours that it is learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from underseal.core.reach import UNTAUGHT, Outlook, Seen
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("reach")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt up to a tick; None before the first."""

    outlook: Outlook
    until: datetime | None


async def load_outlook(conn: Connection) -> Outlook:
    """Return what was learnt so far."""
    row = await conn.fetchrow(_SQL["load_outlook"])
    return UNTAUGHT if row is None else _outlook(row["inputs"], row["outputs"])


async def lock_outlook(conn: Connection) -> Learnt:
    """Return what was learnt so far, locked to be continued."""
    await conn.execute(_SQL["begin_outlook"])
    row = await conn.fetchrow(_SQL["lock_outlook"])
    assert row is not None, "it was begun"
    return Learnt(outlook=_outlook(row["inputs"], row["outputs"]), until=row["learnt_until"])


async def save_outlook(conn: Connection, outlook: Outlook, until: datetime) -> None:
    """Replace what was learnt by its continuation."""
    await conn.execute(
        _SQL["save_outlook"],
        [each for row in outlook.inputs for each in row],
        [*outlook.output, outlook.came, outlook.foretold],
        until,
    )


async def watched_in(
    conn: Connection, tick: datetime, length: timedelta, horizon: timedelta, subjects_max: int
) -> Sequence[tuple[Seen, float]]:
    """Return what was watched in the tick that ended then, and the rate of the time after.

    Subjects are drawn by a hash of theirs and the tick if there are more; those that are not public
    now are left out, as what they would have been watched is not known.
    """
    hour = timedelta(hours=1)
    rows = await conn.fetch(_SQL["watched_in"], tick, tick + horizon, subjects_max)
    return [
        (
            Seen(rate=row["organic"] / (length / hour), total=float(row["total"])),
            row["after"] / (horizon / hour),
        )
        for row in rows
    ]


def _outlook(inputs: Sequence[float], outputs: Sequence[float]) -> Outlook:
    a, b, c, d, e, f, g, h, i = inputs
    constant, rate, total, came, foretold = outputs
    return Outlook(
        inputs=((a, b, c), (d, e, f), (g, h, i)),
        output=(constant, rate, total),
        came=came,
        foretold=foretold,
    )
