"""The curious moderator: who would know whether two aliases of two cases are one person.

They have seen many pairs of which they know the truth, more than any moderator ever does, and say
of a new pair what was true of most of those that looked like it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

Guess = Callable[[Hashable], bool]
"""Says by what marks a pair is known whether it is one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a case shows of a reporter: the letters of the alias, its place in the list, the band."""

    letters: str
    place: int
    band: str


def marks_of_aliases(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare in two aliases."""
    return one.letters == other.letters, one.place - other.place


def marks_of_bands(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare in two aliases and the bands beside them."""
    return marks_of_aliases(one, other), one.band, other.band


def practise(marks: Sequence[Hashable], truths: Sequence[bool]) -> Guess:
    """Learn from pairs of which the truth is known; of what was never seen, say no."""
    same = Counter(mark for mark, truth in zip(marks, truths, strict=True) if truth)
    all_seen = Counter(marks)
    return lambda mark: 2 * same[mark] > all_seen[mark]
