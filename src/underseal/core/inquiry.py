"""An inquiry: what a moderator asks a reporter, known to them by an alias alone, and the answer.

The reporter reads it with their receipt and may answer there. Nobody tells them that it waits,
and nobody notes that they have read it.

Invariants:
    A reporter has one open inquiry at most in a case.
    What is asked and what is answered become known at ticks: their own times do not.
    Until an outcome is told, it makes no difference whether there is one: a receipt's holder may be
    the creator.
    An answer is a note: it is unverified, and counts for nothing by itself.
"""

from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from underseal.core.receipt_state import ReceiptState

InquiryId = NewType("InquiryId", UUID)

QUESTION_CHARS_MAX: Final = 500
ANSWER_CHARS_MAX: Final = 2_000
"""Longest question and answer, in characters. Limits of ours."""


class InquiryLengthError(ValueError):
    """A question or an answer is empty or too long."""

    def __init__(self, length: int, chars_max: int) -> None:
        super().__init__(f"write 1 to {chars_max:,} characters, not {length:,}")
        self.length = length
        self.chars_max = chars_max


class InquiryOpenError(Exception):
    """The reporter has been asked something in this case and has not answered yet."""

    def __init__(self) -> None:
        super().__init__("this reporter has a question already: one at a time")


class InquiryClosedError(Exception):
    """What came of it is known, or its words were destroyed: nothing is asked or answered."""

    def __init__(self) -> None:
        super().__init__("this question is closed")


class AlreadyAnsweredError(Exception):
    """There is another answer, which stays as it is."""

    def __init__(self) -> None:
        super().__init__("this question has an answer, which stays as it is")


def check_question(text: str) -> str:
    """Return a question without the space around it.

    Raises:
        InquiryLengthError: there is none, or it is too long.
    """
    return _checked(text, QUESTION_CHARS_MAX)


def check_answer(text: str) -> str:
    """Return an answer without the space around it.

    Raises:
        InquiryLengthError: there is none, or it is too long.
    """
    return _checked(text, ANSWER_CHARS_MAX)


def is_put(asked_at: datetime, tick: datetime) -> bool:
    """Whether a question stands with the receipt at `tick`, the last one that has passed."""
    return asked_at < tick


def takes_answer(told: ReceiptState) -> bool:
    """Whether an answer is taken; `told` is what its holder is told of the round of the case."""
    return told in {ReceiptState.RECEIVED, ReceiptState.IN_REVIEW}


def _checked(text: str, chars_max: int) -> str:
    said = text.strip()
    if not 0 < len(said) <= chars_max:
        raise InquiryLengthError(len(said), chars_max)
    return said
