"""What is held, for those who can end it: the hold that runs out first is at the top."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from underseal.core.case import CaseState
from underseal.core.disclosure import tick_of
from underseal.flow.system import System
from underseal.store.holds import HoldInForce, holds_in_force
from underseal.store.roles import Role

SHOWN: Final = 200
"""So many holds are shown: those that run out first. A limit of ours."""


class HoldEnd(StrEnum):
    """How a hold ends, as far as that can be said now."""

    DECIDED = "decided"
    TAKEN = "taken"
    WAITING = "waiting"
    RUN_OUT = "run_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHold:
    """A hold, how it ends, and at which tick if nothing else happens.

    From `duty_from` on it goes before every ordinary case.
    """

    hold: HoldInForce
    end: HoldEnd
    ends_at: datetime
    duty_from: datetime


async def list_holds(system: System, now: datetime) -> tuple[ListedHold, ...]:
    """Return the holds in force that run out first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        found = await holds_in_force(conn, SHOWN)
    return tuple(_listed(system, each, now) for each in found)


def _listed(system: System, hold: HoldInForce, now: datetime) -> ListedHold:
    length = system.settings.tick_length
    end = _end(hold, now)
    return ListedHold(
        hold=hold,
        end=end,
        ends_at=tick_of(now if end is HoldEnd.DECIDED else hold.expires_at, length),
        duty_from=hold.since + (hold.expires_at - hold.since) / 2,
    )


def _end(hold: HoldInForce, now: datetime) -> HoldEnd:
    if hold.state is CaseState.DECIDED:
        return HoldEnd.DECIDED
    if hold.expires_at <= now:
        return HoldEnd.RUN_OUT
    return HoldEnd.TAKEN if hold.state is CaseState.LEASED else HoldEnd.WAITING
