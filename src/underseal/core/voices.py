"""Voices: the reporters of one subject after colluding ones are merged.

A group is one voice, and says what its strongest member says. Where some of it are proven and some
are not, the strongest of either speak, each within what all of their kind may add: if only one did,
the report of the other could take away what was said before. Everybody without an account is one
voice too: nothing tells them apart.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.report import CountedReport, Pseudonym

WEIGHED_FIRST: Final = 4
"""So many voices are weighed first, and as many again each time, until they reach their cap: nobody
who is left lowers it. A setting: four new reporters reach that of unproven ones."""

Reporter = Pseudonym | None
"""Who has reported; everybody without an account is the one `None`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """By guideline, who reported a subject, and who of them may be guessed; and what notices name.

    `flagged` are the guidelines that a trusted flagger named.
    """

    by: Mapping[GuidelineId, AbstractSet[Reporter]]
    by_consenting: Mapping[GuidelineId, AbstractSet[Reporter]]
    noticed: AbstractSet[GuidelineId]
    flagged: AbstractSet[GuidelineId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who speaks: each of the `proven` and of the `unproven`, and the groups.

    `groups` has the proven and the other members of each.
    """

    proven: frozenset[Reporter]
    unproven: frozenset[Reporter]
    groups: tuple[tuple[frozenset[Pseudonym], frozenset[Pseudonym]], ...]


def filed_by(reports: Iterable[CountedReport]) -> Filed:
    """Return who filed the reports of a subject, by guideline."""
    by: dict[GuidelineId, set[Reporter]] = defaultdict(set)
    by_consenting: dict[GuidelineId, set[Reporter]] = defaultdict(set)
    noticed, flagged = set(), set()
    for report in reports:
        by[report.guideline].add(report.pseudonym)
        if report.may_be_guessed:
            by_consenting[report.guideline].add(report.pseudonym)
        if report.is_notice:
            noticed.add(report.guideline)
        if report.by_trusted_flagger:
            flagged.add(report.guideline)
    return Filed(by=by, by_consenting=by_consenting, noticed=noticed, flagged=flagged)


def voices(
    reporters: frozenset[Reporter],
    groups: Iterable[frozenset[Pseudonym]],
    proven: frozenset[Pseudonym],
) -> Voices:
    """Return the voices of those who reported; no two of the `groups` have a member in common.

    Of a group those are left who reported, and who did so alone speaks alone.
    """
    present = (group & reporters for group in groups)
    together = tuple(members for members in present if len(members) > 1)
    alone = reporters.difference(*together)
    return Voices(
        proven=alone & proven,
        unproven=alone - proven,
        groups=tuple((members & proven, members - proven) for members in together),
    )


def add_up(nats: Iterator[float], sum_of: Callable[[Sequence[float]], float], most: float) -> float:
    """Return what voices add up to, at most so much: once it is reached, nobody else is weighed."""
    said: list[float] = []
    total = 0.0
    while total < most and (more := list(islice(nats, len(said) or WEIGHED_FIRST))):
        said += more
        total = sum_of(said)
    return min(most, total)
