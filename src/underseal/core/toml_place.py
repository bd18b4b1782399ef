"""Where the keys and values of a TOML text stand.

`tomllib` says what a text means, but not where. This says where, and relies on `tomllib` having
accepted the text: it knows how TOML is written, and nothing of what TOML forbids.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

KeyPath = tuple[str | int, ...]
"""Keys and positions from the root to a value: `("topic", 0, "label", "en")`."""

_GAP: Final = re.compile(r"(?:[ \t\r\n]|\#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+ | "(?:\\.|[^"\\])*" | '[^']*'""", re.VERBOSE)
_SCALAR: Final = re.compile(
    r"""
      \"{3} (?:\\.|[^\\])*? \"{3,5} (?!\")  # up to two quotes may precede the closing three
    | '{3} .*? '{3,5} (?!')
    | "(?:\\.|[^"\\])*"
    | '[^']*'
    | \d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}\#]*  # a date and a time with a space between
    | [^\s,\]}\#]+
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of one line: `line` and `column` count from 1, `length` is in characters."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a value stands, and its key; the key of an element of an array is the element.

    The value of a table under a header is the header; that of a table which dotted keys imply is
    the first of these keys.
    """

    key: Place
    value: Place


def locate(text: str) -> Mapping[KeyPath, Placed]:
    """Return where every key and value of a valid TOML `text` stands."""
    scan = _Scan(text)
    scan.document()
    return scan.found


class _Scan:
    """A position that moves through the text once, and what it has found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, Placed] = {}
        self._line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._elements: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._gap()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._key_and_value(table)
            self._gap()

    def _header(self) -> KeyPath:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        parts = self._dotted_key()
        self.at += 2 if is_array else 1
        header = self._place(start)
        path: KeyPath = ()
        for name, _ in parts:
            path = self._latest(path)
            path += (name,)
            self.found.setdefault(path, Placed(key=header, value=header))
        if is_array:
            self._elements[path] = self._elements.get(path, -1) + 1
        path = self._latest(path)
        self.found[path] = Placed(key=header, value=header)
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        """A header that goes through an array of tables means its latest element."""
        element = self._elements.get(path)
        return path if element is None else (*path, element)

    def _key_and_value(self, table: KeyPath) -> None:
        path = table
        parts = self._dotted_key()
        for name, place in parts:
            path += (name,)
            self.found.setdefault(path, Placed(key=place, value=place))
        self.at += 1
        self._gap()
        self._value(path, key=parts[-1][1])

    def _dotted_key(self) -> list[tuple[str, Place]]:
        """Read `a . "b"`, up to the `=` or `]` after it."""
        parts = []
        while True:
            self._gap()
            start = self.at
            name = self._take(_KEY)
            parts.append((_plain(name), self._place(start)))
            self._gap()
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _value(self, path: KeyPath, key: Place | None = None) -> None:
        start = self.at
        match self.text[start]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                self._take(_SCALAR)
        value = self._place(start)
        self.found[path] = Placed(key=key or value, value=value)

    def _array(self, path: KeyPath) -> None:
        index = 0
        while self._opens_or_goes_on("]"):
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        while self._opens_or_goes_on("}"):
            self._key_and_value(path)

    def _opens_or_goes_on(self, closing: str) -> bool:
        """Step over a bracket or comma to the next element, or over `closing`."""
        self._gap()
        if self.text[self.at] != closing:
            self.at += 1
            self._gap()
        if self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def _gap(self) -> None:
        self._take(_GAP)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError("the text is not valid TOML")
        self.at = match.end()
        return match.group()

    def _place(self, start: int) -> Place:
        """The stretch from `start` to here, or to the end of its first line."""
        line = bisect_right(self._line_starts, start)
        line_start = self._line_starts[line - 1]
        end = min(self.at, self._line_starts[line] - 1)
        return Place(line=line, column=start - line_start + 1, length=max(1, end - start))


def _plain(key: str) -> str:
    if key[0] not in "\"'":
        return key
    return next(iter(tomllib.loads(f"{key} = 0")))
