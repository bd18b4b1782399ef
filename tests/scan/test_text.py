import unicodedata
from string import ascii_lowercase

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.signal import Modality
from underseal.scan.text import (
    EmptyTermError,
    ScreenText,
    TermList,
    caption_signals,
    fold,
    screen_signals,
)

DRUGS, SCAMS = GuidelineId("drugs"), GuidelineId("scams")
words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)
latin = st.text(ascii_lowercase, min_size=1, max_size=12)
texts = st.text(max_size=60)


def finds(term: str, text: str) -> bool:
    return bool(TermList({DRUGS: [term]}).find(text))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("cocaine", "selling COCAINE today"),
        ("cocaine", "\uff23\uff2f\uff23\uff21\uff29\uff2e\uff25!"),
        ("cocaine", "co\u200bca\u00adine"),
        ("cocaine", "c0ca1ne"),
        ("cocaine", "c0ca!ne!!"),
        ("kill", "k1ll him"),
        ("kill", "ki11 him"),
        ("ass", "what an a$$"),
        ("free robux", "get Free-Robux here"),
        ("free robux", "get free\n  robux"),
        ("free robux", "#FreeRobux"),
        ("straße", "STRASSE"),
        ("гашиш", "чистый ГАШИШ, писать"),
        ("毒品", "這裡賣毒品嗎"),
        ("マリファナ", "マリファナ売ります"),
        ("ยาบ้า", "ขายยาบ้าที่นี่"),
        ("마약", "마약을 팝니다"),
        ("bán thuốc", "BÁN THUỐC đêm nay"),
    ],
)
def test_a_term_is_found_however_it_is_written(term: str, text: str) -> None:
    assert finds(term, text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("ass", "a class of its own"),
        ("cocaine", "cocaines"),
        ("free robux", "robux for free"),
        ("free robux", "carefree robux"),
        ("гашиш", "гашишный"),
        ("kill", "mp3 of k11"),
        ("sale", "5413 people"),
        ("a.c", "abc"),
        ("h.r.in", "heroin"),
        ("[a-z]+", "heroin"),
    ],
)
def test_another_word_is_not_the_term(term: str, text: str) -> None:
    assert not finds(term, text)


@given(words, texts, texts)
def test_a_term_is_found_between_other_words(term: str, before: str, after: str) -> None:
    assume(fold(term))
    assert finds(term, f"{before} {term} {after}")


@given(latin, latin, latin)
def test_a_term_is_not_found_within_a_longer_word(before: str, term: str, after: str) -> None:
    assert not finds(term, f"{before}{term}")
    assert not finds(term, f"{term}{after}")


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_folding_does_not_see_case_or_width(text: str) -> None:
    assume(all(unicodedata.category(c) != "Cs" for c in text))
    assert fold(unicodedata.normalize("NFKC", text)) == fold(text)


@pytest.mark.parametrize("term", ["", " ", "!!", "\u200b", "😀"])
def test_a_term_without_letters_is_refused(term: str) -> None:
    with pytest.raises(EmptyTermError):
        TermList({DRUGS: [term]})


def test_a_caption_gives_one_signal_for_each_term() -> None:
    terms = TermList({DRUGS: ["weed", "pills"], SCAMS: ["free robux"]})
    signals = caption_signals(terms, "Weed, PILLS, weed and free robux", {SCAMS: 0.7})
    assert [(s.guideline, s.detail, s.weight) for s in signals] == [
        (DRUGS, "pills", None),
        (DRUGS, "weed", None),
        (SCAMS, "free robux", 0.7),
    ]
    assert {(s.detector, s.modality, s.moment) for s in signals} == {
        ("caption_terms", Modality.TEXT, None)
    }


def shown(at_ms: int, text: str, confidence: float = 0.9) -> ScreenText:
    return ScreenText(at_ms=at_ms, text=text, confidence=confidence)


def test_a_term_stands_on_the_screen_until_the_next_picture_without_it() -> None:
    terms = TermList({DRUGS: ["weed"]})
    pictures = [
        shown(0, ""),
        shown(1000, "weed", 0.7),
        shown(2000, "buy\nweed", 0.8),
        shown(3500, "bye"),
        shown(5000, "weed"),
    ]
    signals = screen_signals(terms, pictures, 6000, {})
    assert [(s.moment, s.score) for s in signals] == [
        (Moment(start_ms=1000, end_ms=3500), 0.8),
        (Moment(start_ms=5000, end_ms=6000), 0.9),
    ]
    assert {(s.detector, s.weight) for s in signals} == {("screen_terms", None)}


def test_nothing_read_gives_no_signals() -> None:
    assert screen_signals(TermList({DRUGS: ["weed"]}), [], 6000, {}) == ()
    assert caption_signals(TermList({}), "weed", {}) == ()
