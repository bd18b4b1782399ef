"""The words of public pages, by language: which language somebody gets, and what it says.

`words/*.toml` have the same keys in every language; a test sees to it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from babel import Locale, negotiate_locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from litestar import Request
from markupsafe import Markup

from underseal.core.language import FALLBACK_LANGUAGE

LANGUAGES: Final = ("en", "de", "es", "ar")

LOCALES: Final[Mapping[str, str]] = MappingProxyType({"en": "en_GB"})
"""Where a language is written in several ways: days are written as in `core.statement_words`."""

TAGS_MAX: Final = 20
"""Languages that are read of what a browser asks for. A limit of ours."""

_ROOT: Final = files("underseal.web") / "words"


def _catalogue(language: str) -> Mapping[str, str]:
    sections = tomllib.loads((_ROOT / f"{language}.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            f"{section}.{key}": text
            for section, texts in sections.items()
            for key, text in texts.items()
        }
    )


CATALOGUES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {language: _catalogue(language) for language in LANGUAGES}
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one language; `is_chosen` if somebody chose it, so that links keep to it."""

    language: str
    is_chosen: bool = False

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(LOCALES.get(self.language, self.language))

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return direction_of(self.language)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        locale = Locale.parse(self.language)
        return str(locale.get_display_name(locale)).capitalize()

    @property
    def others(self) -> "tuple[Words, ...]":
        """All languages, as chosen ones."""
        return tuple(Words(language=each, is_chosen=True) for each in LANGUAGES)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text under a key, filled in.

        Raises:
            KeyError: there is none.
        """
        return CATALOGUES[self.language][key].format(**values)

    def day(self, on: date) -> str:
        """Return a day in words."""
        return format_date(on, "long", locale=self._locale)

    def month(self, of: date) -> str:
        """Return a month and its year."""
        return format_date(of, "LLLL y", locale=self._locale)

    def number(self, number: int) -> str:
        """Return a whole number."""
        return format_decimal(number, locale=self._locale)

    def percent(self, hundredths: float) -> str:
        """Return a percentage, with as many digits as it has."""
        share = round(hundredths / 100, 9)
        return format_percent(share, locale=self._locale, decimal_quantization=False)

    def of(self, language: str) -> Markup:
        """Return the attributes of an element whose text is in another language, or nothing."""
        if language == self.language:
            return Markup()
        return Markup(' lang="{}" dir="{}"').format(language, direction_of(language))

    def to(self, path: str, **query: str) -> str:
        """Return the address of a page, in the same language if that was chosen."""
        given = {**query, **({"lang": self.language} if self.is_chosen else {})}
        return f"{path}?{urlencode(given)}" if given else path


def direction_of(language: str) -> str:
    """Return the direction in which a language is written: `ltr` or `rtl`."""
    return str(Locale.parse(language, sep="-").text_direction)


def words_of(request: Request[Any, Any, Any]) -> Words:
    """Return the words somebody gets: by `?lang=`, else by what their browser asks for."""
    chosen = request.query_params.get("lang", "")
    if chosen in LANGUAGES:
        return Words(language=chosen, is_chosen=True)
    wanted = _wanted(request.headers.get("accept-language", ""))
    found = negotiate_locale(wanted, LANGUAGES, sep="-", aliases={})
    return Words(language=found or FALLBACK_LANGUAGE)


def _wanted(header: str) -> list[str]:
    """Return language tags as a browser prefers them: RFC 9110, section 12.5.4."""
    weighed = []
    for part in header.split(",")[:TAGS_MAX]:
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            quality = 0.0
        if quality > 0:
            weighed.append((quality, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda each: -each[0]) if tag]
