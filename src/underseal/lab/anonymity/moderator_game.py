"""The game of the curious moderator: are two aliases of two cases one person, as half of them are?

Both cases are about one guideline, where track records say most. What reporters write in notes is
no part of the game: whoever writes as nobody else does is known by that, and nothing here defends
it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from underseal.core.evidence import Weighting
from underseal.core.figures import Share
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.lab.anonymity.curious_moderator import (
    Shown,
    marks_of_aliases,
    marks_of_bands,
    marks_of_cases,
    marks_of_places,
    practise,
)
from underseal.lab.anonymity.moderated_case import RECORD_SHARES, RECORDS, regard, told
from underseal.seal.alias import aliases
from underseal.seal.keys import AliasesKey

REPORTERS: Final = (1, 2, 4, 8)
VIEWS: Final = (5, 20, 200, 2000)
"""How many report a subject, and how many see it: each as often (an assumption)."""

PARTS: Final = 5
"""Each part of the pairs is judged by a moderator who has practised on all others."""

Marks = Callable[[Shown, Shown], Hashable]
Pair = tuple[Shown, Shown, bool]
"""What is shown of two reporters, and whether they are one."""

Naming = Callable[[np.random.Generator, Sequence[int]], Sequence[str]]
"""Gives the aliases of the people of one case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """How often the moderator is right, by all that is shown and blindly.

    The true share of `success` is between `low` and `high`, at 95 %. `aliases` and `cases` are for
    whoever sees aliases alone, and those and the bands of cases, but not the queue; `lone` for
    cases that one person reported and few saw; `unweighed` for a deployment that weighs all reporters
    alike. `with_bands` is with a band beside each alias, `one_alias` for a system in which a person
    has the same alias everywhere.
    """

    success: float
    low: float
    high: float
    aliases: float
    cases: float
    lone: float
    unweighed: float
    with_bands: float
    one_alias: float
    blind: float


def alias_of_case(rng: np.random.Generator, people: Sequence[int]) -> Sequence[str]:
    """Give aliases as `seal.alias` does; a person's tags of two subjects have nothing in common."""
    subject_id = SubjectId(UUID(bytes=rng.bytes(16), version=4))
    tags = [Tag(rng.bytes(32)) for _ in people]
    given = aliases(AliasesKey(bytes(32)), subject_id, 1, tags)
    return [given[tag] for tag in tags]


def alias_everywhere(_rng: np.random.Generator, people: Sequence[int]) -> Sequence[str]:
    """Give everybody the same alias in all cases."""
    return [f"Reporter {person}" for person in people]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """Which cases there are, and how they are weighed."""

    naming: Naming = alias_of_case
    weighting: Weighting = Weighting.PRIORITY_ONLY
    reporters: Sequence[int] = REPORTERS
    views: Sequence[int] = VIEWS


def play_moderator(runs: int, seed: int) -> Linking:
    """Let the moderator judge so many pairs of cases, `PARTS` times over."""
    pairs = _draw(_Game(), runs, seed)
    lone = _draw(_Game(reporters=(1,), views=(20,)), runs, seed)
    unweighed = _draw(_Game(weighting=Weighting.OFF), runs, seed)
    everywhere = _draw(_Game(naming=alias_everywhere), runs, seed)
    success = _judge(pairs, marks_of_places)
    low, high = success.interval
    return Linking(
        success=_share(success),
        low=low,
        high=high,
        aliases=_share(_judge(pairs, marks_of_aliases)),
        cases=_share(_judge(pairs, marks_of_cases)),
        lone=_share(_judge(lone, marks_of_places)),
        unweighed=_share(_judge(unweighed, marks_of_places)),
        with_bands=_share(_judge(pairs, marks_of_bands)),
        one_alias=_share(_judge(everywhere, marks_of_aliases)),
        blind=0.5,
    )


def _share(right: Share) -> float:
    return right.hits / right.cases


def _judge(pairs: Sequence[Pair], marks: Marks) -> Share:
    seen = [marks(one, other) for one, other, _ in pairs]
    truths = [truth for *_, truth in pairs]
    hits, size = 0, len(pairs) // PARTS
    for begin in range(0, len(pairs), size):
        part = slice(begin, begin + size)
        guess = practise(seen[:begin] + seen[part.stop :], truths[:begin] + truths[part.stop :])
        hits += sum(
            guess(mark) == truth for mark, truth in zip(seen[part], truths[part], strict=True)
        )
    return Share(hits=hits, cases=len(pairs))


def _draw(game: _Game, runs: int, seed: int) -> list[Pair]:
    rng = np.random.default_rng(seed)
    return [_pair(rng, game, is_same=at % 2 == 0) for at in range(PARTS * runs)]


def _pair(rng: np.random.Generator, game: _Game, *, is_same: bool) -> Pair:
    """Show somebody of one case and somebody of another, who is the same person or not."""
    first, second = (_drawn(rng, game.reporters) for _ in range(2))
    records = rng.choice(len(RECORDS), first + second, p=RECORD_SHARES).tolist()
    one, other = list(range(first)), list(range(first, first + second))
    if is_same:
        other[0] = one[0]
    return _shown(rng, game, one, records), _shown(rng, game, other, records), is_same


def _shown(
    rng: np.random.Generator, game: _Game, people: Sequence[int], records: Sequence[int]
) -> Shown:
    """What a case shows of the first of its reporters; aliases are listed in their order."""
    named = game.naming(rng, people)
    of_case = told(
        tuple(sorted(records[each] for each in people)), _drawn(rng, game.views), game.weighting
    )
    return Shown(
        letters=named[0],
        place=sorted(named).index(named[0]),
        is_other_band=of_case.is_other_band,
        ahead=of_case.ahead,
        band=regard(records[people[0]]),
    )


def _drawn(rng: np.random.Generator, among: Sequence[int]) -> int:
    return among[int(rng.integers(len(among)))]
