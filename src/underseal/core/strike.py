"""A strike: a weight against an account, from one decision, expiring.

Strikes are a fold of events, in any order and however often each is told; the standing of an
account is a function of its strikes and the day. `STRIKE_TRANSITIONS` is the whole lifecycle.

Invariants:
    One decision issues at most one strike.
    A voided strike stays voided, and counts on no day, past or future.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from underseal.core.decision import DecisionId
from underseal.core.guideline import GuidelineId

STRIKE_DAYS: Final = 90
"""Days a strike counts. Source: TikTok's published account rules of February 2023."""


class StrikeState(StrEnum):
    """Where a strike stands."""

    ACTIVE = "active"
    EXPIRED = "expired"
    VOIDED = "voided"


class StrikeStep(StrEnum):
    """What can happen to a strike."""

    EXPIRE = "expire"
    VOID = "void"


STRIKE_TRANSITIONS: Final[Mapping[tuple[StrikeState, StrikeStep], StrikeState]] = MappingProxyType(
    {
        (StrikeState.ACTIVE, StrikeStep.EXPIRE): StrikeState.EXPIRED,
        (StrikeState.ACTIVE, StrikeStep.VOID): StrikeState.VOIDED,
        (StrikeState.EXPIRED, StrikeStep.VOID): StrikeState.VOIDED,
    }
)


class StrikeConflictError(Exception):
    """Two events tell different things of the strike of one decision."""

    def __init__(self, decision_id: DecisionId) -> None:
        super().__init__(f"the strike of decision {decision_id} is told in two ways")
        self.decision_id = decision_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A strike counts from `issued_on`, up to but not on `expires_on`.

    `voided_by` is the decision that overturned `decision_id`.

    Raises:
        ValueError: its weight is below 1, or it would expire before it counts.
    """

    decision_id: DecisionId
    guideline: GuidelineId
    weight: int
    issued_on: date
    expires_on: date
    voided_by: DecisionId | None = None

    def __post_init__(self) -> None:
        if self.weight < 1:
            raise ValueError("a strike has a weight of at least 1")
        if self.expires_on <= self.issued_on:
            raise ValueError("a strike counts for at least a day")

    def state_on(self, on: date) -> StrikeState:
        """Return where the strike stands on a day."""
        if self.voided_by is not None:
            return StrikeState.VOIDED
        return StrikeState.EXPIRED if on >= self.expires_on else StrikeState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeVoided:
    """The event that the decision of a strike was overturned by another."""

    decision_id: DecisionId
    voided_by: DecisionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What counts against an account on a day, oldest first, and the sum of its weights."""

    points: int
    active: tuple[Strike, ...]


def issue(decision_id: DecisionId, guideline: GuidelineId, weight: int, on: date) -> Strike:
    """Return the strike of a decision."""
    return Strike(
        decision_id=decision_id,
        guideline=guideline,
        weight=weight,
        issued_on=on,
        expires_on=on + timedelta(days=STRIKE_DAYS),
    )


def void(strike: Strike, by: DecisionId) -> Strike:
    """Return the strike, voided by a decision; doing so again changes nothing.

    Raises:
        StrikeConflictError: another decision voided it already.
    """
    if strike.voided_by not in (None, by):
        raise StrikeConflictError(strike.decision_id)
    return replace(strike, voided_by=by)


def fold(events: Iterable[Strike | StrikeVoided]) -> tuple[Strike, ...]:
    """Return an account's strikes, oldest first; the event of an issue is the strike itself.

    A fold may go on from the strikes of an earlier one. Overturning a decision that issued no
    strike changes nothing.

    Raises:
        StrikeConflictError: two events of one decision disagree.
    """
    issued: dict[DecisionId, Strike] = {}
    voided: dict[DecisionId, DecisionId] = {}
    for event in events:
        match event:
            case Strike(decision_id=decision_id, voided_by=by):
                strike = replace(event, voided_by=None)
                if issued.setdefault(decision_id, strike) != strike:
                    raise StrikeConflictError(decision_id)
            case StrikeVoided(decision_id=decision_id, voided_by=by):
                pass
        if by is not None and voided.setdefault(decision_id, by) != by:
            raise StrikeConflictError(decision_id)
    strikes = (
        void(strike, voided[decision_id]) if decision_id in voided else strike
        for decision_id, strike in issued.items()
    )
    return tuple(sorted(strikes, key=lambda each: (each.issued_on, each.decision_id)))


def standing(strikes: Iterable[Strike], on: date) -> Standing:
    """Return what counts against an account on a day."""
    active = tuple(
        strike
        for strike in sorted(strikes, key=lambda each: (each.issued_on, each.decision_id))
        if strike.issued_on <= on and strike.state_on(on) is StrikeState.ACTIVE
    )
    return Standing(points=sum(strike.weight for strike in active), active=active)
