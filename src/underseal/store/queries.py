"""SQL in named files: `queries/NOUN.sql` holds the statements of one store module.

    -- name: take_next_case
    -- Take the most urgent case that this moderator is qualified for.
    select …

Each statement has a name and a sentence that says what it is for. Comments before the first name
are about the file.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

NAME: Final = re.compile(r"^-- name: *(.*)$", re.MULTILINE)
IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]*")


class QueryFileError(Exception):
    """A file of named statements breaks the rules for one."""

    def __init__(self, noun: str, fault: str) -> None:
        super().__init__(f"queries/{noun}.sql: {fault}")
        self.noun = noun
        self.fault = fault


@cache
def load(noun: str) -> Mapping[str, str]:
    """Return the statements of `queries/NOUN.sql` by name; each file is read once.

    Raises:
        QueryFileError: two have one name, or one has no name, no description or no SQL.
        FileNotFoundError: there is no such file.
    """
    return parse(noun, (files("underseal.store") / "queries" / f"{noun}.sql").read_text())


def parse(noun: str, text: str) -> Mapping[str, str]:
    """Return the statements in `text`, the content of `queries/NOUN.sql`, by name.

    Raises:
        QueryFileError: as `load`.
    """
    head, *parts = NAME.split(text)
    if _sql_of(head):
        raise QueryFileError(noun, "SQL before the first `-- name:`")
    statements: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if not IDENTIFIER.fullmatch(name):
            raise QueryFileError(noun, f"{name!r} is no name")
        if name in statements:
            raise QueryFileError(noun, f"{name} stands there twice")
        description, _, sql = body.lstrip("\n").partition("\n")
        if not re.match(r"-- \S", description):
            raise QueryFileError(noun, f"{name} has no line that says what it is for")
        if not _sql_of(sql):
            raise QueryFileError(noun, f"{name} has no SQL")
        statements[name] = sql.strip().removesuffix(";")
    return MappingProxyType(statements)


def _sql_of(text: str) -> str:
    """Return `text` without the lines that are comments, and without space around it."""
    return re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE).strip()
