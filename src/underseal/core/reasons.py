"""The reasons of a decision on an appeal: a moderator's own words, and no reporter's."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

REASONS_CHARS_MIN: Final = 20
REASONS_CHARS_MAX: Final = 2_000
"""Length of a moderator's reasons on an appeal, in characters. Limits of ours."""

QUOTED_WORDS: Final = 5
"""So many words in a row that also stand in a note count as a quotation. A setting."""


class ReasonsLengthError(ValueError):
    """The reasons for a decision on an appeal are too short or too long."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"reasons have {REASONS_CHARS_MIN} to {REASONS_CHARS_MAX} characters, not {length}"
        )
        self.length = length


class ReasonsQuoteError(ValueError):
    """The reasons repeat the words of a note. Which ones is not said: they would be in a log."""


def check_reasons(reasons: str, notes: Iterable[str]) -> None:
    """Refuse reasons that the person affected must not be given.

    Raises:
        ReasonsLengthError: they are too short or too long.
        ReasonsQuoteError: they repeat the words of a note.
    """
    if not REASONS_CHARS_MIN <= len(reasons.strip()) <= len(reasons) <= REASONS_CHARS_MAX:
        raise ReasonsLengthError(len(reasons))
    if overlap(reasons, notes):
        raise ReasonsQuoteError


def overlap(reasons: str, notes: Iterable[str], n: int = QUOTED_WORDS) -> bool:
    """Return whether `n` words in a row of `reasons` stand in one of the notes, too.

    Case, punctuation and compatibility forms do not count. Words are runs of letters and digits:
    in a script without spaces that is a whole clause, and shorter quotations are not found.
    """
    said = _runs(reasons, n)
    return any(not said.isdisjoint(_runs(note, n)) for note in notes)


def _runs(text: str, n: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return set(zip(*(words[start:] for start in range(n)), strict=False))
