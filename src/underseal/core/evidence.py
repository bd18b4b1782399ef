"""The evidence: how probable it is that a subject breaks a guideline, every term named.

For a subject and a guideline, in nats of log-odds:

    log-odds = ln odds(base rate) + what a moderator found + machine
             + max(0, min(C_NEW, Σ unproven voices) + min(C_KNOWN, concave Σ proven voices) - views)
             + what it says to be reported, and that the creator has strikes, for the queue alone

A voice is worth ln odds(precision of its reporter) - ln odds(base rate), within bounds. Machine
evidence is the calibrated weight of each detector, capped per modality. `views` is what it says
that many saw the subject and did not report it.

Invariants:
    The terms sum to the log-odds.
    A report never speaks for its subject, and the order of reports makes no difference.
    Unproven voices add at most C_NEW, however many they are and however they coordinate.
    A trusted flagger is never believed less than a newcomer (DSA, Article 22).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from underseal.core.cliques import CoReports, merge_colluding
from underseal.core.guideline import (
    C_NEW,
    DisclosureClass,
    Guideline,
    GuidelineId,
    Guidelines,
    TopicId,
    log_odds,
)
from underseal.core.machine_evidence import MODALITY_CAP, machine_evidence
from underseal.core.prior import DEFAULT_PRIOR, Prior
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord, is_proven_on, posterior
from underseal.core.voices import Filed, Reporter, Voices, add_up, filed_by, voices

C_KNOWN: Final = math.log(100)
"""The most, in nats, that all proven voices together can add: a hundred times the odds. A
setting, as C_NEW is."""

W_MIN: Final = 0.05
"""The least that one voice says, in nats. A setting; above 0, so that no report is ignored
(DSA, Article 23: leaving notices unprocessed takes a warning and a decision of its own)."""

UNPROVEN_MAX: Final = C_NEW / 4
PROVEN_MAX: Final = C_KNOWN / 3
"""The most that one voice says, in nats: it takes several. Settings."""

TOP_PROVEN: Final = 3
REST_SHARE: Final = 0.25
"""Proven voices after the first three count a quarter: they watched the same video. Settings."""

GRAVE_SHARE: Final = 0.5
"""A reporter of a grave guideline is devalued to half of an ordinary unproven one at most: child
abuse, threats to life, intimate images and terrorism are too grave for more. A setting."""

CLEARED: Final = -(C_NEW + C_KNOWN + MODALITY_CAP[Modality.IMAGE])
"""The shift of the log-odds when a moderator found nothing on this version: more than all reports
and one modality can say. A setting."""

EXPOSURE_MAX: Final = math.log(50)
"""The most, in nats, that silent viewers can say for a subject. A setting."""

STRUCK: Final = math.log(4)
"""What it says, in nats, that the creator has an active strike: they break guidelines again more often
than others. A setting, until a deployment has measured it (ADR 0023)."""

SILENT_VIEWERS: Final = "silent viewers"
"""The name of the term that tells of views."""

REPORTED: Final = "reported"
"""The name of the term that says that anybody reported, however many: see `core.prior`."""

OF_REPORTS: Final = frozenset({"unproven voices", "proven voices", SILENT_VIEWERS, REPORTED})
"""The names of the terms that come from reports."""

REPORTS_PER_VIEW_VIOLATING: Final = 0.002
REPORTS_PER_VIEW_BENIGN: Final = 0.0001
"""How often one organic view leads to a report. Settings, until a deployment has measured them;
that viewers who stay silent count is Detective's (Tschiatschek et al., WWW 2018)."""


class Weighting(StrEnum):
    """What track records may be used for, by region."""

    OFF = "off"
    SHADOW = "shadow"
    PRIORITY_ONLY = "priority_only"
    PRIORITY_AND_THRESHOLD = "priority_and_threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known about one subject in one round.

    `records` has the track records of its reporters, where there are any. `human` is the shift of
    the log-odds by what a moderator found on this version: see `CLEARED`. `spent` are the
    reporters who already count towards as many visible effects on this creator as one may;
    `is_struck` says that the creator has an active strike.
    """

    subject_id: SubjectId
    round: int
    kind: SubjectKind
    reports: tuple[CountedReport, ...]
    records: Mapping[tuple[Pseudonym, TopicId], TrackRecord]
    co_reports: CoReports
    signals: tuple[Signal, ...]
    organic_views: int
    qualifying_viewers: int
    human: Mapping[GuidelineId, float]
    spent: frozenset[Pseudonym]
    is_struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One summand of an assessment."""

    name: str
    nats: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What some of the reports add up to: nats at least 0, and the voices behind them."""

    unproven_nats: float = 0.0
    proven_nats: float = 0.0
    silence_nats: float = 0.0
    unproven: int = 0
    proven: int = 0

    @property
    def nats(self) -> float:
        """What the voices say beyond the silence of the other viewers."""
        return self.unproven_nats + self.proven_nats - self.silence_nats


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How probable it is that the subject breaks one guideline, and why.

    `log_odds` is for the queue: every report counts. For what a creator can notice, start from
    `unreported`, the log-odds without any report, and add `backing`: what is left of the reports
    without reporters whose budget is spent; or `consenting`: only those of them that may be
    guessed. `has_flagged_notice` says that one is of a trusted flagger. `machine` is the machine
    evidence in nats. `is_known` says that a verified match of
    known content is among it; `is_looked_at` that a moderator has judged this version.
    """

    guideline: GuidelineId
    log_odds: float
    terms: tuple[Term, ...]
    machine: float
    voices_proven: int
    voices_unproven: int
    unreported: float
    backing: Backing
    consenting: Backing
    is_reported: bool
    has_notice: bool
    has_flagged_notice: bool
    is_known: bool
    is_looked_at: bool


