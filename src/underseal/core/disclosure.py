"""When an effect may be noticed.

An effect on published content takes place at a tick, so that its time says little about who
caused it. Ticks are aligned to the epoch and windows to views; neither ever looks at reports.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

from underseal.core.guideline import DisclosureClass
from underseal.core.subject import SubjectId

TickLength = NewType("TickLength", timedelta)
"""The time from one tick to the next: positive, and a whole part of `LONGEST`."""

HOUR: Final = TickLength(timedelta(hours=1))
"""The usual length. A setting: a demonstration uses seconds."""

K: Final = 58
"""Qualifying viewers that close a window: the size of the crowd to hide in. Measured: see
docs/decisions/0013-size-of-the-crowd.md."""

LONGEST: Final = timedelta(days=7)
"""A window closes after this time, however few watched. A setting: how long harm may last."""

CROWD_MIN: Final = 5
"""Below so many qualifying viewers, ordinary reports alone have no visible effect. A setting."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = 2**64


def tick_of(at: datetime, length: TickLength) -> datetime:
    """Return the first tick at or after `at`."""
    return EPOCH - (EPOCH - at) // length * length


def last_tick(at: datetime, length: TickLength) -> datetime:
    """Return the last tick at or before `at`."""
    return EPOCH + (at - EPOCH) // length * length


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of ticks with enough viewers of its own; windows of a subject count from 1.

    `opened_at` is the tick at which the one before closed. `viewers` counts the qualifying
    viewers so far, each once, in the tick in which they first watched.
    """

    number: int
    opened_at: datetime
    viewers: int


def first_window(published_at: datetime, length: TickLength) -> Window:
    """Return the window that opens with the publication of a subject."""
    return Window(number=1, opened_at=last_tick(published_at, length), viewers=0)


def advance_window(
    window: Window,
    tick: datetime,
    new_qualifying_viewers: int,
    k: int = K,
    longest: timedelta = LONGEST,
) -> tuple[Window, bool]:
    """Return the window current after `tick`, and whether `tick` closed one.

    A window closes at the first tick at which at least `k` qualifying viewers fell into it, or
    `longest` after it opened. Ticks without viewers may be left out: windows that ran out in the
    meantime are counted as if each tick had been told, so that it makes no difference to a
    subject's windows whether anybody waits for them. A tick that is not after the opening is
    late, repeated or told by a clock that jumped back: it changes nothing.

    Raises:
        ValueError: `new_qualifying_viewers` is negative: counts do not go down.
    """
    if new_qualifying_viewers < 0:
        raise ValueError("the number of viewers of a tick is at least 0")
    if tick <= window.opened_at:
        return window, False
    ran_out = -((window.opened_at - tick) // longest) - 1
    if ran_out:
        window = Window(
            number=window.number + ran_out,
            opened_at=window.opened_at + ran_out * longest,
            viewers=0,
        )
    viewers = window.viewers + new_qualifying_viewers
    if viewers >= k or tick - window.opened_at >= longest:
        return Window(number=window.number + 1, opened_at=tick, viewers=0), True
    return Window(number=window.number, opened_at=window.opened_at, viewers=viewers), False


def closed_since(window: Window, intended_at: datetime) -> bool:
    """Return whether a window closed at or after `intended_at`; `window` is the current one."""
    return window.number > 1 and window.opened_at >= intended_at


def due(
    disclosure_class: DisclosureClass,
    intended_at: datetime,
    published: bool,
    window_closed: bool,
    tick: datetime,
) -> bool:
    """Return whether an effect takes place at `tick`.

    `window_closed` says that the window current at `intended_at`, or a later one, has closed:
    see `closed_since`. What is not yet published has no audience to hide from.
    """
    if not published:
        return True
    match disclosure_class:
        case DisclosureClass.AT_ONCE:
            return True
        case DisclosureClass.TICK:
            return tick >= intended_at
        case DisclosureClass.WINDOW:
            return tick >= intended_at and window_closed


def order(subject_ids: Iterable[SubjectId], tick: datetime) -> list[SubjectId]:
    """Return the subjects in the order in which their effects take place within `tick`.

    Sorted by a hash of tick and subject: neither the time of an intention nor anything else
    about a report shows in it.
    """
    ticked = b"underseal/order/1\0" + _micros(tick)
    return sorted(subject_ids, key=lambda each: hashlib.sha256(ticked + each.bytes).digest())


def is_cover_audit(
    subject_id: SubjectId, window_number: int, secret_draw: float, rate: float
) -> bool:
    """Return whether the subject is audited in this window, reported or not.

    `secret_draw`, in [0, 1), is random, never shown and drawn anew as often as the caller
    likes; over draws, a share of `rate`, in [0, 1], of all subjects is audited, each
    independently of the others.

    Raises:
        ValueError: `secret_draw` or `rate` is out of range.
    """
    if not 0 <= secret_draw < 1 or not 0 <= rate <= 1:
        raise ValueError("a draw is in [0, 1) and a rate in [0, 1]")
    drawn = hashlib.sha256(
        b"underseal/audit/1\0" + struct.pack(">dQ", secret_draw, window_number) + subject_id.bytes
    ).digest()
    return int.from_bytes(drawn[:8]) < rate * _UNITS


def _micros(at: datetime) -> bytes:
    return ((at - EPOCH) // timedelta(microseconds=1)).to_bytes(8, signed=True)
