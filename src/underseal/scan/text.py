"""Term lists: finds the words and phrases of the guidelines in what is written or said.

Texts and terms are folded alike, so that case, width, punctuation and invisible characters do not
matter, and each text is also read with digits and signs that stand for letters. A term is found as
whole words; in scripts that write words without spaces between them, anywhere. Terms are plain
words, never patterns.
"""

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal
from underseal.core.timed_text import TRANSCRIPT, TimedLine

CAPTION_DETECTOR: Final = "caption_terms"
SCREEN_DETECTOR: Final = "screen_terms"
TRANSCRIPT_DETECTOR: Final = "transcript_terms"
DETECTOR_VERSION: Final = "1"

STRETCHES_MAX: Final = 20
"""So many stretches of a transcript are pointed to for one term. A limit of ours."""

UNSPACED_SCRIPTS: Final = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}
)
"""Scripts that do not put a space between all words; Hangul joins particles to them."""

SIGNS: Final = "013457$@!|"
LETTERS: Final = ("oieastsaii", "oleastsaii")
"""What digits and signs stand for; the digit 1 is an i or an l."""


class EmptyTermError(ValueError):
    """A term has no letter or digit."""

    def __init__(self, term: str) -> None:
        super().__init__(f"{term!r} has no letter or digit")
        self.term = term


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """A guideline's term that stands in a text."""

    guideline: GuidelineId
    term: str


