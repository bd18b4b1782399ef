from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.disclosure import HOUR, last_tick
from underseal.core.inquiry import (
    ANSWER_CHARS_MAX,
    QUESTION_CHARS_MAX,
    InquiryLengthError,
    check_answer,
    check_question,
    is_put,
    takes_answer,
)
from underseal.core.receipt_state import ReceiptState

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda since: MIDNIGHT + since)
LIMITS = [(check_question, QUESTION_CHARS_MAX), (check_answer, ANSWER_CHARS_MAX)]


@pytest.mark.parametrize(("check", "most"), LIMITS)
@given(text=st.text(max_size=40))
def test_what_says_something_is_taken_without_the_space_around_it(check, most, text):
    if text.strip():
        assert check(f" \n{text}\t") == text.strip()
    else:
        with pytest.raises(InquiryLengthError):
            check(text)


@pytest.mark.parametrize(("check", "most"), LIMITS)
def test_a_text_is_as_long_as_is_said_and_no_longer(check, most):
    assert check(f" {'ش' * most} ") == "ش" * most
    with pytest.raises(InquiryLengthError, match=f"1 to {most:,} characters, not {most + 1:,}"):
        check("x" * (most + 1))


@given(asked_at=MOMENTS, at=MOMENTS)
def test_a_question_is_there_from_the_tick_after_it_was_asked(asked_at, at):
    next_tick = last_tick(asked_at, HOUR) + HOUR
    assert is_put(asked_at, last_tick(at, HOUR)) == (at >= next_tick)


@given(first=MOMENTS, second=MOMENTS, at=MOMENTS)
def test_nothing_tells_when_within_an_hour_it_was_asked(first, second, at):
    if last_tick(first, HOUR) == last_tick(second, HOUR):
        tick = last_tick(at, HOUR)
        assert is_put(first, tick) == is_put(second, tick)


def test_an_answer_is_taken_until_the_outcome_is_told():
    taken = {state for state in ReceiptState if takes_answer(state)}
    assert taken == {ReceiptState.RECEIVED, ReceiptState.IN_REVIEW}