def probability(nats: float) -> float:
    """Return the probability of some log-odds."""
    return (1 + math.tanh(nats / 2)) / 2


def is_exempt(guideline: Guideline) -> bool:
    """Return whether neither crowd nor budget keeps reports of a guideline from being acted on."""
    return guideline.grave or guideline.disclosure is DisclosureClass.AT_ONCE


def as_weighed(dossier: Dossier, weighting: Weighting) -> Dossier:
    """Return the dossier with track records only where the region uses them.

    Without them every reporter counts as a new one. Where they are in `shadow`, assess both.
    """
    match weighting:
        case Weighting.OFF | Weighting.SHADOW:
            return replace(dossier, records=MappingProxyType({}))
        case Weighting.PRIORITY_ONLY | Weighting.PRIORITY_AND_THRESHOLD:
            return dossier


def assess(
    dossier: Dossier, guidelines: Guidelines, priors: Mapping[TopicId, Prior], on: date
) -> tuple[Assessment, ...]:
    """Return one assessment for each guideline that a report or a signal names, ordered by id.

    Reports of other rounds do not count, nor do guidelines that are not about this kind of
    subject or no longer exist. A topic without a prior has `DEFAULT_PRIOR`.
    """
    groups = merge_colluding(dossier.co_reports)
    signals: dict[GuidelineId, list[Signal]] = defaultdict(list)
    for signal in dossier.signals:
        signals[signal.guideline].append(signal)
    filed = filed_by([each for each in dossier.reports if each.round == dossier.round])
    named = [guidelines.by_id[each] for each in sorted({*signals, *filed.by} & {*guidelines.by_id})]
    hearings = {}
    flaggers = frozenset(each.pseudonym for each in dossier.reports if each.by_trusted_flagger)
    for topic in {guideline.topic for guideline in named}:
        of_topic = [each.id for each in named if each.topic == topic]
        prior = priors.get(topic, DEFAULT_PRIOR)
        trust = _trust(dossier.records, topic, prior, flaggers, on)
        hearings[topic] = _hearing(of_topic, filed, dossier, groups, trust)
    return tuple(
        _assess_one(hearings[each.topic], each, filed, signals[each.id])
        for each in named
        if dossier.kind in each.subjects
    )


