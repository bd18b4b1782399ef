"""A hold: a restriction of an undecided case, and always with an end.

`HOLD_TRANSITIONS` is the whole lifecycle. There is at most one hold in a round, so that a hold
that ran out is not followed by another without anybody having looked.

Invariants:
    A hold that took place knows its end, and the end is after its beginning.
    A hold that never took place has neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from underseal.core.guideline import GuidelineId, Severity
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level, Visibility


class HoldState(StrEnum):
    """Where a hold stands."""

    INTENDED = "intended"
    IN_FORCE = "in_force"
    LIFTED = "lifted"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class HoldStep(StrEnum):
    """What can happen to a hold."""

    TAKE_PLACE = "take_place"
    LIFT = "lift"
    CONFIRM = "confirm"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


HOLD_TRANSITIONS: Final[Mapping[tuple[HoldState, HoldStep], HoldState]] = MappingProxyType(
    {
        (HoldState.INTENDED, HoldStep.TAKE_PLACE): HoldState.IN_FORCE,
        (HoldState.INTENDED, HoldStep.WITHDRAW): HoldState.WITHDRAWN,
        (HoldState.IN_FORCE, HoldStep.LIFT): HoldState.LIFTED,
        (HoldState.IN_FORCE, HoldStep.CONFIRM): HoldState.CONFIRMED,
        (HoldState.IN_FORCE, HoldStep.EXPIRE): HoldState.EXPIRED,
    }
)

HOLD_LENGTHS: Final[Mapping[Severity, timedelta]] = MappingProxyType(
    {
        Severity.LOW: timedelta(hours=72),
        Severity.MEDIUM: timedelta(hours=48),
        Severity.HIGH: timedelta(hours=36),
        Severity.GRAVE: timedelta(hours=24),
    }
)
"""How long a hold lasts at most. A setting: the graver, the sooner a person must have looked."""

_WITHOUT_TIMES: Final = frozenset({HoldState.INTENDED, HoldState.WITHDRAWN})


class HoldStepNotAllowedError(Exception):
    """The step cannot follow the state the hold is in."""

    def __init__(self, state: HoldState, step: HoldStep) -> None:
        super().__init__(f"{step} cannot follow {state}")
        self.state = state
        self.step = step


class HoldNotRunOutError(Exception):
    """The hold has not run out yet."""

    def __init__(self, expires_at: datetime) -> None:
        super().__init__(f"the hold lasts until {expires_at.isoformat()}")
        self.expires_at = expires_at


class HoldNotInForceError(Exception):
    """The hold never took place, so it has no beginning and no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The hold of a round: in force from `since_tick`, and until `expires_at` at the longest."""

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    severity: Severity
    intended_at: datetime
    state: HoldState = HoldState.INTENDED
    since_tick: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.state in _WITHOUT_TIMES:
            if self.since_tick is not None or self.expires_at is not None:
                raise ValueError("a hold that did not take place has no times")
        elif self.since_tick is None or self.expires_at is None:
            raise ValueError("a hold that took place has an end")
        elif self.expires_at <= self.since_tick:
            raise ValueError("a hold ends after it began")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What follows when a hold runs out: an incident, and a milder restriction.

    The case stays open: that nobody looked is no decision.
    """

    hold: Hold
    visibility: Visibility
    incident: IncidentKind


def advance(state: HoldState, step: HoldStep) -> HoldState:
    """Return the state after `step`.

    Raises:
        HoldStepNotAllowedError: `step` cannot follow `state`.
    """
    after = HOLD_TRANSITIONS.get((state, step))
    if after is None:
        raise HoldStepNotAllowedError(state, step)
    return after


def take_place(
    hold: Hold, tick: datetime, lengths: Mapping[Severity, timedelta] = HOLD_LENGTHS
) -> Hold:
    """Return the hold in force since `tick`, with its end.

    Raises:
        HoldStepNotAllowedError: it is not merely intended.
    """
    return replace(
        hold,
        state=advance(hold.state, HoldStep.TAKE_PLACE),
        since_tick=tick,
        expires_at=tick + lengths[hold.severity],
    )


def settle(hold: Hold, *, breaks_guideline: bool) -> Hold:
    """Return the hold after the decision of its round: confirmed, lifted or withdrawn.

    Raises:
        HoldStepNotAllowedError: it is over already.
    """
    if hold.state is HoldState.INTENDED:
        step = HoldStep.WITHDRAW
    else:
        step = HoldStep.CONFIRM if breaks_guideline else HoldStep.LIFT
    return replace(hold, state=advance(hold.state, step))


def expire(hold: Hold, visibility: Visibility, now: datetime) -> Expiry:
    """Return what follows when nobody decided in time; `visibility` is the present one.

    Raises:
        HoldStepNotAllowedError: the hold is not in force.
        HoldNotRunOutError: `now` is before its end.
    """
    after = replace(hold, state=advance(hold.state, HoldStep.EXPIRE))
    if after.expires_at is not None and now < after.expires_at:
        raise HoldNotRunOutError(after.expires_at)
    return Expiry(
        hold=after,
        visibility=replace(visibility, level=Level.NOT_RECOMMENDED),
        incident=IncidentKind.HOLD_EXPIRED,
    )


def half_life(hold: Hold) -> datetime:
    """Return when half of the hold is over: from then on it is a duty with a clock.

    Raises:
        HoldNotInForceError: it never took place.
    """
    if hold.since_tick is None or hold.expires_at is None:
        raise HoldNotInForceError
    return hold.since_tick + (hold.expires_at - hold.since_tick) / 2
