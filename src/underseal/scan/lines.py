"""Lines of text as a moderator reads them: what stood on the screen, and where a term was found."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.timed_text import TRANSCRIPT, TextSource, TimedLine, bounded, plain
from underseal.scan.text import (
    SCREEN_DETECTOR,
    TRANSCRIPT_DETECTOR,
    ScreenText,
    TermList,
    ends_of,
    fold,
    is_unspaced,
)

_SOURCES: Final = {SCREEN_DETECTOR: (TextSource.SCREEN,), TRANSCRIPT_DETECTOR: TRANSCRIPT}
"""What each detector of terms in lines has read."""


class Found(Protocol):
    """What is needed of a signal to find the lines it speaks of."""

    @property
    def detector(self) -> str: ...  # noqa: D102 - as `Signal`
    @property
    def guideline(self) -> GuidelineId: ...  # noqa: D102 - as `Signal`
    @property
    def detail(self) -> str: ...  # noqa: D102 - as `Signal`


def screen_lines(texts: Sequence[ScreenText], duration_ms: int) -> tuple[TimedLine, ...]:
    """Return each line that stood on the screen, once for as long as it stood there.

    `texts` are all pictures that were read, in order. A line is the same if it says the same words.
    A letter alone is what shapes in a picture are read as, and left out; terms are looked for in all
    that was read.
    """
    gone: list[TimedLine] = []
    standing: dict[str, TimedLine] = {}
    for read, end_ms in zip(texts, ends_of(texts, duration_ms), strict=True):
        seen: dict[str, TimedLine] = {}
        for text in filter(None, map(plain, read.text.split("\n"))):
            words = fold(text) or text
            if len(words) == 1 and not is_unspaced(words):
                continue
            before = standing.pop(words, None) or seen.get(words)
            start_ms = read.at_ms if before is None else before.moment.start_ms
            seen[words] = TimedLine(
                source=TextSource.SCREEN,
                moment=Moment(start_ms=start_ms, end_ms=end_ms),
                text=text if before is None else before.text,
            )
        gone += standing.values()
        standing = seen
    return bounded([*gone, *standing.values()])


def matched(lines: Sequence[TimedLine], signals: Iterable[Found]) -> frozenset[int]:
    """Return the numbers of the lines in which a detector has found a term, from 0."""
    said: dict[TextSource, dict[GuidelineId, set[str]]] = {}
    for signal in signals:
        for source in _SOURCES.get(signal.detector, ()):
            if fold(signal.detail):
                terms = said.setdefault(source, {})
                terms.setdefault(signal.guideline, set()).add(signal.detail)
    found: set[int] = set()
    for source, terms in said.items():
        numbers = [number for number, line in enumerate(lines) if line.source is source]
        texts = [lines[number].text for number in numbers]
        for _, first, last in TermList(terms).find_across(texts):
            found.update(numbers[first : last + 1])
    return frozenset(found)
