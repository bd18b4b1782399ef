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
    """What the console shows of a reporter and of their case.

    `letters` are those of the alias, `place` is its place in the list. `is_other_band` and `ahead`
    are what the case's bands and its place in the queue tell beyond what as many newcomers would
    have made of them. `band` is what once stood beside the alias.
    """

    letters: str
    place: int
    is_other_band: bool
    ahead: int
    band: str


def marks_of_aliases(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare in two aliases."""
    return one.letters == other.letters, one.place - other.place


def marks_of_cases(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare in two aliases and the bands of their cases."""
    return one.letters == other.letters, *sorted((one.is_other_band, other.is_other_band))


def marks_of_places(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare if the places of the cases in the queue are seen, too."""
    return marks_of_cases(one, other), *sorted((one.ahead, other.ahead))


def marks_of_bands(one: Shown, other: Shown) -> Hashable:
    """Return what there is to compare if, beside all that, bands stand beside the aliases."""
    return marks_of_places(one, other), *sorted((one.band, other.band))


def practise(marks: Sequence[Hashable], truths: Sequence[bool]) -> Guess:
    """Learn from pairs of which the truth is known; of what was never seen, say no."""
    same = Counter(mark for mark, truth in zip(marks, truths, strict=True) if truth)
    all_seen = Counter(marks)
    return lambda mark: 2 * same[mark] > all_seen[mark]
