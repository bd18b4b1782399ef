"""Whether the clock can be right: what takes place at a tick, or is destroyed, stays so."""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.disclosure import LONGEST
from underseal.flow.system import System
from underseal.store import ticks
from underseal.store.roles import Role

BEHIND_MAX: Final = timedelta(hours=1)
"""So much may the clock be behind the last tick: it may have been put right since. A setting."""


class ClockDoubtedError(Exception):
    """The clock says something else than the last tick does."""

    def __init__(self, now: datetime, last_tick: datetime | None) -> None:
        was = "none was" if last_tick is None else f"the last one was at {last_tick.isoformat()}"
        super().__init__(
            f"the clock says {now.isoformat()}, and of the ticks {was}: set it right; if it is, start "
            "a worker with --trust-clock"
        )
        self.now = now
        self.last_tick = last_tick


async def doubt_clock(
    system: System,
    now: datetime,
    *,
    ahead_max: timedelta = LONGEST,
    behind_max: timedelta = BEHIND_MAX,
) -> datetime | None:
    """Return the last tick, or None before the first, if the clock agrees with it well enough.

    A clock that is wrongly so far ahead would end every window, and let every effect take place.

    Raises:
        ClockDoubtedError: it is further ahead of the last tick, or further behind.
    """
    async with system.db.transaction(Role.CORE) as conn:
        last = await ticks.last_tick(conn)
    if last is not None and not -behind_max <= now - last <= ahead_max:
        raise ClockDoubtedError(now, last)
    return last
