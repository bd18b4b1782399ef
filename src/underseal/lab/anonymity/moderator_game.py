"""The game of the curious moderator: are two aliases of two cases one person, as half of them are?

Both cases are about one topic, where bands say most. What reporters write in notes is no part of
the game: whoever writes as nobody else does is known by that, and nothing here defends it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.flow.read_case import ReporterBand
from underseal.lab.anonymity.curious_moderator import (
    Shown,
    marks_of_aliases,
    marks_of_bands,
    practise,
)
from underseal.seal.alias import aliases
from underseal.seal.keys import AliasesKey

REPORTERS: Final = 4
"""Of each case."""

BANDS: Final = (ReporterBand.NEW, ReporterBand.KNOWN, ReporterBand.PROVEN)
BAND_SHARES: Final = (0.9, 0.08, 0.02)
"""How many of those who report are in each band (an assumption)."""

Marks = Callable[[Shown, Shown], Hashable]
Naming = Callable[[np.random.Generator, Sequence[int]], Sequence[str]]
"""Gives the aliases of the people of one case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """How often the moderator is right by aliases, by these and bands, and blindly.

    `one_alias` is for a system in which a person has the same alias everywhere.
    """

    success: float
    with_bands: float
    one_alias: float
    blind: float


def play_moderator(runs: int, seed: int) -> Linking:
    """Let the moderator practise on so many pairs of cases, and judge as many."""
    return Linking(
        success=_play(alias_of_case, marks_of_aliases, runs, seed),
        with_bands=_play(alias_of_case, marks_of_bands, runs, seed),
        one_alias=_play(alias_everywhere, marks_of_aliases, runs, seed),
        blind=0.5,
    )


def alias_of_case(rng: np.random.Generator, people: Sequence[int]) -> Sequence[str]:
    """Give aliases as `seal.alias` does; a person's tags of two subjects have nothing in common."""
    subject_id = SubjectId(UUID(bytes=rng.bytes(16), version=4))
    tags = [Tag(rng.bytes(32)) for _ in people]
    given = aliases(AliasesKey(bytes(32)), subject_id, 1, tags)
    return [given[tag] for tag in tags]


def alias_everywhere(_rng: np.random.Generator, people: Sequence[int]) -> Sequence[str]:
    """Give everybody the same alias in all cases."""
    return [f"Reporter {person}" for person in people]


def _play(naming: Naming, marks: Marks, runs: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    pairs = [_pair(rng, naming) for _ in range(2 * runs)]
    seen = [marks(one, other) for one, other, _ in pairs]
    truths = [truth for *_, truth in pairs]
    guess = practise(seen[:runs], truths[:runs])
    right = [guess(mark) == truth for mark, truth in zip(seen[runs:], truths[runs:], strict=True)]
    return float(np.mean(right))


def _pair(rng: np.random.Generator, naming: Naming) -> tuple[Shown, Shown, bool]:
    """Show somebody of one case and somebody of another, who is the same person or not."""
    is_same = bool(rng.integers(2))
    people = [int(each) for each in rng.choice(10**6, 2 * REPORTERS, replace=False)]
    bands = {each: str(rng.choice(BANDS, p=BAND_SHARES)) for each in people}
    first, second = people[:REPORTERS], people[REPORTERS:]
    if is_same:
        second[0] = first[0]
    return _shown(rng, naming, first, bands), _shown(rng, naming, second, bands), is_same


def _shown(
    rng: np.random.Generator, naming: Naming, people: Sequence[int], bands: dict[int, str]
) -> Shown:
    """What a case shows of the first of its reporters; aliases are listed in their order."""
    named = naming(rng, people)
    return Shown(letters=named[0], place=sorted(named).index(named[0]), band=bands[people[0]])
