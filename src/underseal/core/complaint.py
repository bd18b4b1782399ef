"""A complaint: a reporter asks that somebody else look at what nothing was done about.

It is made once a report, from its receipt, and leads to one more look. The creator is told
nothing of it.

Source:
    DSA, Article 20(1): decisions on notices can be complained about for six months, by whoever
    submitted them. Taking complaints about every report is our own, wider rule.
"""

from datetime import datetime, timedelta
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.priority import REVIEW_SHARE, Lane, Priority
from underseal.core.receipt_state import ReceiptState
from underseal.core.statement import appeal_end

REVIEW: Final = timedelta(days=3)
"""So long after the day of a complaint somebody has looked. A setting."""


class NothingToComplainError(Exception):
    """The receipt does not say that nothing was found, or not yet."""


class AlreadyComplainedError(Exception):
    """There was a complaint about this report."""


class ComplaintTooLateError(Exception):
    """The time to complain is over."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"the time to complain ended at {until.isoformat()}")
        self.until = until


def complain_until(state: ReceiptState, changed_at: datetime | None) -> datetime | None:
    """Return the moment from which a complaint is too late, or None if there is nothing to say."""
    if state is not ReceiptState.NO_VIOLATION or changed_at is None:
        return None
    return appeal_end(changed_at)


def can_complain(until: datetime | None, *, is_made: bool, at: datetime) -> None:
    """Refuse a complaint that cannot be made; `until` is what `complain_until` returned.

    Raises:
        NothingToComplainError: the receipt does not say that nothing was found.
        AlreadyComplainedError: there was a complaint.
        ComplaintTooLateError: the time for it is over.
    """
    if until is None:
        raise NothingToComplainError
    if is_made:
        raise AlreadyComplainedError
    if at >= until:
        raise ComplaintTooLateError(until)


def priority(guideline: GuidelineId, day: datetime) -> Priority:
    """Return the place of the look in the queue; `day` is the midnight before the complaint."""
    return Priority(
        lane=Lane.DUTY,
        guideline=guideline,
        due_at=day + REVIEW,
        duty_from=day + REVIEW * REVIEW_SHARE[Lane.APPEAL],
        rate=0.0,
        because="A reporter complains that nothing was done.",
    )
