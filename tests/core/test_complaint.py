from datetime import UTC, datetime, timedelta

import pytest

from underseal.core.complaint import (
    AlreadyComplainedError,
    ComplaintTooLateError,
    NothingToComplainError,
    can_complain,
    complain_until,
    priority,
)
from underseal.core.guideline import GuidelineId
from underseal.core.receipt_state import ReceiptState

TOLD = datetime(2026, 8, 31, 10, tzinfo=UTC)
UNTIL = datetime(2027, 3, 1, tzinfo=UTC)


def test_a_complaint_has_six_months_from_the_answer():
    assert complain_until(ReceiptState.NO_VIOLATION, TOLD) == UNTIL
    can_complain(UNTIL, is_made=False, at=UNTIL - timedelta(microseconds=1))
    with pytest.raises(ComplaintTooLateError) as refused:
        can_complain(UNTIL, is_made=False, at=UNTIL)
    assert refused.value.until == UNTIL


@pytest.mark.parametrize("state", [each for each in ReceiptState if each != "no_violation"])
def test_only_that_nothing_was_found_can_be_complained_about(state):
    assert complain_until(state, TOLD) is None
    with pytest.raises(NothingToComplainError):
        can_complain(None, is_made=False, at=TOLD)


def test_a_complaint_is_made_once():
    with pytest.raises(AlreadyComplainedError):
        can_complain(UNTIL, is_made=True, at=TOLD)


def test_the_look_at_a_complaint_is_due_after_whole_days_and_names_nobody():
    midnight = datetime(2026, 8, 31, tzinfo=UTC)
    placed = priority(GuidelineId("phishing"), midnight)
    assert placed.due_at == midnight + timedelta(days=3)
    assert midnight < placed.duty_from < placed.due_at
    assert placed.because == "A reporter complains that nothing was done."
