"""An appeal: the person affected asks somebody else to look again, once.

`APPEAL_TRANSITIONS` is the whole lifecycle. A granted appeal undoes everything that followed
from the decision it is against.

Invariants:
    A decision is appealed against at most once; what was decided on appeal is final.
    A decided appeal has a human who decided it, who had no part in the first decision, and reasons.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from underseal.core.case import ModeratorId, check_other_moderator
from underseal.core.decision import DecisionId
from underseal.core.reasons import check_reasons
from underseal.core.statement import Statement
from underseal.core.subject import SubjectId

AppealId = NewType("AppealId", UUID)

EXPLANATION_CHARS_MAX: Final = 4_000
"""Longest explanation by the person affected, in characters. A limit of ours."""


class AppealState(StrEnum):
    """Where an appeal stands."""

    LODGED = "lodged"
    GRANTED = "granted"
    REFUSED = "refused"


class AppealStep(StrEnum):
    """What can happen to an appeal."""

    GRANT = "grant"
    REFUSE = "refuse"


APPEAL_TRANSITIONS: Final[Mapping[tuple[AppealState, AppealStep], AppealState]] = MappingProxyType(
    {
        (AppealState.LODGED, AppealStep.GRANT): AppealState.GRANTED,
        (AppealState.LODGED, AppealStep.REFUSE): AppealState.REFUSED,
    }
)


class Undo(StrEnum):
    """What a granted appeal takes back; each can be done twice without harm."""

    VISIBILITY = "visibility"
    REACH = "reach"
    STRIKE = "strike"
    CREDIT = "credit"
    KNOWN_CONTENT = "known_content"


class NotAffectedError(Exception):
    """Only the person whose subject was decided on can appeal."""


class NothingToAppealError(Exception):
    """The statement is of no decision that can be appealed against."""


class AlreadyAppealedError(Exception):
    """The decision has been appealed against."""


class AppealTooLateError(Exception):
    """The time to appeal is over."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"the time to appeal ended at {until.isoformat()}")
        self.until = until


class AppealDecidedError(Exception):
    """The appeal has been decided, and that is final."""

    def __init__(self, state: AppealState) -> None:
        super().__init__(f"the appeal is {state}")
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal against a decision, which `judged_by` took, or a machine if that is nobody.

    Raises:
        ValueError: the explanation is too long, or the appeal is half decided.
    """

    id: AppealId
    decision_id: DecisionId
    judged_by: tuple[ModeratorId, ...]
    lodged_at: datetime
    explanation: str
    state: AppealState = AppealState.LODGED
    decided_by: ModeratorId | None = None
    decided_at: datetime | None = None
    reasons: str | None = None

    def __post_init__(self) -> None:
        if len(self.explanation) > EXPLANATION_CHARS_MAX:
            raise ValueError(f"an explanation has at most {EXPLANATION_CHARS_MAX} characters")
        is_open = self.state is AppealState.LODGED
        for given in (self.decided_by, self.decided_at, self.reasons):
            if (given is None) != is_open:
                raise ValueError("exactly a decided appeal has a decider, a time and reasons")


def can_lodge(
    statement: Statement,
    *,
    affected: SubjectId,
    appellant: SubjectId,
    is_appealed: bool,
    at: datetime,
) -> None:
    """Refuse an appeal that cannot be lodged against the decision that `statement` explains.

    `affected` and `appellant` are accounts; `is_appealed` says whether an appeal against the
    decision was lodged before. Somebody else learns nothing but that it is not theirs.

    Raises:
        NotAffectedError: it is not their subject.
        NothingToAppealError: nothing was restricted, it was decided on appeal, or it is a hold
            and so still undecided, or the statement was not disclosed yet.
        AlreadyAppealedError: there was an appeal.
        AppealTooLateError: more than six months have gone by.
    """
    if appellant != affected:
        raise NotAffectedError
    until = statement.appeal_until
    if until is None:
        raise NothingToAppealError
    if is_appealed:
        raise AlreadyAppealedError
    if at >= until:
        raise AppealTooLateError(until)


def decide(
    appeal: Appeal,
    step: AppealStep,
    *,
    by: ModeratorId,
    at: datetime,
    reasons: str,
    notes: Iterable[str],
) -> Appeal:
    """Return the decided appeal; `notes` are those of all reports of the subject.

    Raises:
        AppealDecidedError: it has been decided.
        SameModeratorError: `by` took the decision under appeal.
        ReasonsLengthError: the reasons are too short or too long.
        ReasonsQuoteError: the reasons repeat the words of a note.
    """
    state = APPEAL_TRANSITIONS.get((appeal.state, step))
    if state is None:
        raise AppealDecidedError(appeal.state)
    check_other_moderator(by, appeal.judged_by)
    check_reasons(reasons, notes)
    return replace(appeal, state=state, decided_by=by, decided_at=at, reasons=reasons)


def to_undo(appeal: Appeal) -> tuple[Undo, ...]:
    """Return what is to be undone of the decision under appeal: all of it if granted, or nothing."""
    return tuple(Undo) if appeal.state is AppealState.GRANTED else ()
