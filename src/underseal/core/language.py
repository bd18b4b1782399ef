"""Languages: which tags are well formed, and which text somebody gets."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

FALLBACK_LANGUAGE: Final = "en"
"""Every localised text of the guidelines exists in this language."""

_TAG = re.compile(
    r"[a-z]{2,3}"  # language
    r"(-[A-Z][a-z]{3})?"  # script
    r"(-([A-Z]{2}|[0-9]{3}))?"  # region
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
)

Text = TypeVar("Text")


def is_language_tag(tag: str) -> bool:
    """Tell whether `tag` is a language, and perhaps a script, a region and variants.

    Source: RFC 5646 (BCP 47), section 2.1, written as its section 2.1.1 recommends (`pt-BR`), so
    that one language has one spelling. Extensions and private use are not accepted.
    """
    return _TAG.fullmatch(tag) is not None


def best_text(texts: Mapping[str, Text], language: str) -> tuple[str, Text]:
    """Return the text for somebody who wants `language`, preceded by the language it is in.

    Source: RFC 4647 (BCP 47), section 3.4, "lookup": the wanted tag is shortened from its end
    until there is a text; else the fallback. Case does not matter.

    Raises:
        KeyError: there is no text in the fallback language either.
    """
    by_folded_tag = {tag.casefold(): tag for tag in texts}
    parts = language.casefold().split("-")
    for length in range(len(parts), 0, -1):
        tag = by_folded_tag.get("-".join(parts[:length]))
        if tag is not None:
            return tag, texts[tag]
    return FALLBACK_LANGUAGE, texts[FALLBACK_LANGUAGE]
