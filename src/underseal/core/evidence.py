"""The evidence: how probable it is that a subject breaks a guideline, every term named.

For a subject and a guideline, in nats of log-odds:

    log-odds = ln odds(base rate) + what a moderator found + machine
             + max(0, min(C_NEW, Σ unproven voices) + min(C_KNOWN, concave Σ proven voices) - views)

A voice is worth ln odds(precision of its reporter) - ln odds(base rate), within bounds. Machine
evidence is the calibrated weight of each detector, capped per modality. `views` is what it says
that many saw the subject and did not report it.

Invariants:
    The terms sum to the log-odds.
    A report never speaks for its subject, and the order of reports makes no difference.
    Unproven voices add at most C_NEW, however many they are and however they coordinate.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
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
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import (
    DEFAULT_PRIOR,
    Prior,
    TrackRecord,
    at,
    is_proven,
    posterior,
)
from underseal.core.voices import Speaker, group_of, voices

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

SIBLING_SHARE: Final = 0.5
"""What a report for another guideline of the topic counts. A setting, until there are decisions
enough to measure which guidelines are taken for which."""

GRAVE_SHARE: Final = 0.5
"""A reporter of a grave guideline is devalued to half of an ordinary unproven one at most: child
abuse, threats to life, intimate images and terrorism are too grave for more. A setting."""

MODALITY_CAP: Final[Mapping[Modality, float]] = MappingProxyType(
    {
        Modality.IMAGE: math.log(1_000),
        Modality.SOUND: math.log(1_000),
        Modality.TEXT: math.log(1_000),
        Modality.KNOWN: math.log(1_000_000),
    }
)
"""The most, in nats, that detectors of one modality together can say, for or against. Settings:
what no human has labelled a thousand times cannot be known to a thousandth."""

CLEARED: Final = -(C_NEW + C_KNOWN + MODALITY_CAP[Modality.IMAGE])
"""The shift of the log-odds when a moderator found nothing on this version: more than all reports
and one modality can say. A setting."""

EXPOSURE_MAX: Final = math.log(50)
"""The most, in nats, that silent viewers can say for a subject. A setting."""

SILENT_VIEWERS: Final = "silent viewers"
"""The name of the term that tells of views."""

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
    reporters who already count towards as many visible effects on this creator as one may.
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
    guessed. `machine` is the machine evidence in nats. `is_known` says that a verified match of
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
    groups = group_of(merge_colluding(dossier.co_reports))
    signals: dict[GuidelineId, list[Signal]] = defaultdict(list)
    reports: dict[TopicId, list[CountedReport]] = defaultdict(list)
    reported: set[GuidelineId] = set()
    for signal in dossier.signals:
        signals[signal.guideline].append(signal)
    for report in dossier.reports:
        named = guidelines.by_id.get(report.guideline)
        if named is not None and report.round == dossier.round:
            reports[named.topic].append(report)
            reported.add(named.id)
    touched = (guidelines.by_id.get(each) for each in sorted({*signals, *reported}))
    return tuple(
        _assess_one(
            _Hearing(
                guideline=guideline,
                prior=priors.get(guideline.topic, DEFAULT_PRIOR),
                dossier=dossier,
                groups=groups,
                on=on,
            ),
            reports[guideline.topic],
            signals[guideline.id],
        )
        for guideline in touched
        if guideline is not None and dossier.kind in guideline.subjects
    )


def _assess_one(
    hearing: "_Hearing", reports: Sequence[CountedReport], signals: Sequence[Signal]
) -> Assessment:
    guideline, dossier = hearing.guideline, hearing.dossier
    machine = _machine_terms(signals)
    before = (
        Term(name="base rate", nats=log_odds(guideline.base_rate)),
        Term(name="moderator", nats=dossier.human.get(guideline.id, 0.0)),
        *machine,
    )
    full = hearing.hear(reports)
    backing, consenting = full, Backing()
    if not is_exempt(guideline):
        unspent = [each for each in reports if each.pseudonym not in dossier.spent]
        backing = full if len(unspent) == len(reports) else hearing.hear(unspent)
        consenting = hearing.hear([each for each in unspent if each.may_be_guessed])
    terms = (
        *before,
        Term(name="unproven voices", nats=full.unproven_nats),
        Term(name="proven voices", nats=full.proven_nats),
        Term(name=SILENT_VIEWERS, nats=-full.silence_nats),
    )
    own = [each for each in reports if each.guideline == guideline.id]
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
        is_reported=bool(own),
        has_notice=any(each.is_notice for each in own),
        is_known=any(each.verified and each.modality is Modality.KNOWN for each in signals),
        is_looked_at=guideline.id in dossier.human,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """What is needed to weigh reports for one guideline."""

    guideline: Guideline
    prior: Prior
    dossier: Dossier
    groups: Mapping[Pseudonym, int]
    on: date

    def hear(self, reports: Iterable[CountedReport]) -> Backing:
        """What `reports` add up to; all are of the guideline's topic."""
        heard = voices(self.speakers(reports), self.groups)
        unproven = [voice.weight for voice in heard if not voice.proven]
        proven = [voice.weight for voice in heard if voice.proven]
        concave = math.fsum(proven[:TOP_PROVEN]) + REST_SHARE * math.fsum(proven[TOP_PROVEN:])
        unproven_nats = min(C_NEW, math.fsum(unproven))
        proven_nats = min(C_KNOWN, concave)
        silence = (
            REPORTS_PER_VIEW_VIOLATING - REPORTS_PER_VIEW_BENIGN
        ) * self.dossier.organic_views
        return Backing(
            unproven_nats=unproven_nats,
            proven_nats=proven_nats,
            silence_nats=min(EXPOSURE_MAX, silence, unproven_nats + proven_nats),
            unproven=len(unproven),
            proven=len(proven),
        )

    def speakers(self, reports: Iterable[CountedReport]) -> Iterator[Speaker]:
        """Each reporter with the strongest of their reports."""
        newcomer = self.newcomer()
        shares: dict[Pseudonym, float] = {}
        for report in reports:
            share = 1.0 if report.guideline == self.guideline.id else SIBLING_SHARE
            if report.pseudonym is None:
                yield Speaker(pseudonym=None, weight=share * newcomer, proven=False)
            else:
                shares[report.pseudonym] = max(share, shares.get(report.pseudonym, 0.0))
        for pseudonym, share in shares.items():
            record = self.dossier.records.get((pseudonym, self.guideline.topic))
            proven = record is not None and is_proven(at(record, self.on))
            weight = newcomer if record is None else self.weigh(record, proven=proven)
            yield Speaker(pseudonym=pseudonym, weight=share * weight, proven=proven)

    def newcomer(self) -> float:
        """What a reporter without a record says, in nats."""
        return self.weigh(None, proven=False)

    def weigh(self, record: TrackRecord | None, *, proven: bool) -> float:
        """What a reporter with this record says of the guideline they name, in nats."""
        right, wrong = posterior(record, self.prior, self.on)
        nats = math.log(right) - math.log(wrong) - log_odds(self.guideline.base_rate)
        weight = max(W_MIN, min(nats, PROVEN_MAX if proven else UNPROVEN_MAX))
        if record is not None and self.guideline.grave:
            return max(weight, GRAVE_SHARE * self.newcomer())
        return weight


def _machine_terms(signals: Iterable[Signal]) -> tuple[Term, ...]:
    """One term a modality: the strongest signal of each detector, summed and capped."""
    strongest: dict[tuple[Modality, str], float] = {}
    for signal in signals:
        if signal.weight is None or math.isnan(signal.weight):
            continue
        key = signal.modality, signal.detector
        strongest[key] = max(signal.weight, strongest.get(key, -math.inf))
    return tuple(
        Term(name=f"machine: {modality}", nats=_capped(weights, MODALITY_CAP[modality]))
        for modality in Modality
        if (weights := [each for (of, _), each in strongest.items() if of is modality])
    )


def _capped(weights: Iterable[float], cap: float) -> float:
    total = math.fsum(max(-cap, min(weight, cap)) for weight in weights)
    return max(-cap, min(total, cap))
