"""Views as the platform counts them, and the audiences they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from underseal.core.subject import SubjectId
from underseal.store.pool import Connection
from underseal.store.queries import load

_SQL: Final = load("views")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCount:
    """Views of one subject in one tick: organic ones, and viewers of them who qualify."""

    subject_id: SubjectId
    organic: int
    qualifying: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who has seen a subject as far as it was told; `last_organic` is the views of the last tick.

    The window is as the last tick left it.
    """

    organic: int
    qualifying: int
    last_organic: int
    window_number: int
    window_opened_at: datetime
    window_viewers: int


async def add_views(conn: Connection, tick: datetime, counts: Sequence[ViewCount]) -> int:
    """Record views of a tick once; return how many subjects were counted."""
    rows = await conn.fetch(
        _SQL["add_views"],
        tick,
        [count.subject_id for count in counts],
        [count.organic for count in counts],
        [count.qualifying for count in counts],
    )
    return len(rows)


async def open_audience(conn: Connection, subject_id: SubjectId, since: datetime) -> None:
    """Begin to count a subject's audience."""
    await conn.execute(_SQL["open_audience"], subject_id, since)


async def load_audience(conn: Connection, subject_id: SubjectId) -> Audience | None:
    """Return a subject's audience; None for one that was never registered."""
    row = await conn.fetchrow(_SQL["load_audience"], subject_id)
    if row is None:
        return None
    return Audience(
        organic=row["organic"],
        qualifying=row["qualifying"],
        last_organic=row["last_organic"],
        window_number=row["window_number"],
        window_opened_at=row["window_opened_at"],
        window_viewers=row["window_viewers"],
    )


async def end_small_windows(
    conn: Connection, tick: datetime, viewers_min: int, longest: timedelta
) -> tuple[tuple[SubjectId, int], ...]:
    """End the windows that ran out by `tick` with too few viewers; return subjects and numbers."""
    rows = await conn.fetch(_SQL["end_small_windows"], tick, viewers_min, longest)
    return tuple((SubjectId(row["subject_id"]), row["window_number"]) for row in rows)


async def grown_audiences(
    conn: Connection, subjects: Sequence[SubjectId], organic_min: int, factor: float
) -> tuple[tuple[SubjectId, int], ...]:
    """Return those videos, with their version, whose reach has outgrown their last scan."""
    rows = await conn.fetch(_SQL["grown_audiences"], subjects, organic_min, factor)
    return tuple((SubjectId(row["subject_id"]), row["version"]) for row in rows)


async def note_scanned_reach(conn: Connection, subject_id: SubjectId) -> None:
    """Remember the present reach as the one at which machines looked."""
    await conn.execute(_SQL["note_scanned_reach"], subject_id)
