"""The platform tells how many people have seen what in a tick.

Views move windows (at the next tick), the queue, and, where reach has grown, the machines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.disclosure import EPOCH, last_tick
from underseal.flow.system import System
from underseal.store import assessments, scans, views
from underseal.store.roles import Role
from underseal.store.scans import ScanCause
from underseal.store.ticks import TOLD_WITHIN
from underseal.store.views import ViewCount

RESCAN_ORGANIC_MIN: Final = 10_000
RESCAN_FACTOR: Final = 10.0
"""Machines look again when a video has ten times the views it had when they last looked, from
ten thousand on. Settings; platforms say that they do, not when."""


class TickMismatchError(ValueError):
    """The moment is no tick, or one that has not come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many subjects were counted, and how many not: unknown, repeated or too late."""

    counted: int
    ignored: int


async def count_views(
    system: System, tick: datetime, counts: Sequence[ViewCount], now: datetime
) -> Counted:
    """Record the views of the tick that ended at `tick`.

    Raises:
        TickMismatchError: `tick` is not a tick of this system, or in the future.
    """
    if not EPOCH <= tick <= now or last_tick(tick, system.settings.tick_length) != tick:
        raise TickMismatchError("a tick is a moment in the past, a multiple of the tick's length")
    length = system.settings.tick_length
    if tick <= last_tick(now, length) + length - TOLD_WITHIN:
        return Counted(counted=0, ignored=len(counts))  # the next tick would not look at them
    async with system.db.transaction(Role.CORE) as conn:
        counted = await views.add_views(conn, tick, counts)
        subjects = [count.subject_id for count in counts]
        for subject_id, version in await views.grown_audiences(
            conn, subjects, RESCAN_ORGANIC_MIN, RESCAN_FACTOR
        ):
            await scans.want_scan(conn, subject_id, version, ScanCause.REACH, now)
            await views.note_scanned_reach(conn, subject_id)
        await assessments.want_reassessments(conn, subjects)
    return Counted(counted=counted, ignored=len(counts) - counted)
