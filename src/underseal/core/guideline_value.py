"""Reads single values of a guidelines file, noting a fault for each that cannot be used.

A reader takes a value, its path and the faults so far. It returns what the value means, or None
after adding a fault; a table or list is read to its end, so that every fault in it is found.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from underseal.core.language import FALLBACK_LANGUAGE, is_language_tag
from underseal.core.mistake import Fault, suggest
from underseal.core.toml_place import KeyPath

ID_LENGTH_MAX: Final = 64
"""Longest id of a topic, guideline or profile, in characters. A limit of ours."""

_ID: Final = re.compile(r"[a-z0-9_]+")
_KINDS: Final = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
    ((date, datetime, time), "a date or time"),
)


Read = Callable[[Any, KeyPath, list[Fault]], Any]


def read_id(value: Any, path: KeyPath, faults: list[Fault]) -> str | None:
    """Read an id: lower-case ASCII letters, digits and underscores."""
    if not _is(value, str, path, faults):
        return None
    if _ID.fullmatch(value) and len(value) <= ID_LENGTH_MAX:
        return str(value)
    plain = re.sub(r"[^a-z0-9]+", "_", value.casefold()).strip("_")[:ID_LENGTH_MAX]
    _add(
        faults,
        path,
        f"an id has 1 to {ID_LENGTH_MAX} of the characters a-z, 0-9 and _",
        f"for example `{plain}`" if plain else "",
    )
    return None


def read_truth(value: Any, path: KeyPath, faults: list[Fault]) -> bool | None:
    """Read true or false."""
    return value if _is(value, bool, path, faults) else None


def read_tables(value: Any, path: KeyPath, faults: list[Fault]) -> list[dict[str, Any]] | None:
    """Read an array of tables as it is: what is in them is read by whoever asked."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return value
    name = ".".join(str(key) for key in path if isinstance(key, str))
    _add(faults, path, f"`{path[-1]}` is a list of tables", f"write `[[{name}]]` above each")
    return None


def words(length_max: int) -> Read:
    """Make a reader of a text that is not blank and has at most `length_max` characters."""

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> str | None:
        if not _is(value, str, path, faults):
            return None
        text = str(value).strip()
        if 0 < len(text) <= length_max:
            return text
        wrong = f"has {len(text)} characters, at most {length_max} are allowed"
        _add(faults, path, f"the text {wrong if text else 'is blank'}")
        return None

    return read


def number(allowed: Callable[[float], bool], must: str, hint: str) -> Read:
    """Make a reader of a number that is `allowed`; `must` completes "the number must …".

    `allowed` sees numbers of any size, infinities and nan.
    """

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> float | None:
        if not _is(value, float, path, faults):
            return None
        if allowed(value):
            return float(value)
        _add(faults, path, f"the number must {must}", hint)
        return None

    return read


def whole(minimum: int, maximum: int) -> Read:
    """Make a reader of a whole number in [minimum, maximum]."""

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> int | None:
        if not _is(value, int, path, faults):
            return None
        if minimum <= value <= maximum:
            return int(value)
        _add(faults, path, f"the number must lie between {minimum} and {maximum}")
        return None

    return read


def one_of(choices: type[StrEnum]) -> Read:
    """Make a reader of a member of `choices`, written as its value."""

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> StrEnum | None:
        if not _is(value, str, path, faults):
            return None
        if value in list(choices):
            return choices(value)
        _add(faults, path, f"`{value}` is not known here", suggest(value, list(choices)))
        return None

    return read


def known(names: Mapping[str, object]) -> Read:
    """Make a reader of a text that is one of the keys of `names`."""

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> str | None:
        if not _is(value, str, path, faults):
            return None
        if value in names:
            return str(value)
        _add(faults, path, f"`{value}` is not known here", suggest(value, names))
        return None

    return read


def each(read: Read, *, at_least: int = 0) -> Read:
    """Make a reader of a list, without repetition, of what `read` reads."""

    def read_list(value: Any, path: KeyPath, faults: list[Fault]) -> tuple[Any, ...] | None:
        if not _is(value, list, path, faults):
            return None
        before = len(faults)
        elements: list[Any] = []
        for index, raw in enumerate(value):
            element = read(raw, (*path, index), faults)
            if element is not None and element in elements:
                _add(faults, (*path, index), "the list has this already")
            elements.append(element)
        if len(value) < at_least:
            _add(faults, path, f"the list must have {at_least} or more")
        return tuple(elements) if len(faults) == before else None

    return read_list


def by_language(read: Read) -> Read:
    """Make a reader of a table from language tags to what `read` reads, English among them."""

    def read_texts(value: Any, path: KeyPath, faults: list[Fault]) -> Mapping[str, Any] | None:
        if not _is(value, dict, path, faults, f'write {{ {FALLBACK_LANGUAGE} = "…" }}'):
            return None
        before = len(faults)
        texts = {}
        for tag, raw in value.items():
            if not is_language_tag(tag):
                hint = "such as `en`, `pt-BR` or `zh-Hant`"
                faults.append(_at_key((*path, tag), f"`{tag}` is not a language tag", hint))
            texts[tag] = read(raw, (*path, tag), faults)
        if FALLBACK_LANGUAGE not in value:
            hint = "English is what people get whose own language is not there"
            _add(faults, path, f"there is no text in English, `{FALLBACK_LANGUAGE}`", hint)
        return MappingProxyType(texts) if len(faults) == before else None

    return read_texts


def table(keys: Mapping[str, Read], required: frozenset[str] = frozenset()) -> Read:
    """Make a reader of a table that knows `keys` and no others; what is unusable is left out."""

    def read(value: Any, path: KeyPath, faults: list[Fault]) -> dict[str, Any] | None:
        if not _is(value, dict, path, faults):
            return None
        values = {}
        for key, raw in value.items():
            if key not in keys:
                hint = suggest(key, keys)
                faults.append(_at_key((*path, key), f"the key `{key}` is not known here", hint))
                continue
            meaning = keys[key](raw, (*path, key), faults)
            if meaning is not None:
                values[key] = meaning
        for key in sorted(required - value.keys()):
            _add(faults, path, f"`{key}` is missing")
        return values

    return read


def _is(value: Any, kind: type, path: KeyPath, faults: list[Fault], hint: str = "") -> bool:
    """Whether `value` is of `kind`; an int is a number too, but a bool is neither."""
    kinds = (int, float) if kind is float else kind
    if isinstance(value, kinds) and (kind is bool or not isinstance(value, bool)):
        return True
    if kind is str and not isinstance(value, list | dict):
        hint = "put it in quotes"
    _add(faults, path, f"expected {_name(kind)}, found {_name(type(value))}", hint)
    return False


def _name(kind: type) -> str:
    return next(name for kinds, name in _KINDS if issubclass(kind, kinds))


def _add(faults: list[Fault], path: KeyPath, message: str, hint: str = "") -> None:
    faults.append(Fault(path=path, message=message, hint=hint))


def _at_key(path: KeyPath, message: str, hint: str) -> Fault:
    return Fault(path=path, message=message, hint=hint, at_key=True)
