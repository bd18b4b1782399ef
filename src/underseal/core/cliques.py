"""Which reporters report together beyond what their audiences explain.

Whoever watches may report, so how many do is a matter of how many watch. What is beyond, somebody
has brought about: reporters who meet there, subject after subject, are one group, and `core.voices`
lets a group speak once; and where far more report a subject than its audience explains, that is a
burst, and a person looks before anything is seen of it (`core.effect`). Nobody is punished.

True reports are no camouflage: they are where audiences explain them, and count neither for a group
nor against it. Bought views are none either: those that pass for organic ones explain reports, but
they are silent, and silence speaks for the subject (`core.evidence`).

The work is bounded: only a subject's strongest `PSEUDONYMS_MAX` reporters are compared, since
the caps of `core.evidence` leave the others nothing to add.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final

from underseal.core.report import Pseudonym

PSEUDONYMS_MAX: Final = 200
"""Reporters of one subject that are compared with each other. A limit of ours."""

BURST_MIN: Final = 5
"""Fewer reporters are no burst, however few watched. A setting: four who are proven may be right."""

EXPLAINED_BASE: Final = 1.0
EXPLAINED_PER_VIEW: Final = 0.006
EXPLAINED_PER_VIEW_CLEARED: Final = 0.0005
"""So many reporters any audience explains, and so many more each organic view of it, or of what a
moderator has found to break nothing: three times what a breach usually gets, or what breaks nothing
(`core.evidence`). Settings, chosen on other worlds than `underseal bench brigade` measures."""

JOINT_MIN: Final = 1.5
"""Joint reports, as far as audiences do not explain them, from which two reporters may be one group:
at least two, for each is less than one. The least that is more than a coincidence: a setting."""

OVERLAP_MIN: Final = 0.15
"""Least share of the joint reports in all of the less active one's, with two added to smooth it.
After Community Notes' `minSim` (0.40, ten added), for the fewer reports that people file: a
setting."""

_OVERLAP_SMOOTHING: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSubject:
    """Another subject: which of the compared reporters reported it, how many did, and its views.

    `is_cleared` says that a moderator has found that it breaks nothing.
    """

    reporters: frozenset[Pseudonym]
    reporters_count: int
    organic_views: int = 0
    is_cleared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoReports:
    """How much the strongest reporters of a subject have reported together elsewhere.

    `joint` has the number of other subjects that both reported, each as far as its audience does not
    explain it, by pair, the lesser pseudonym first; pairs that share too little to be a group may be
    left out. `totals` has each one's own.

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


def explained(organic_views: int, *, is_cleared: bool = False) -> float:
    """Return how many reporters the audience of a subject explains."""
    per_view = EXPLAINED_PER_VIEW_CLEARED if is_cleared else EXPLAINED_PER_VIEW
    return EXPLAINED_BASE + per_view * max(0, organic_views)


def is_burst(reporters_count: int, organic_views: int) -> bool:
    """Return whether more report a subject than its audience explains, even of a breach."""
    return reporters_count >= BURST_MIN and reporters_count > explained(organic_views)


def joint_weight(subject: SharedSubject) -> float:
    """Return what one shared subject counts: the share of reporters its audience does not explain.

    Source:
        FRAUDAR (Hooi et al., KDD 2016) weighs an edge by what it leads to, so that camouflage does
        not help. It goes by how many lead there; ours by how many more than watching explains.
    """
    through = explained(subject.organic_views, is_cleared=subject.is_cleared)
    return max(0.0, 1 - through / max(1, subject.reporters_count))


def count_joint(subjects: Iterable[SharedSubject]) -> CoReports:
    """Return the co-reports of the reporters named in `subjects`, each another subject.

    Pairs below `JOINT_MIN` are left out: most of those that there are.

    Raises:
        ValueError: together they name more than `PSEUDONYMS_MAX` reporters.
    """
    joint: dict[tuple[Pseudonym, Pseudonym], float] = defaultdict(float)
    totals: dict[Pseudonym, float] = defaultdict(float)
    weighed = [(joint_weight(each), each) for each in subjects]
    # In order of weight, so that sums do not depend on the order in which subjects come.
    for weight, subject in sorted(weighed, key=lambda each: each[0]):
        for reporter in subject.reporters:
            totals[reporter] += weight
        if not weight:
            continue
        for pair in combinations(sorted(subject.reporters), 2):
            joint[pair] += weight
    enough = {pair: weight for pair, weight in joint.items() if weight >= JOINT_MIN}
    return CoReports(joint=MappingProxyType(enough), totals=MappingProxyType(totals))


def merge_colluding(co_reports: CoReports) -> tuple[frozenset[Pseudonym], ...]:
    """Return the groups of two or more that collude, ordered by their least pseudonym.

    Whoever colludes with a member of a group belongs to it.
    """
    colluding = [
        (one, other)
        for (one, other), joint in co_reports.joint.items()
        if joint >= JOINT_MIN
        and joint / (min(co_reports.totals[one], co_reports.totals[other]) + _OVERLAP_SMOOTHING)
        >= OVERLAP_MIN
    ]
    partners: dict[Pseudonym, set[Pseudonym]] = defaultdict(set)
    for one, other in colluding:
        partners[one].add(other)
        partners[other].add(one)
    groups = []
    while partners:
        members: set[Pseudonym] = set()
        reached = {min(partners)}
        while reached:
            members |= reached
            reached = {who for each in reached for who in partners.pop(each)} - members
        groups.append(frozenset(members))
    return tuple(groups)
