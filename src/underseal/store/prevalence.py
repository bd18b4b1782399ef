"""Looks by chance: what was drawn from a day's views. `store.figures` has the answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.prevalence import Drawn
from underseal.core.signal import Signal
from underseal.core.subject import SubjectId
from underseal.store.connection import Connection
from underseal.store.queries import load
from underseal.store.scans import signal_of

_SQL: Final = load("prevalence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A video that was seen so often on a day, and its present version."""

    subject_id: SubjectId
    version: int
    views: int


async def is_drawn(conn: Connection, day: date) -> bool:
    """Return whether audits were drawn from a day."""
    found: bool = await conn.fetchval(_SQL["is_drawn"], day)
    return found


async def seen_between(conn: Connection, after: datetime, until: datetime) -> tuple[Seen, ...]:
    """Return the videos that were seen in the ticks after a moment, up to another, by id."""
    return tuple(
        Seen(
            subject_id=SubjectId(row["subject_id"]),
            version=row["version"],
            views=row["views"],
        )
        for row in await conn.fetch(_SQL["viewed"], after, until)
    )


async def spoken_of(
    conn: Connection, seen: Sequence[Seen]
) -> Mapping[SubjectId, tuple[Signal, ...]]:
    """Return what machines last said of these; what they said nothing of is left out."""
    found: dict[SubjectId, list[Signal]] = defaultdict(list)
    for row in await conn.fetch(
        _SQL["spoken_of"], [each.subject_id for each in seen], [each.version for each in seen]
    ):
        found[SubjectId(row["subject_id"])].append(signal_of(row))
    return {subject_id: tuple(signals) for subject_id, signals in found.items()}


async def add_draws(
    conn: Connection,
    day: date,
    views: int,
    drawn: Sequence[Drawn],
    versions: Mapping[SubjectId, int],
    *,
    guidelines_version: str,
) -> bool:
    """Record what was drawn from a day with so many views; False if that was done before."""
    times = [each.times for each in drawn]
    if not await conn.fetchval(_SQL["add_day"], day, views, sum(times)):
        return False
    await conn.execute(
        _SQL["add_draws"],
        day,
        [each.viewed.subject_id for each in drawn],
        [versions[each.viewed.subject_id] for each in drawn],
        [each.viewed.views for each in drawn],
        [each.probability for each in drawn],
        times,
        [each.viewed.nats for each in drawn],
        guidelines_version,
    )
    return True


async def unasked(conn: Connection, since: date) -> tuple[tuple[SubjectId, int], ...]:
    """Return what was drawn since a day and is before nobody, with the version drawn."""
    rows = await conn.fetch(_SQL["unasked"], since)
    return tuple((SubjectId(row["subject_id"]), row["version"]) for row in rows)


async def waiting(conn: Connection, since: date, until: date) -> int:
    """Return how many draws from the days since one and before another nobody has answered."""
    count: int = await conn.fetchval(_SQL["waiting"], since, until)
    return count
