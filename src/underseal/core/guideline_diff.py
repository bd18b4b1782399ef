"""What has changed between two versions of the guidelines, line by line under the section it is in."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Opcode: TypeAlias = tuple[str, int, int, int, int]
"""What becomes of lines `[from, to)` of the old and of the new version, as difflib says it."""

AROUND: Final = 1
"""Lines that stay, shown before and after what changes. A setting."""

_SECTION: Final = re.compile(r"\[+\s*([^\[\]]+?)\s*\]+")


class LineChange(StrEnum):
    """What became of a line."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLine:
    """A line of either version."""

    change: LineChange
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines that follow each other and some of which change; `section` is the table they are in.

    At the top of a file, before any table, the section is empty.
    """

    section: str
    lines: tuple[ChangedLine, ...]


def guideline_diff(before: str, after: str) -> tuple[Hunk, ...]:
    """Return where two guideline files differ, in the order of the file."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return tuple(
        Hunk(
            section=_section(new[: _first_change(group)]),
            lines=tuple(_lines(group, old, new)),
        )
        for group in matcher.get_grouped_opcodes(AROUND)
    )


def _first_change(group: Sequence[Opcode]) -> int:
    """Up to which line of the new version the first change goes."""
    return next(new_to for kind, _, _, _, new_to in group if kind != "equal")


def _lines(
    group: Sequence[Opcode], old: Sequence[str], new: Sequence[str]
) -> Iterator[ChangedLine]:
    for kind, old_from, old_to, new_from, new_to in group:
        if kind == "equal":
            for text in old[old_from:old_to]:
                yield ChangedLine(change=LineChange.KEPT, text=text)
            continue
        for text in old[old_from:old_to]:
            yield ChangedLine(change=LineChange.REMOVED, text=text)
        for text in new[new_from:new_to]:
            yield ChangedLine(change=LineChange.ADDED, text=text)


def _section(above: Sequence[str]) -> str:
    """The last table that begins above."""
    for line in reversed(above):
        if found := _SECTION.fullmatch(line.strip()):
            return found[1]
    return ""
