"""Public sets of labels by many people, of items whose truth is known.

A set is a folder with `label.csv` (item, worker, label) and `truth.csv` (item, truth). Only sets of
two classes are read.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

Label: TypeAlias = tuple[int, bool]
"""Who said it, and whether they said that the item is of class 1."""

_CLASSES: Final = {"0", "1"}
_TIE: Final = 0.5


class CrowdDataError(ValueError):
    """There are no sets of labels, or one of them cannot be read; `path` says where."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdSet:
    """The labels of each item, and its truth where that is known; people are numbered from 0."""

    name: str
    items: Sequence[Sequence[Label]]
    truths: Sequence[bool | None]
    people: int

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return sum(map(len, self.items))

    def correct(self, said: Sequence[float]) -> list[float]:
        """Return 1 for each item that `said` is right about, 0 if wrong, and a half for a tie."""
        return [
            _TIE if each == _TIE else float((each > _TIE) == truth)
            for each, truth in zip(said, self.truths, strict=True)
            if truth is not None
        ]


def read_sets(folder: Path) -> tuple[CrowdSet, ...]:
    """Return the sets of two classes in the folders of `folder`, by name.

    A label that the same person gave an item twice counts once.

    Raises:
        CrowdDataError: there is none, or a file is not what it should be.
    """
    found = [
        crowd_set
        for path in sorted(folder.glob("*/label.csv"))
        if (crowd_set := _read_set(path.parent)) is not None
    ]
    if not found:
        raise CrowdDataError(folder, "holds no sets of two classes: folders with label.csv")
    return tuple(found)


def _read_set(folder: Path) -> CrowdSet | None:
    rows = dict.fromkeys(_rows(folder / "label.csv", ("item", "worker", "label")))
    truths = {row[0]: row[1] for row in _rows(folder / "truth.csv", ("item", "truth"))}
    if {*truths.values(), *(label for _, _, label in rows)} != _CLASSES:
        return None
    people: dict[str, int] = {}
    items: dict[str, list[Label]] = {}
    for item, worker, label in rows:
        number = people.setdefault(worker, len(people))
        items.setdefault(item, []).append((number, label == "1"))
    return CrowdSet(
        name=folder.name,
        items=list(items.values()),
        truths=[truths[item] == "1" if item in truths else None for item in items],
        people=len(people),
    )


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if not {*columns} <= {*(reader.fieldnames or ())}:
                raise CrowdDataError(path, f"has no columns {', '.join(columns)}")
            for row in reader:
                if any(row[each] is None for each in columns):
                    raise CrowdDataError(path, f"line {reader.line_num} is not whole")
                yield tuple(row[each] for each in columns)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CrowdDataError(path, f"cannot be read ({type(problem).__name__})") from None
