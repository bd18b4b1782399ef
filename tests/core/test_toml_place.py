"""Places are right if the text that stands there means the value that tomllib found."""

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from underseal.core.toml_place import KeyPath, Place, locate

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
keys = st.one_of(
    st.sampled_from(["a", "b", "c-d", "3", "a.b", "", "ü", 'q"', "'"]),
    st.text(characters, max_size=4),
)
scalars = st.one_of(
    st.text(characters, max_size=12),
    st.sampled_from(['"', '""', "'''", 'a"""b', "#", "]", "}", "a\nb", "= [", "\\", ""]),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
tables = st.dictionaries(keys, values, max_size=4)


class Writer:
    """Writes a table as TOML in a style drawn at random."""

    def __init__(self, draw) -> None:
        self.choose = lambda *options: draw(st.sampled_from(options))

    def coin(self) -> bool:
        return self.choose("heads", "tails") == "heads"

    def gap(self) -> str:
        return self.choose("", " ", "\t")

    def wide_gap(self) -> str:
        return self.choose("", " ", "\n", " # ]}\"'''\n", "\r\n")

    def end(self) -> str:
        return self.choose("\n", ' # [x] = "\n', "\n\n", "\r\n")

    def key(self, key: str) -> str:
        plain = [key] if re.fullmatch(r"[A-Za-z0-9_-]+", key) else []
        literal = [f"'{key}'"] if re.fullmatch(r"[^'\x00-\x08\n-\x1f\x7f]*", key) else []
        return self.choose(self.quoted(key), *plain, *literal)

    def quoted(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    def string(self, text: str) -> str:
        styles = [
            self.quoted(text),
            f'"""{self.quoted(text)[1:-1]}"""',
            f'"""\\\n  {self.quoted(text)[1:-1]}"""',
        ]
        if text[:1].isspace():
            styles.pop()
        if '"""' not in text and re.fullmatch(r"[^\\\x00-\x08\x0b-\x1f\x7f]*", text):
            styles.append(f'"""\n{text}"""')
        if re.fullmatch(r"[^'\x00-\x08\n-\x1f\x7f]*", text):
            styles.append(f"'{text}'")
        if "'''" not in text and re.fullmatch(r"[^\x00-\x08\x0b-\x1f\x7f]*", text):
            styles.append(f"'''\n{text}'''")
        return self.choose(*styles)

    def value(self, value) -> str:
        match value:
            case bool():
                return str(value).lower()
            case str():
                return self.string(value)
            case dt.datetime():
                return value.isoformat(sep=self.choose("T", " ", "t"))
            case dt.date() | dt.time():
                return value.isoformat()
            case list() | dict():
                return self.inline(value)
        return repr(value)

    def inline(self, value: list | dict) -> str:
        if isinstance(value, dict):
            pairs = [self.pair(key, each) for key, each in value.items()]
            return "{" + ",".join(pairs) + self.gap() + "}"
        elements = [self.wide_gap() + self.value(each) + self.wide_gap() for each in value]
        last = self.choose("", ",") if value else ""
        return "[" + ",".join(elements) + last + self.wide_gap() + "]"

    def pair(self, key: str, value) -> str:
        name = self.gap() + self.key(key)
        while isinstance(value, dict) and len(value) == 1 and self.coin():
            [(key, value)] = value.items()
            name += self.gap() + "." + self.gap() + self.key(key)
        return name + self.gap() + "=" + self.gap() + self.value(value) + self.gap()

    def table(self, table: dict, header: str = "") -> str:
        """Values first, then the tables that get a header of their own."""
        later = {
            key: value
            for key, value in table.items()
            if (isinstance(value, dict) or self.is_array_of_tables(value)) and self.coin()
        }
        text = "".join(
            self.pair(key, value) + self.end() for key, value in table.items() if key not in later
        )
        for key, value in later.items():
            name = f"{header}{self.gap()}.{self.gap()}{self.key(key)}" if header else self.key(key)
            inner, opening, closing = (
                ([value], "[", "]") if isinstance(value, dict) else (value, "[[", "]]")
            )
            for each in inner:
                text += f"{self.gap()}{opening}{self.gap()}{name}{self.gap()}{closing}{self.end()}"
                text += self.table(each, name)
        return text

    def is_array_of_tables(self, value) -> bool:
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(each, dict) for each in value)
        )


@st.composite
def documents(draw) -> tuple[str, dict]:
    table = draw(tables)
    return Writer(draw).table(table), table


def paths_of(value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    if path:
        yield path, value
    match value:
        case dict():
            inner = list(value.items())
        case list():
            inner = list(enumerate(value))
        case _:
            inner = []
    for key, each in inner:
        yield from paths_of(each, (*path, key))


def text_at(text: str, place: Place) -> str:
    return text.split("\n")[place.line - 1][place.column - 1 :][: place.length]


@given(documents())
def test_every_key_and_value_of_a_text_has_a_place_and_nothing_else_has(document):
    text, table = document
    assert tomllib.loads(text) == table, "the writer is right"
    assert set(locate(text)) == {path for path, _ in paths_of(table)}


@given(documents())
def test_what_stands_at_the_place_of_a_value_means_that_value(document):
    text, table = document
    places = locate(text)
    for path, value in paths_of(table):
        there = text_at(text, places[path].value)
        if isinstance(value, dict | list) or there.startswith(('"""', "'''")):
            assert there, "what may go over several lines is marked on its first"
        else:
            assert tomllib.loads(f"x = {there}") == {"x": value}


@given(documents())
def test_what_stands_at_the_place_of_a_key_is_that_key(document):
    text, table = document
    places = locate(text)
    for path, _ in paths_of(table):
        there = text_at(text, places[path].key)
        if isinstance(path[-1], str) and not there.startswith("["):
            assert tomllib.loads(f"{there} = 0") == {path[-1]: 0}


def test_an_array_of_tables_within_an_array_of_tables_counts_anew_in_each():
    text = "[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[[a]]\n[[a.b]]\nx = 3\n[a.c]\ny.z = 4\n"
    places = locate(text)
    lines = {path: place.value.line for path, place in places.items() if path[-1] in ("x", "z")}
    assert lines == {
        ("a", 0, "b", 0, "x"): 3,
        ("a", 0, "b", 1, "x"): 5,
        ("a", 1, "b", 0, "x"): 8,
        ("a", 1, "c", "y", "z"): 10,
    }


def test_a_value_of_several_lines_is_marked_to_the_end_of_its_first():
    place = locate('x = """one\ntwo"""')[("x",)].value
    assert (place.line, place.column, place.length) == (1, 5, 6)