def _assess_one(
    hearing: "_Hearing", guideline: Guideline, filed: Filed, signals: Sequence[Signal]
) -> Assessment:
    dossier = hearing.dossier
    is_reported = guideline.id in filed.by
    machine = tuple(
        Term(name=f"machine: {modality}", nats=nats)
        for modality, nats in machine_evidence(signals).items()
    )
    before = (
        Term(name="base rate", nats=log_odds(guideline.base_rate)),
        Term(name="moderator", nats=dossier.human.get(guideline.id, 0.0)),
        *machine,
    )
    own = filed.by.get(guideline.id, frozenset())
    full = hearing.hear(hearing.everybody, own, guideline)
    backing, consenting = full, Backing()
    if not is_exempt(guideline):
        if dossier.spent:
            backing = hearing.hear(hearing.unspent, own, guideline)
        own = filed.by_consenting.get(guideline.id, frozenset())
        consenting = hearing.hear(hearing.consenting, own, guideline)
    learnt = hearing.trust.prior.reported
    terms = (
        *before,
        Term(name="unproven voices", nats=full.unproven_nats),
        Term(name="proven voices", nats=full.proven_nats),
        Term(name=SILENT_VIEWERS, nats=-full.silence_nats),
        *([Term(name=REPORTED, nats=learnt)] if is_reported and learnt else []),
        *([Term(name="strikes", nats=STRUCK)] if dossier.is_struck else []),
    )
    return Assessment(
        guideline=guideline.id,
        log_odds=math.fsum(term.nats for term in terms),
        terms=terms,
        machine=math.fsum(term.nats for term in machine),
        voices_proven=full.proven,
        voices_unproven=full.unproven,
        unreported=math.fsum(term.nats for term in before),
        backing=backing,
        consenting=consenting,
        is_reported=is_reported,
        has_notice=guideline.id in filed.noticed,
        has_flagged_notice=guideline.id in filed.flagged,
        is_known=any(each.verified and each.modality is Modality.KNOWN for each in signals),
        is_looked_at=guideline.id in dossier.human,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trust:
    """What track records of one topic say: who is proven, and the log-odds that one is right."""

    prior: Prior
    proven: frozenset[Pseudonym]
    belief: Callable[[Reporter], float]


def _trust(
    records: Mapping[tuple[Pseudonym, TopicId], TrackRecord],
    topic: TopicId,
    prior: Prior,
    flaggers: frozenset[Reporter],
    on: date,
) -> _Trust:
    @cache
    def belief(reporter: Reporter) -> float:
        record = None if reporter is None else records.get((reporter, topic))
        right, wrong = posterior(record, prior, on)
        nats = math.log(right) - math.log(wrong)
        return max(nats, belief(None)) if reporter is not None and reporter in flaggers else nats

    proven = (
        reporter
        for (reporter, about), record in records.items()
        if about == topic and is_proven_on(record, on)
    )
    return _Trust(prior=prior, proven=frozenset(proven), belief=belief)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """Who is heard on a topic: all, those with budget left, and who of them may be guessed."""

    dossier: Dossier
    trust: _Trust
    everybody: Voices
    unspent: Voices
    consenting: Voices

    def hear(self, heard: Voices, own: AbstractSet[Reporter], guideline: Guideline) -> Backing:
        """What voices add up to for one guideline of the topic, which its `own` reporters named."""
        weigh = self.scales(own, guideline)
        proven_groups = [members for members, _ in heard.groups if members]
        unproven_groups = [members for _, members in heard.groups if members]
        proven = weigh(heard.proven, proven_groups, PROVEN_MAX)
        unproven = weigh(heard.unproven, unproven_groups, UNPROVEN_MAX)
        proven_nats = add_up(proven, _concave, C_KNOWN)
        unproven_nats = add_up(unproven, math.fsum, C_NEW)
        silence = (
            REPORTS_PER_VIEW_VIOLATING - REPORTS_PER_VIEW_BENIGN
        ) * self.dossier.organic_views
        return Backing(
            unproven_nats=unproven_nats,
            proven_nats=proven_nats,
            silence_nats=min(EXPOSURE_MAX, silence, unproven_nats + proven_nats),
            unproven=len(heard.unproven) + sum(not members for members, _ in heard.groups),
            proven=len(heard.proven) + len(proven_groups),
        )

    def scales(
        self, own: AbstractSet[Reporter], guideline: Guideline
    ) -> Callable[[Iterable[Reporter], Iterable[frozenset[Pseudonym]], float], Iterator[float]]:
        """What tells how much voices say of the guideline, in nats, each up to a most.

        First come those who speak alone and named it themselves: they say the most.
        """
        sibling = self.trust.prior.sibling
        belief, base = self.trust.belief, log_odds(guideline.base_rate)
        newcomer = min(belief(None) - base, UNPROVEN_MAX)
        least = max(W_MIN, GRAVE_SHARE * newcomer) if guideline.grave else W_MIN

        def weigh(
            alone: Iterable[Reporter], groups: Iterable[frozenset[Pseudonym]], most: float
        ) -> Iterator[float]:
            def nats(reporter: Reporter) -> float:
                share = 1.0 if reporter in own else sibling
                return share * max(least, min(belief(reporter) - base, most))

            yield from (nats(each) for each in alone if each in own)
            yield from (nats(each) for each in alone if each not in own)
            yield from (max(map(nats, members)) for members in groups)

        return weigh


def _hearing(
    guidelines: Sequence[GuidelineId],
    filed: Filed,
    dossier: Dossier,
    groups: Sequence[frozenset[Pseudonym]],
    trust: _Trust,
) -> _Hearing:
    everybody = frozenset().union(*(filed.by.get(each, ()) for each in guidelines))
    consenting = frozenset().union(*(filed.by_consenting.get(each, ()) for each in guidelines))
    return _Hearing(
        dossier=dossier,
        trust=trust,
        everybody=voices(everybody, groups, trust.proven),
        unspent=voices(everybody - dossier.spent, groups, trust.proven),
        consenting=voices(consenting - dossier.spent, groups, trust.proven),
    )


def _concave(nats: Sequence[float]) -> float:
    """What proven voices add up to: the strongest in full, the rest in part."""
    strongest = sorted(nats, reverse=True)
    return math.fsum(strongest[:TOP_PROVEN]) + REST_SHARE * math.fsum(strongest[TOP_PROVEN:])
