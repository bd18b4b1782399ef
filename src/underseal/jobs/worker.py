"""The worker: a handful of loops, each taking work as long as there is some."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from underseal.core.disclosure import last_tick
from underseal.flow.assess import assess_pending, want_waiting
from underseal.flow.calibrate import calibrate
from underseal.flow.checkpoint import make_checkpoint
from underseal.flow.deliver import Courier
from underseal.flow.draft_decision import settle_drafts
from underseal.flow.draw_audits import draw_audits
from underseal.flow.erase_identities import erase_identities
from underseal.flow.expire import sweep as end_what_ends
from underseal.flow.learn_priors import learn_priors
from underseal.flow.learn_reach import learn_reach
from underseal.flow.open_appeal import open_appeals
from underseal.flow.publish import put_off_unseen
from underseal.flow.scan_subject import ScanDesk, fail_overdue
from underseal.flow.system import SCAN_DEADLINE, System
from underseal.flow.tick import run_tick
from underseal.flow.transparency import read_transparency
from underseal.flow.watch_machines import watch_machines
from underseal.jobs.steady import SteadyClock

log: Final = logging.getLogger("underseal.jobs")

IDLE_S: Final = 0.2
"""How long a loop without work waits before it looks again: a look costs an index probe."""

SWEEP_S: Final = 5.0
"""How long until lost leases and overdue scans are looked for again. A setting."""

CHECKPOINT_S: Final = 600.0
"""How much of the ledger could be rewritten unseen at most. A setting."""

KEY_NOTICE: Final = timedelta(days=31)
"""So long before a year begins its key is missed: without it no report of it is taken. A setting."""

RETRY_S: Final = 2.0
"""How long a loop waits after a failure, such as a database that is restarting."""

Job = Callable[[], Awaitable[bool]]
"""Does some work, and answers whether there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """All background work of one process.

    `clock` tells the time, aware and in UTC, and `steady_s` seconds since any moment, which nobody
    can set: while the two disagree no tick is run, so that nothing takes place too early.
    `checkpoints` is the folder they are exported to.
    """

    system: System
    desk: ScanDesk
    courier: Courier
    clock: Callable[[], datetime]
    steady_s: Callable[[], float]
    checkpoints: Path

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; work begun is finished first."""
        steady = SteadyClock.begin(self.clock, self.steady_s)
        stands_still = False

        async def tick() -> bool:
            nonlocal stands_still
            was_still, stands_still = stands_still, not steady.is_believed()
            if stands_still and not was_still:
                moved_s = steady.moved().total_seconds()
                log.warning("ticks_stand_still until=restart clock_moved_s=%d", moved_s)
            return not stands_still and await self._tick()

        async def sweep() -> bool:
            return await self._sweep(steady.began_at)

        jobs: tuple[tuple[Job, float], ...] = (
            (self._assess, IDLE_S),
            (self._scan, IDLE_S),
            (tick, IDLE_S),
            (self._settle_drafts, IDLE_S),
            (self._open_appeals, IDLE_S),
            (self._deliver, IDLE_S),
            (sweep, SWEEP_S),
            (self._checkpoint, CHECKPOINT_S),
        )
        async with asyncio.TaskGroup() as group:
            for job, idle_s in jobs:
                group.create_task(_repeat(job, idle_s, stop))

    async def _assess(self) -> bool:
        return await assess_pending(self.system, self.clock()) > 0

    async def _scan(self) -> bool:
        return await self.desk.scan_next(self.system, self.clock)

    async def _tick(self) -> bool:
        now = self.clock()
        tick = last_tick(now, self.system.settings.tick_length)
        if await run_tick(self.system, tick, now) is None:
            return False
        if (now + KEY_NOTICE).year not in self.system.keys.live:
            log.warning("year_key_missing year=%d", (now + KEY_NOTICE).year)
        await learn_reach(self.system, now)
        await calibrate(self.system, now)
        await want_waiting(self.system, now)
        await draw_audits(self.system, now)
        await erase_identities(self.system, now)
        await read_transparency(self.system, now)  # counts a month while cases still have dates
        await learn_priors(self.system, now)  # last: reads all records, and nothing waits for it
        return True

    async def _settle_drafts(self) -> bool:
        return await settle_drafts(self.system, self.clock()) > 0

    async def _open_appeals(self) -> bool:
        return await open_appeals(self.system, self.clock()) > 0

    async def _deliver(self) -> bool:
        return await self.courier.deliver(self.clock()) > 0

    async def _sweep(self, began_at: datetime) -> bool:
        now = self.clock()
        await end_what_ends(self.system, now)
        await watch_machines(self.system, now)
        late = 0
        if now - began_at >= SCAN_DEADLINE:  # machines that have just begun are not late
            late = await fail_overdue(self.system, now)
        return late + await put_off_unseen(self.system, now) > 0

    async def _checkpoint(self) -> bool:
        await make_checkpoint(self.system, self.checkpoints, self.clock())
        return False


async def _repeat(job: Job, idle_s: float, stop: asyncio.Event) -> None:
    """Do `job` again and again: at once while it finds work, with pauses when it does not."""
    while not stop.is_set():
        try:
            pause_s = 0.0 if await job() else idle_s
        except Exception as failure:  # noqa: BLE001 - an outermost loop: it must go on
            # Names only: the text of an error may hold what was being worked on.
            log.warning("job_failed job=%s error=%s", job.__name__, type(failure).__name__)
            pause_s = RETRY_S
        try:
            await asyncio.wait_for(stop.wait(), pause_s)
        except TimeoutError:
            continue
