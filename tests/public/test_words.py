"""The words of public pages: complete in every language, and the right one for its reader."""

import re
import string

import pytest

from underseal.web.words import CATALOGUES, LANGUAGES, Words

ENGLISH = CATALOGUES["en"]
ALIKE = {"kind.video", "kind.sound", "level.public"}
"""Texts that are the same word in another language as in English."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_gaps(language):
    catalogue = CATALOGUES[language]
    assert list(catalogue) == list(ENGLISH)
    for key, text in catalogue.items():
        assert gaps(text) == gaps(ENGLISH[key]), key
        assert text == text.strip() != ""


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_nothing_is_left_in_english(language):
    same = {key for key, text in CATALOGUES[language].items() if text == ENGLISH[key]}
    assert same <= ALIKE


def test_arabic_is_written_in_arabic():
    for text in CATALOGUES["ar"].values():
        latin = re.sub(r"rcpt_|JSON|\{\w+\}", "", text)
        assert not re.search("[A-Za-z]", latin), text


def test_no_text_asks_for_more_than_it_is_given():
    t = Words(language="de")
    assert t("report.step", step=1, of=2) == "Schritt 1 von 2"
    with pytest.raises(KeyError):
        t("report.step", step=1)


@pytest.mark.parametrize(
    ("asked", "query", "got"),
    [
        ("de-AT,en;q=0.5", "", "de"),
        ("fr, es;q=0.8, en;q=0.9", "", "en"),
        ("ar", "", "ar"),
        ("xx", "", "en"),
        ("", "", "en"),
        ("de;q=0, es", "", "es"),
        ("de", "es", "es"),
        ("de", "<script>", "de"),
        ("de;q=x, es;q=0.1", "", "es"),
    ],
)
async def test_a_reader_gets_the_language_that_they_ask_for(browser, asked, query, got):
    answer = await browser.get(
        "/receipt", params={"lang": query} if query else {}, headers={"accept-language": asked}
    )
    assert answer.headers["content-language"] == got
    direction = "rtl" if got == "ar" else "ltr"
    assert f'<html lang="{got}" dir="{direction}">' in answer.text


async def test_a_chosen_language_goes_along_and_another_one_does_not(browser):
    chosen = (await browser.get("/receipt?lang=de")).text
    assert 'href="/guidelines?lang=de"' in chosen
    assert 'action="/receipt?lang=de"' in chosen
    asked = (await browser.get("/receipt", headers={"accept-language": "de"})).text
    assert 'href="/guidelines"' in asked


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
