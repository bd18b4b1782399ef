"""A tick: the moment at which effects take place, for all subjects alike and once.

Invariants:
    A tick is run once, whoever runs it and however often.
    The order within a tick is independent of reports.
    What receipts speak of is told here and nowhere else, and never before it is disclosed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from underseal.core.disclosure import LONGEST, K, last_tick, order
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectId
from underseal.flow.audit_cover import audit_cover
from underseal.flow.count_views import TickMismatchError
from underseal.flow.disclose import disclose
from underseal.flow.expire import expire_hold
from underseal.flow.system import System
from underseal.store import (
    effects,
    incidents,
    inquiries,
    ledger,
    subjects,
    ticks,
    views,
    visibility,
)
from underseal.store.connection import Connection
from underseal.store.incidents import IncidentId
from underseal.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TickDone:
    """What a tick did. `missed` ticks before it were made up for: their views were counted."""

    tick: datetime
    missed: int
    disclosed: int
    expired: int


async def run_tick(system: System, tick: datetime, now: datetime) -> TickDone | None:
    """Run a tick, or return None if it or a later one has been.

    Raises:
        TickMismatchError: `tick` is not a tick of this system, or in the future.
    """
    length = system.settings.tick_length
    if tick > now or last_tick(tick, length) != tick:
        raise TickMismatchError("a tick is a moment in the past, a multiple of the tick's length")
    async with system.db.transaction(Role.CORE) as conn:
        last = await ticks.begin_ticks(conn)
        if last is not None and tick <= last:
            return None
        small = await views.end_small_windows(conn, tick, K, LONGEST)
        to_run = list(_since(last, tick, length))
        for each in to_run:
            await ticks.advance_windows(conn, each)
            await ticks.add_tick(conn, each, now)
        await ticks.quiet_audiences(conn, tick - length)
        expired, disclosed = await _take_place(conn, system, tick)
        await ticks.tell_outcomes(conn, tick, last, now.date() + timedelta(days=1))
        await inquiries.tell_answers(conn)
        await _raise_overdue(conn, system, tick)
    await audit_cover(system, small, now)
    return TickDone(tick=tick, missed=len(to_run) - 1, disclosed=disclosed, expired=expired)


def _since(last: datetime | None, tick: datetime, length: timedelta) -> Iterator[datetime]:
    """The ticks after `last` up to `tick`, in order."""
    each = tick if last is None else last + length
    while each <= tick:
        yield each
        each += length


async def _take_place(conn: Connection, system: System, tick: datetime) -> tuple[int, int]:
    """End holds that have run out, and let all that is due take place; return how many of each."""
    locked = {
        *await effects.due_effects(conn, tick),
        *await visibility.ended_holds(conn, tick),
    }
    await ledger.lock_chains(conn, locked)
    # Only what was locked is continued: the rest is due at the next tick.
    ended = locked.intersection(await visibility.ended_holds(conn, tick))
    expired = await _expire_holds(conn, system, ended, tick)
    due = ended | locked.intersection(await effects.due_effects(conn, tick))
    intended = {
        effect.subject_id: effect for effect in await effects.intended_effects(conn, sorted(due))
    }
    in_order = [intended[each] for each in order(due, tick) if each in intended]
    await disclose(conn, system, in_order, tick)
    return expired, len(in_order)


async def _expire_holds(
    conn: Connection, system: System, ended: set[SubjectId], tick: datetime
) -> int:
    """Let what was decided about a hold that ends take its place, and less reach what was not."""
    expired = 0
    shown = await visibility.load_visibility(conn, sorted(ended))
    waiting = {
        each.subject_id: each for each in await effects.intended_effects(conn, sorted(ended))
    }
    for subject_id in order(ended, tick):
        intended = waiting.get(subject_id)
        if intended is not None and intended.decision_id is not None:
            continue
        subject = await subjects.load_subject(conn, subject_id)
        assert subject is not None, "visibility refers to subjects"
        await expire_hold(conn, system, subject, shown[subject_id], tick)
        expired += 1
    return expired


async def _raise_overdue(conn: Connection, system: System, tick: datetime) -> None:
    overdue = await ticks.overdue_duties(conn, tick)
    await incidents.raise_incidents(
        conn,
        IncidentKind.REVIEW_OVERDUE,
        [(IncidentId(system.new_id()), subject_id) for subject_id in overdue],
        "nobody decided in time",
        tick,
    )
