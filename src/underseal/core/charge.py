"""A charge: who decided a round says that its reports were made up.

The decision does not wait for it: it is taken as one that found nothing, and all that anybody can
see follows from that alone. Against the reporters the charge counts once a second person has
confirmed it.

Invariants:
    Nobody confirms or refuses a charge of their own.
    A charge ends once, and what nobody confirms in time never counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from underseal.core.case import ModeratorId
from underseal.core.decision import DecisionId, Finding, Verdict
from underseal.core.draft import SecondPersonError

CHARGE_TIME: Final = timedelta(days=7)
"""How long a charge waits for a second person. A setting."""


class ChargeState(StrEnum):
    """Where a charge stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class ChargeEndedError(Exception):
    """The charge was confirmed or refused before, or has waited too long."""

    def __init__(self) -> None:
        super().__init__("this was confirmed or refused before, or has waited too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """That the reports which a decision ended were made up; it was made with the decision."""

    decision_id: DecisionId
    made_by: ModeratorId
    made_at: datetime
    state: ChargeState


def is_charge(verdict: Verdict) -> bool:
    """Return whether a verdict calls reports made up."""
    return verdict.finding is Finding.MANIFESTLY_UNFOUNDED


def as_taken(verdict: Verdict) -> Verdict:
    """Return the verdict that is taken at once: without a charge, if it makes one."""
    return replace(verdict, finding=Finding.NO_VIOLATION) if is_charge(verdict) else verdict


def end(charge: Charge, *, is_right: bool, by: ModeratorId, at: datetime) -> Charge:
    """Return the charge as a second person has ended it.

    Raises:
        ChargeEndedError: it does not wait for this any more.
        SecondPersonError: it is their own.
    """
    if by == charge.made_by:
        raise SecondPersonError
    if charge.state is not ChargeState.WAITING or at >= charge.made_at + CHARGE_TIME:
        raise ChargeEndedError
    return replace(charge, state=ChargeState.CONFIRMED if is_right else ChargeState.REFUSED)
