import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.language import best_text, is_language_tag

WELL_FORMED = ["en", "de", "fil", "pt-BR", "es-419", "zh-Hant", "zh-Hant-TW", "sl-rozaj", "de-1996"]
MALFORMED = ["", "e", "EN", "english", "pt_BR", "pt-br", "zh-hant", "en-", "-en", "x-a", "en-US\n"]


@pytest.mark.parametrize("tag", WELL_FORMED)
def test_a_tag_as_the_standard_recommends_it_is_a_language(tag):
    assert is_language_tag(tag)


@pytest.mark.parametrize("tag", MALFORMED)
def test_another_spelling_is_not(tag):
    assert not is_language_tag(tag)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("pt-BR", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("pt-PT", "pt"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh", "en"),
        ("", "en"),
        ("*", "en"),
        ("fr", "en"),
    ],
)
def test_somebody_gets_the_nearest_language_that_says_less(wanted, got):
    texts = {tag: f"text in {tag}" for tag in ["en", "pt", "pt-BR", "zh-Hant"]}
    assert best_text(texts, wanted) == (got, f"text in {got}")


@given(wanted=st.text())
def test_whatever_is_wanted_there_is_a_text(wanted):
    assert best_text({"en": 1}, wanted) == ("en", 1)
