"""Which reporters of a subject report together beyond what their audiences explain.

Many people watch what is popular, so meeting there says little; meeting again and again where
hardly anybody else reports says much. Reporters who do are one group, and `core.voices` lets a
group speak once. Nobody is punished for it.

The work is bounded: only a subject's strongest `PSEUDONYMS_MAX` reporters are compared, since
the caps of `core.evidence` leave the others nothing to add.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final

from underseal.core.report import Pseudonym

PSEUDONYMS_MAX: Final = 200
"""Reporters of one subject that are compared with each other. A limit of ours."""

JOINT_MIN: Final = 2.0
"""Joint reports, discounted, from which two reporters may be one group. The least that is more
than a coincidence: a setting."""

OVERLAP_MIN: Final = 0.15
"""Least share of the joint reports in all of the less active one's, with two added to smooth it.
After Community Notes' `minSim` (0.40, ten added), for the fewer reports that people file: a
setting."""

_OVERLAP_SMOOTHING: Final = 2.0
_POPULARITY_OFFSET: Final = 5
"""FRAUDAR's: see `joint_weight`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSubject:
    """Another subject: which of the compared reporters reported it, and how many people did."""

    reporters: frozenset[Pseudonym]
    reporters_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoReports:
    """How much the strongest reporters of a subject have reported together elsewhere.

    `joint` has the discounted number of other subjects that both reported, by pair, the lesser
    pseudonym first; pairs that share none are left out. `totals` has each one's own.

    Raises:
        ValueError: more than `PSEUDONYMS_MAX` reporters are compared, or a pair is out of order
            or has no total.
    """

    joint: Mapping[tuple[Pseudonym, Pseudonym], float]
    totals: Mapping[Pseudonym, float]

    def __post_init__(self) -> None:
        if len(self.totals) > PSEUDONYMS_MAX:
            raise ValueError(f"at most {PSEUDONYMS_MAX} reporters are compared")
        for one, other in self.joint:
            if not one < other or one not in self.totals or other not in self.totals:
                raise ValueError("a pair is in order, and both have a total")


NO_CO_REPORTS: Final = CoReports(joint=MappingProxyType({}), totals=MappingProxyType({}))
"""Nobody has reported anything together with anybody else."""


def joint_weight(reporters_count: int) -> float:
    """Return what one shared subject counts: 1 if two people reported it, less the more did.

    Source:
        FRAUDAR (Hooi et al., KDD 2016) weighs an edge to an object of degree d by 1 / log(d + 5).
        Ours is scaled to 1 for the fewest that can be shared.
    """
    fewest = 2
    return math.log(fewest + _POPULARITY_OFFSET) / math.log(
        max(fewest, reporters_count) + _POPULARITY_OFFSET
    )


def count_joint(subjects: Iterable[SharedSubject]) -> CoReports:
    """Return the co-reports of the reporters named in `subjects`, each another subject.

    Raises:
        ValueError: together they name more than `PSEUDONYMS_MAX` reporters.
    """
    joint: dict[tuple[Pseudonym, Pseudonym], float] = defaultdict(float)
    totals: dict[Pseudonym, float] = defaultdict(float)
    # In order of popularity, so that sums do not depend on the order in which subjects come.
    for subject in sorted(subjects, key=lambda each: each.reporters_count):
        weight = joint_weight(subject.reporters_count)
        for reporter in subject.reporters:
            totals[reporter] += weight
        for pair in combinations(sorted(subject.reporters), 2):
            joint[pair] += weight
    return CoReports(joint=MappingProxyType(joint), totals=MappingProxyType(totals))


def merge_colluding(co_reports: CoReports) -> tuple[frozenset[Pseudonym], ...]:
    """Return the groups of two or more that collude, ordered by their least pseudonym.

    Whoever colludes with a member of a group belongs to it.
    """
    parent = {reporter: reporter for reporter in co_reports.totals}

    def root(reporter: Pseudonym) -> Pseudonym:
        while parent[reporter] != reporter:
            parent[reporter] = parent[parent[reporter]]
            reporter = parent[reporter]
        return reporter

    for (one, other), joint in co_reports.joint.items():
        fewer = min(co_reports.totals[one], co_reports.totals[other])
        if joint >= JOINT_MIN and joint / (fewer + _OVERLAP_SMOOTHING) >= OVERLAP_MIN:
            first, second = sorted((root(one), root(other)))
            parent[second] = first
    groups: dict[Pseudonym, list[Pseudonym]] = {}
    for reporter in parent:
        groups.setdefault(root(reporter), []).append(reporter)
    return tuple(frozenset(groups[least]) for least in sorted(groups) if len(groups[least]) > 1)
