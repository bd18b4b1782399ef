"""A mistake in a text file, and how it is shown: place, message, source line, caret and hint.

Messages are lower case, without a full stop, with names in backticks.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from underseal.core.toml_place import KeyPath

_LISTED_MAX: Final = 8
"""So many names at most are listed when none is close. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with the value at `path`, or with its key; where that stands is not known."""

    path: KeyPath
    message: str
    hint: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """What is wrong, and where: `line` and `column` count from 1, `length` is in characters."""

    line: int
    column: int
    length: int
    message: str
    hint: str = ""


def render(mistake: Mistake, text: str, file_name: str) -> str:
    """Return `mistake` as lines for a terminal, with the line of `text` it is in."""
    line = text.split("\n")[mistake.line - 1].rstrip("\r")
    shown = "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in line
    )
    start = mistake.column - 1
    indent = "".join(c if c == "\t" else " " * _width(c) for c in shown[:start])
    marked = shown[start : start + mistake.length]
    lines = [
        f"{file_name}:{mistake.line}:{mistake.column}: error: {mistake.message}",
        f"    {shown}",
        f"    {indent}{'^' * max(1, sum(map(_width, marked)))}",
    ]
    if mistake.hint:
        lines.append(f"    hint: {mistake.hint}")
    return "\n".join(lines)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names what `word` was probably meant to be, or else what there is."""
    names = list(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    if 0 < len(names) <= _LISTED_MAX:
        return "there is " + ", ".join(f"`{name}`" for name in names)
    return ""


def _width(character: str) -> int:
    """The columns of a terminal that `character` takes: Unicode Standard Annex 11."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
