"""The life of a case: all that is known about a subject under question, in rounds.

A round ends with a decision or with a new version of the subject; the next report, signal or
appeal opens the next round. `TRANSITIONS` is the whole lifecycle: nothing else decides what may
follow what.

Invariants:
    Only a leased round has a moderator, and only they decide it.
    An appeal is never decided by a moderator who took the decision under appeal, nor by a
    machine.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from underseal.core.subject import SubjectId

ModeratorId = NewType("ModeratorId", UUID)


class CaseState(StrEnum):
    """Where a round of a case stands."""

    OPEN = "open"
    QUEUED = "queued"
    LEASED = "leased"
    DECIDED = "decided"
    SUPERSEDED = "superseded"


class CaseStep(StrEnum):
    """What can happen to a round of a case."""

    ENQUEUE = "enqueue"
    TAKE = "take"
    RELEASE = "release"
    DECIDE = "decide"
    DECIDE_BY_MACHINE = "decide_by_machine"
    SUPERSEDE = "supersede"


TRANSITIONS: Final[Mapping[tuple[CaseState, CaseStep], CaseState]] = MappingProxyType(
    {
        (CaseState.OPEN, CaseStep.ENQUEUE): CaseState.QUEUED,
        (CaseState.OPEN, CaseStep.DECIDE_BY_MACHINE): CaseState.DECIDED,
        (CaseState.OPEN, CaseStep.SUPERSEDE): CaseState.SUPERSEDED,
        (CaseState.QUEUED, CaseStep.TAKE): CaseState.LEASED,
        (CaseState.QUEUED, CaseStep.DECIDE_BY_MACHINE): CaseState.DECIDED,
        (CaseState.QUEUED, CaseStep.SUPERSEDE): CaseState.SUPERSEDED,
        (CaseState.LEASED, CaseStep.RELEASE): CaseState.QUEUED,
        (CaseState.LEASED, CaseStep.DECIDE): CaseState.DECIDED,
        (CaseState.LEASED, CaseStep.SUPERSEDE): CaseState.SUPERSEDED,
    }
)

ENDED: Final = frozenset({CaseState.DECIDED, CaseState.SUPERSEDED})
"""The states after which the next round may open."""


class CaseKind(StrEnum):
    """Why a round is looked at: a first look, or an appeal against an earlier decision."""

    REVIEW = "review"
    APPEAL = "appeal"


class StepNotAllowedError(Exception):
    """The step cannot follow the state the case is in."""

    def __init__(self, state: CaseState, step: CaseStep) -> None:
        super().__init__(f"{step} cannot follow {state}")
        self.state = state
        self.step = step


class SameModeratorError(Exception):
    """An appeal is decided by someone else than the decision it is against."""


class MachineAppealError(Exception):
    """An appeal is decided by a person (DSA, Article 20(6): not solely by automated means)."""


class NotLeasedError(Exception):
    """The moderator does not hold the lease of the round."""


class RoundNotEndedError(Exception):
    """The next round opens only after the present one has ended."""

    def __init__(self, state: CaseState) -> None:
        super().__init__(f"the present round is {state}")
        self.state = state


def advance(state: CaseState, step: CaseStep) -> CaseState:
    """Return the state after `step`.

    Raises:
        StepNotAllowedError: `step` cannot follow `state`.
    """
    after = TRANSITIONS.get((state, step))
    if after is None:
        raise StepNotAllowedError(state, step)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of a subject's case; rounds count from 1.

    `moderator` holds the lease. `judged_by` are those who took the decision under appeal: who
    decided it, and who confirmed that. They are none in a review, and if it was a machine.
    """

    subject_id: SubjectId
    number: int
    kind: CaseKind
    state: CaseState = CaseState.OPEN
    moderator: ModeratorId | None = None
    judged_by: tuple[ModeratorId, ...] = ()

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("rounds count from 1")
        if (self.moderator is not None) != (self.state is CaseState.LEASED):
            raise ValueError("exactly a leased round has a moderator")
        if self.kind is CaseKind.REVIEW and self.judged_by:
            raise ValueError("only an appeal is against a decision")


def move(this: Round, step: CaseStep, *, by: ModeratorId | None = None) -> Round:
    """Return the round after `step`, taken by moderator `by`, or by nobody.

    Nobody takes a round or decides it as a moderator; a lease that ran out is released by nobody.

    Raises:
        StepNotAllowedError: `step` cannot follow the round's state.
        SameModeratorError: `by` took the decision under appeal.
        MachineAppealError: a machine would decide an appeal.
        NotLeasedError: `by` releases or decides a round that is leased to somebody else, or
            nobody takes or decides it.

    Source:
        DSA, Article 20(6), asks for qualified staff and not automation alone. Asking for a
        second person is our own, stricter rule.
    """
    state = advance(this.state, step)
    match step:
        case CaseStep.DECIDE_BY_MACHINE:
            if this.kind is CaseKind.APPEAL:
                raise MachineAppealError
        case CaseStep.TAKE:
            if by is None:
                raise NotLeasedError
            check_other_moderator(by, this.judged_by)
        case CaseStep.DECIDE:
            if by is None or by != this.moderator:
                raise NotLeasedError
        case CaseStep.RELEASE:
            if by is not None and by != this.moderator:
                raise NotLeasedError
        case CaseStep.ENQUEUE | CaseStep.SUPERSEDE:
            pass
    return replace(this, state=state, moderator=by if state is CaseState.LEASED else None)


def check_other_moderator(by: ModeratorId, judged_by: Collection[ModeratorId]) -> None:
    """Refuse an appeal to a moderator who took the decision under appeal, or any case to whom it bars.

    Raises:
        SameModeratorError: they are among those.
    """
    if by in judged_by:
        raise SameModeratorError


def next_round(ended: Round, kind: CaseKind, *, judged_by: tuple[ModeratorId, ...] = ()) -> Round:
    """Return the round that opens after `ended`.

    Raises:
        RoundNotEndedError: `ended` is still under way.
    """
    if ended.state not in ENDED:
        raise RoundNotEndedError(ended.state)
    return Round(
        subject_id=ended.subject_id, number=ended.number + 1, kind=kind, judged_by=judged_by
    )
