"""When an effect shows: by the rule that is in force, and by those that others have."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from underseal.core.disclosure import (
    EPOCH,
    HOUR,
    LONGEST,
    K,
    advance_window,
    closed_since,
    due,
    first_window,
)
from underseal.core.guideline import DisclosureClass
from underseal.lab.anonymity.audience import Audience
from underseal.lab.anonymity.rules import PublicRules

TICK_MIN: Final = HOUR / timedelta(minutes=1)

Defence = Callable[[Audience, float], float]
"""Tells when an effect shows that was intended at a time; both in minutes."""


def published_rules(k: int = K) -> PublicRules:
    """Return what the operator makes known."""
    return PublicRules(tick_min=TICK_MIN, k=k, longest_min=LONGEST / timedelta(minutes=1))


def at_once(_audience: Audience, intended_at: float) -> float:
    """Show an effect when it is intended, as other systems do."""
    return intended_at


def after(delay_min: float) -> Defence:
    """Show effects after a delay that is always the same."""
    return lambda _audience, intended_at: intended_at + delay_min


def by_window(k: int = K) -> Defence:
    """Show effects as `core.disclosure` says for guidelines of the class `window`."""

    def shown_at(audience: Audience, intended_at: float) -> float:
        intended = _moment(intended_at)
        window = first_window(_moment(audience.published_at), HOUR)
        views = np.bincount(np.ceil(audience.viewed_at / TICK_MIN).astype(int))
        watched = np.flatnonzero(views)
        place = 0
        while True:
            # A window closes where somebody watched, or when its time has run out.
            tick, viewers = window.opened_at + LONGEST, 0
            if place < len(watched) and EPOCH + int(watched[place]) * HOUR <= tick:
                tick, viewers = EPOCH + int(watched[place]) * HOUR, int(views[watched[place]])
                place += 1
            window, _ = advance_window(window, tick, viewers, k)
            if due(
                DisclosureClass.WINDOW,
                intended,
                published=True,
                window_closed=closed_since(window, intended),
                tick=tick,
            ):
                return (tick - EPOCH) / timedelta(minutes=1)

    return shown_at


def _moment(minutes: float) -> datetime:
    return EPOCH + timedelta(minutes=minutes)
