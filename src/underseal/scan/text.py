"""Term lists: finds the words and phrases of the guidelines in captions and on-screen text.

Texts and terms are folded alike, so that case, width, punctuation and invisible characters do not
matter, and each text is also read with digits and signs that stand for letters. A term is found as
whole words; in scripts that write words without spaces between them, anywhere. Terms are plain
words, never patterns.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality, Signal

CAPTION_DETECTOR: Final = "caption_terms"
SCREEN_DETECTOR: Final = "screen_terms"
DETECTOR_VERSION: Final = "1"

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
        readings = _readings(text)
        return frozenset(
            hit for form, hit in self._forms if any(_stands_in(form, text) for text in readings)
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
    ends_ms = [*(text.at_ms for text in texts), duration_ms][1:]
    stretches: dict[TermHit, list[tuple[Moment, float]]] = defaultdict(list)
    for text, end_ms in zip(texts, ends_ms, strict=True):
        for hit in terms.find(text.text):
            start_ms, score = text.at_ms, text.confidence
            if stretches[hit] and stretches[hit][-1][0].end_ms == start_ms:
                moment, before = stretches[hit].pop()
                start_ms, score = moment.start_ms, max(score, before)
            end = max(end_ms, start_ms + 1)
            stretches[hit].append((Moment(start_ms=start_ms, end_ms=end), score))
    return tuple(
        _signal(SCREEN_DETECTOR, hit, weights, score=score, moment=moment)
        for hit in sorted(stretches, key=_in_order)
        for moment, score in stretches[hit]
    )


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


def _readings(text: str) -> set[str]:
    """Return the folded text, as it is and with signs read as letters."""
    even = unicodedata.normalize("NFKC", text)
    return {fold(even), *(fold(_with_letters(even, letters)) for letters in LETTERS)}


def _with_letters(text: str, letters: str) -> str:
    """Read signs as letters where there are letters beside them."""
    table = str.maketrans(SIGNS, letters)
    return " ".join(
        run.rstrip("!?.,").translate(table) if any(map(str.isalpha, run)) else run
        for run in text.split()
    )


def _stands_in(form: str, text: str) -> bool:
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        if _is_edge(text[max(0, start - 1) : start], form[0]) and _is_edge(
            text[end : end + 1], form[-1]
        ):
            return True
        start = text.find(form, start + 1)
    return False


def _is_edge(beside: str, edge: str) -> bool:
    """Whether a word may end at `edge` although `beside` it stands something."""
    return beside in {"", " "} or _is_unspaced(beside) or _is_unspaced(edge)


def _is_word(character: str) -> bool:
    """Whether it is a letter, a number or a mark on one."""
    return unicodedata.category(character)[0] in "LNM"


@lru_cache(maxsize=4096)
def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").split(" ")[0] in UNSPACED_SCRIPTS
