"""A decision: the finding on a round of a case, by whom, on which ground. Immutable."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from underseal.core.case import ModeratorId
from underseal.core.guideline import DefaultAction, GuidelineId
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level, Visibility

DecisionId = NewType("DecisionId", UUID)


class Outcome(StrEnum):
    """What was found and what is to be done about it."""

    NO_VIOLATION = "no_violation"
    NOT_RECOMMENDED = "not_recommended"
    AGE_RESTRICT = "age_restrict"
    LABEL = "label"
    REMOVE = "remove"


class Automation(StrEnum):
    """How far machines took the decision (DSA Transparency Database, `automated_decision`)."""

    FULLY = "fully"
    PARTIALLY = "partially"
    NOT_AUTOMATED = "not_automated"


VISIBILITY_OF: Final = {
    Outcome.NO_VIOLATION: Visibility(),
    Outcome.NOT_RECOMMENDED: Visibility(level=Level.NOT_RECOMMENDED),
    Outcome.AGE_RESTRICT: Visibility(age_restricted=True),
    Outcome.LABEL: Visibility(labelled=True),
    Outcome.REMOVE: Visibility(level=Level.REMOVED),
}
"""The visibility that each outcome leads to."""

OUTCOME_OF: Final = {
    DefaultAction.REMOVE: Outcome.REMOVE,
    DefaultAction.NOT_RECOMMENDED: Outcome.NOT_RECOMMENDED,
    DefaultAction.AGE_RESTRICT: Outcome.AGE_RESTRICT,
    DefaultAction.LABEL: Outcome.LABEL,
}


class Finding(StrEnum):
    """What a decision says of the reports it closes; only some of it concerns the reporter.

    *No action* is not *false*: only `MANIFESTLY_UNFOUNDED` says anything bad about a reporter. It
    is a charge that a human submits (`core.charge`): no decision is taken as that.
    """

    ACTIONED = "actioned"
    NO_VIOLATION = "no_violation"
    DUPLICATE = "duplicate"
    INSUFFICIENT = "insufficient"
    WRONG_CATEGORY = "wrong_category"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a moderator submits: the outcome, and the guideline it rests on.

    Raises:
        ValueError: an outcome other than `no_violation` without its guideline, or the reverse.
    """

    outcome: Outcome
    guideline: GuidelineId | None
    finding: Finding

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.NO_VIOLATION) != (self.guideline is None):
            raise ValueError("a guideline is named exactly when it was broken")
        if (self.finding is Finding.ACTIONED) != (self.guideline is not None):
            raise ValueError("reports are actioned exactly when a guideline was broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict on one round of a subject's case, with the visibility it leads to.

    `decided_by` is None for a machine, `confirmed_by` unless it took a second person (`core.draft`).
    `guidelines_version` is the version judged against.

    Raises:
        ValueError: a machine decided, but not fully automated, or the reverse; or the second person
            is the first, or a machine's.
    """

    id: DecisionId
    subject_id: SubjectId
    round: int
    verdict: Verdict
    visibility: Visibility
    automation: Automation
    decided_by: ModeratorId | None
    decided_at: datetime
    guidelines_version: str
    confirmed_by: ModeratorId | None = None

    def __post_init__(self) -> None:
        if (self.automation is Automation.FULLY) != (self.decided_by is None):
            raise ValueError("exactly a fully automated decision has no moderator")
        if self.confirmed_by is not None and self.decided_by in {None, self.confirmed_by}:
            raise ValueError("a second person confirms what somebody else decided")

    @property
    def deciders(self) -> tuple[ModeratorId, ...]:
        """Who took it, one or two; nobody if it was a machine."""
        return tuple(each for each in (self.decided_by, self.confirmed_by) if each is not None)


def automation_of(*, by_human: bool, machine_proposed: bool) -> Automation:
    """Return how far machines took a decision.

    Source:
        DSA Transparency Database, `automated_decision`: a machine's hold or removal that a human
        confirms is partially automated; a human without a machine's proposal is not.
    """
    if not by_human:
        return Automation.FULLY
    return Automation.PARTIALLY if machine_proposed else Automation.NOT_AUTOMATED