class TermList:
    """The terms of all guidelines.

    Raises:
        EmptyTermError: a term would be found everywhere.
    """

    def __init__(self, terms: Mapping[GuidelineId, Iterable[str]]) -> None:
        self._forms = tuple(
            (form, TermHit(guideline=guideline, term=term))
            for guideline, of_guideline in terms.items()
            for term in of_guideline
            for form in _forms(term)
        )

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, text: str) -> frozenset[TermHit]:
        """Return the terms that stand in `text`."""
        readings = set(_readings(text))
        return frozenset(
            hit
            for form, hit in self._forms
            if any(True for text in readings for _ in _places(form, text))
        )

    def find_across(self, texts: Sequence[str]) -> frozenset[tuple[TermHit, int, int]]:
        """Return the terms in texts that follow each other, with the first and last text of each."""
        return frozenset(
            (hit, numbers[bisect_right(starts, start) - 1], numbers[bisect_right(starts, end) - 1])
            for joined, starts, numbers in _joined(texts)
            for form, hit in self._forms
            for start, end in _places(form, joined)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenText:
    """What stands in the picture from `at_ms` on; `confidence`, in [0, 1], is that of its lines."""

    at_ms: int
    text: str
    confidence: float


def caption_signals(
    terms: TermList, caption: str, weights: Mapping[GuidelineId, float]
) -> tuple[Signal, ...]:
    """Return a signal for each term in a caption; one without a weight counts nothing."""
    hits = sorted(terms.find(caption), key=_in_order)
    return tuple(_signal(CAPTION_DETECTOR, hit, weights, score=1, moment=None) for hit in hits)


def screen_signals(
    terms: TermList,
    texts: Sequence[ScreenText],
    duration_ms: int,
    weights: Mapping[GuidelineId, float],
) -> tuple[Signal, ...]:
    """Return a signal for each stretch in which a term stands on the screen.

    `texts` are all pictures that were read, in order, those without text too: each stands until the
    next.
    """
    stretches: dict[TermHit, list[tuple[Moment, float]]] = defaultdict(list)
    for text, end_ms in zip(texts, ends_of(texts, duration_ms), strict=True):
        for hit in terms.find(text.text):
            start_ms, score = text.at_ms, text.confidence
            if stretches[hit] and stretches[hit][-1][0].end_ms == start_ms:
                moment, before = stretches[hit].pop()
                start_ms, score = moment.start_ms, max(score, before)
            stretches[hit].append((Moment(start_ms=start_ms, end_ms=end_ms), score))
    return tuple(
        _signal(SCREEN_DETECTOR, hit, weights, score=score, moment=moment)
        for hit in sorted(stretches, key=_in_order)
        for moment, score in stretches[hit]
    )


def ends_of(texts: Sequence[ScreenText], duration_ms: int) -> list[int]:
    """Return until when each text stands: until the next picture was read, or the end."""
    ends_ms = [*(text.at_ms for text in texts), duration_ms][1:]
    return [max(end_ms, text.at_ms + 1) for text, end_ms in zip(texts, ends_ms, strict=True)]


def transcript_signals(
    terms: TermList, lines: Sequence[TimedLine], weights: Mapping[GuidelineId, float]
) -> tuple[Signal, ...]:
    """Return a signal for each stretch in which a term is said.

    `lines` may be of all sources. Subtitles break off in mid-sentence, so a term may begin in one
    line and end in a later one of the same source.
    """
    said: dict[TermHit, list[Moment]] = defaultdict(list)
    for source in TRANSCRIPT:
        moments = [line.moment for line in lines if line.source is source]
        texts = [line.text for line in lines if line.source is source]
        for hit, first, last in terms.find_across(texts):
            end_ms = max(each.end_ms for each in moments[first : last + 1])
            said[hit].append(Moment(start_ms=moments[first].start_ms, end_ms=end_ms))
    return tuple(
        _signal(TRANSCRIPT_DETECTOR, hit, weights, score=1, moment=moment)
        for hit in sorted(said, key=_in_order)
        for moment in _merged(said[hit])[:STRETCHES_MAX]
    )


def _merged(moments: Iterable[Moment]) -> list[Moment]:
    """Return moments in their order, those that overlap or touch as one."""
    merged: list[Moment] = []
    for moment in sorted(moments):
        if merged and moment.start_ms <= merged[-1].end_ms:
            end_ms = max(merged[-1].end_ms, moment.end_ms)
            merged[-1] = Moment(start_ms=merged[-1].start_ms, end_ms=end_ms)
        else:
            merged.append(moment)
    return merged


def _signal(
    detector: str,
    hit: TermHit,
    weights: Mapping[GuidelineId, float],
    *,
    score: float,
    moment: Moment | None,
) -> Signal:
    return Signal(
        detector=detector,
        detector_version=DETECTOR_VERSION,
        modality=Modality.TEXT,
        guideline=hit.guideline,
        score=score,
        weight=weights.get(hit.guideline),
        moment=moment,
        detail=hit.term,
    )


def _in_order(hit: TermHit) -> tuple[str, str]:
    return hit.guideline, hit.term


def fold(text: str) -> str:
    """Return the words of a text, made comparable, with one space between them."""
    even = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (c if _is_word(c) else " " for c in even if unicodedata.category(c) != "Cf")
    return " ".join("".join(seen).split())


def _forms(term: str) -> set[str]:
    """Return how a term may stand in a folded text: hashtags run words together."""
    form = fold(term)
    if not form:
        raise EmptyTermError(term)
    return {form, form.replace(" ", "")}


def _readings(text: str) -> tuple[str, ...]:
    """Return the folded text, as it is and with signs read as letters."""
    even = unicodedata.normalize("NFKC", text)
    return (fold(even), *(fold(_with_letters(even, letters)) for letters in LETTERS))


def _joined(texts: Sequence[str]) -> Iterator[tuple[str, list[int], list[int]]]:
    """Yield each reading of all texts as one, with where its parts start and whose they are."""
    for reading in zip(*map(_readings, texts), strict=True):
        numbers = [number for number, part in enumerate(reading) if part]
        parts = [reading[number] for number in numbers]
        yield " ".join(parts), [0, *accumulate(len(part) + 1 for part in parts)][:-1], numbers


def _with_letters(text: str, letters: str) -> str:
    """Read signs as letters where there are letters beside them."""
    table = str.maketrans(SIGNS, letters)
    return " ".join(
        run.rstrip("!?.,").translate(table) if any(map(str.isalpha, run)) else run
        for run in text.split()
    )


def _places(form: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a form stands in a folded text: its first and last character."""
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        if _is_edge(text[max(0, start - 1) : start], form[0]) and _is_edge(
            text[end : end + 1], form[-1]
        ):
            yield start, end - 1
        start = text.find(form, start + 1)


def _is_edge(beside: str, edge: str) -> bool:
    """Whether a word may end at `edge` although `beside` it stands something."""
    return beside in {"", " "} or is_unspaced(beside) or is_unspaced(edge)


def _is_word(character: str) -> bool:
    """Whether it is a letter, a number or a mark on one."""
    return unicodedata.category(character)[0] in "LNM"


@lru_cache(maxsize=4096)
def is_unspaced(character: str) -> bool:
    """Whether it is of a script that puts no spaces between words."""
    return unicodedata.name(character, "").split(" ")[0] in UNSPACED_SCRIPTS
