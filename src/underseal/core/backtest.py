"""A backtest: what other guidelines would have led to, of what is known of past rounds.

Each round is weighed and judged by the same functions as everything else, twice: under the
guidelines in force, and under those that are tried. Nothing about it may come from its own
outcome: whoever puts a `PastRound` together leaves out the decision, and what it taught.

Invariants:
    Where two guidelines are the same, nothing comes and nothing goes.
    What was before is what stayed and what is gone; what is after, what stayed and what came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from underseal.core.effect import Context, choose, needs_look
from underseal.core.evidence import Assessment, Dossier, as_weighed, assess
from underseal.core.figures import FEW, Share
from underseal.core.findings import FoundOnVersion, human_shifts
from underseal.core.guideline import GuidelineId, Guidelines, TopicId
from underseal.core.prevalence import Audit, Prevalence, estimate
from underseal.core.prior import Prior, in_force
from underseal.core.visibility import Level


class Fate(StrEnum):
    """What guidelines lead to; what is held or less seen may be queued, too."""

    REMOVED = "removed"
    HELD = "held"
    NOT_RECOMMENDED = "not_recommended"
    QUEUED = "queued"


RESTRICTED: Final = frozenset({Fate.REMOVED, Fate.HELD, Fate.NOT_RECOMMENDED})
"""The fates that a creator could notice."""

_FATE_OF: Final = {
    Level.REMOVED: Fate.REMOVED,
    Level.HELD: Fate.HELD,
    Level.NOT_RECOMMENDED: Fate.NOT_RECOMMENDED,
}


class RoundEnd(StrEnum):
    """What ended a round."""

    PERSON = "person"
    MACHINE = "machine"
    NEW_VERSION = "new_version"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The last word of people on a round: the guideline that was broken, or none."""

    broken: GuidelineId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRound:
    """A round as it was just before its end, or as it is.

    The dossier's `human` is empty: it follows from `found`, what people had found by then on the
    version, and from the guidelines. `judged` is None where no person has decided. `is_cover` says
    that chance had it looked at.
    """

    dossier: Dossier
    found: Sequence[FoundOnVersion]
    context: Context
    priors: Mapping[TopicId, Prior]
    on: date
    end: RoundEnd
    judged: Judged | None
    is_cover: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """What guidelines lead to in one round: by all of them, and by each as if it were the only one."""

    overall: frozenset[Fate]
    by_guideline: Mapping[GuidelineId, frozenset[Fate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many rounds, what people found of them, and how many organic views they had had."""

    rounds: int = 0
    broke: int = 0
    cleared: int = 0
    views: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            rounds=self.rounds + other.rounds,
            broke=self.broke + other.broke,
            cleared=self.cleared + other.cleared,
            views=self.views + other.views,
        )

    @property
    def undecided(self) -> int:
        """How many no person has decided."""
        return self.rounds - self.broke - self.cleared

    @property
    def precision(self) -> Share:
        """Of those that people decided, the share that was found to break the guideline."""
        return Share(hits=self.broke, cases=self.broke + self.cleared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The rounds of one fate: those that `stay`, that `come` with the guidelines tried, and that `go`."""

    stay: Tally = Tally()
    come: Tally = Tally()
    go: Tally = Tally()

    @property
    def before(self) -> Tally:
        """Under the guidelines in force."""
        return self.stay + self.go

    @property
    def after(self) -> Tally:
        """Under those that are tried."""
        return self.stay + self.come


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One guideline, or all together if it is None.

    `named` are the rounds in which a report or a machine spoke of it, `broken` those in which
    people found it broken. `by_reports_alone` says that no machine ever spoke of it: then every
    count here is one of reports.
    """

    guideline: GuidelineId | None
    named: Tally
    broken: int
    by_reports_alone: bool
    fates: Mapping[Fate, Change]

    def is_told(self, *tallies: Tally) -> bool:
        """Return whether these counts are told: few reports could tell of a person."""
        counts = (
            count
            for each in tallies
            for count in (each.rounds, each.broke, each.cleared, each.undecided)
        )
        return not self.by_reports_alone or not any(0 < count < FEW for count in counts)

    def recall(self, tally: Tally) -> Share:
        """Of the rounds in which people found it broken, the share that is in a tally."""
        return Share(hits=tally.broke, cases=self.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An answered look by chance, and what the round that it looked at leads to."""

    audit: Audit
    before: frozenset[Fate]
    after: frozenset[Fate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A share of all views, under the guidelines in force and under those that are tried."""

    before: Prevalence
    after: Prevalence


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFigures:
    """What looks by chance say, as shares of all views.

    `violating` are views of what breaks a guideline; `missed` those of them where nothing is
    restricted and nobody asked to look, `caught` those where something is restricted; `withheld`
    are views of what breaks none and is restricted.
    """

    violating: Prevalence
    missed: Compared
    caught: Compared
    withheld: Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What other guidelines would have led to since a day.

    `before` and `after` are the versions in force and tried. `gone` are guidelines that are only in
    the former, `new` those only in the latter, `unknown` those that history names and neither has.
    """

    since: date
    before: str
    after: str
    rounds: Mapping[RoundEnd, int]
    overall: Row
    cover: Row
    by_guideline: tuple[Row, ...]
    gone: tuple[GuidelineId, ...]
    new: tuple[GuidelineId, ...]
    unknown: tuple[GuidelineId, ...]
    audits: AuditFigures


def fates(past: PastRound, guidelines: Guidelines) -> Fates:
    """Return what a round leads to under some guidelines."""
    dossier = replace(past.dossier, human=human_shifts(past.found, guidelines))
    assessments = assess(
        as_weighed(dossier, past.context.weighting),
        guidelines,
        in_force(past.priors, guidelines),
        past.on,
    )
    return Fates(
        overall=_fates(assessments, guidelines, past.context),
        by_guideline={
            each.guideline: _fates([each], guidelines, past.context) for each in assessments
        },
    )


@dataclass(slots=True, kw_only=True)
class Backtesting:
    """Counts one past round after the other, under guidelines in force and others that are tried."""

    before: Guidelines
    after: Guidelines
    _ends: dict[RoundEnd, int] = field(default_factory=lambda: dict.fromkeys(RoundEnd, 0))
    _overall: "_Counting" = field(default_factory=lambda: _Counting(guideline=None))
    _cover: "_Counting" = field(default_factory=lambda: _Counting(guideline=None))
    _rows: dict[GuidelineId, "_Counting"] = field(default_factory=dict)

    def add(self, past: PastRound) -> tuple[frozenset[Fate], frozenset[Fate]]:
        """Count a round; return what it leads to under either guidelines."""
        before, after = fates(past, self.before), fates(past, self.after)
        self._ends[past.end] += 1
        self._overall.add(past, before.overall, after.overall)
        if past.is_cover:
            self._cover.add(past, before.overall, after.overall)
        nothing: frozenset[Fate] = frozenset()
        for guideline in _named(past):
            row = self._rows.setdefault(guideline, _Counting(guideline=guideline))
            row.add(
                past,
                before.by_guideline.get(guideline, nothing),
                after.by_guideline.get(guideline, nothing),
            )
        return before.overall, after.overall

    def result(self, since: date, drawn: Sequence[Drawn]) -> Backtest:
        """Return what was counted, and what looks by chance say of it."""
        old, new = self.before.by_id.keys(), self.after.by_id.keys()
        known = [*self.before.by_id, *(each for each in self.after.by_id if each not in old)]
        return Backtest(
            since=since,
            before=self.before.version,
            after=self.after.version,
            rounds=MappingProxyType(dict(self._ends)),
            overall=self._overall.row(),
            cover=self._cover.row(),
            by_guideline=tuple(self._rows[each].row() for each in known if each in self._rows),
            gone=tuple(sorted(old - new)),
            new=tuple(sorted(new - old)),
            unknown=tuple(sorted(self._rows.keys() - old - new)),
            audits=audit_figures(drawn),
        )


def audit_figures(drawn: Sequence[Drawn]) -> AuditFigures:
    """Return what looks by chance say, which machines and reports had no part in choosing."""

    def share(*which: bool) -> Prevalence:
        return estimate(
            [replace(each.audit, found=counts) for each, counts in zip(drawn, which, strict=True)]
        )

    def compared(*, found: bool, restricted: bool) -> Compared:
        """Of what was found to break a guideline, or not: what is restricted, or untouched."""

        def counts(led_to: frozenset[Fate]) -> bool:
            return bool(led_to & RESTRICTED) if restricted else not led_to

        return Compared(
            before=share(*(each.audit.found is found and counts(each.before) for each in drawn)),
            after=share(*(each.audit.found is found and counts(each.after) for each in drawn)),
        )

    return AuditFigures(
        violating=share(*(each.audit.found for each in drawn)),
        missed=compared(found=True, restricted=False),
        caught=compared(found=True, restricted=True),
        withheld=compared(found=False, restricted=True),
    )


@dataclass(slots=True, kw_only=True)
class _Counting:
    """A row that is being counted."""

    guideline: GuidelineId | None
    named: Tally = Tally()
    broken: int = 0
    is_reported: bool = False
    is_spoken_of: bool = False
    fates: dict[Fate, Change] = field(default_factory=lambda: dict.fromkeys(Fate, Change()))

    def add(self, past: PastRound, before: frozenset[Fate], after: frozenset[Fate]) -> None:
        one = self.tally(past)
        reported = self.is_among(report.guideline for report in past.dossier.reports)
        spoken_of = self.is_among(signal.guideline for signal in past.dossier.signals)
        self.broken += one.broke
        if reported or spoken_of or self.guideline is None:
            self.named += one
        self.is_reported |= reported
        self.is_spoken_of |= spoken_of
        for fate in before | after:
            was = self.fates[fate]
            if fate not in after:
                self.fates[fate] = replace(was, go=was.go + one)
            elif fate not in before:
                self.fates[fate] = replace(was, come=was.come + one)
            else:
                self.fates[fate] = replace(was, stay=was.stay + one)

    def is_among(self, named: Iterable[GuidelineId]) -> bool:
        return any(self.guideline in {None, each} for each in named)

    def tally(self, past: PastRound) -> Tally:
        """This one round, by what people found."""
        broke = past.judged is not None and past.judged.broken is not None
        if self.guideline is not None:
            broke = past.judged is not None and past.judged.broken == self.guideline
        return Tally(
            rounds=1,
            broke=int(broke),
            cleared=int(past.judged is not None and not broke),
            views=past.dossier.organic_views,
        )

    def row(self) -> Row:
        return Row(
            guideline=self.guideline,
            named=self.named,
            broken=self.broken,
            by_reports_alone=self.is_reported and not self.is_spoken_of,
            fates=MappingProxyType(dict(self.fates)),
        )


def _fates(
    assessments: Sequence[Assessment], guidelines: Guidelines, context: Context
) -> frozenset[Fate]:
    effect = choose(assessments, guidelines, context)
    if effect is not None and effect.level is Level.REMOVED:
        return frozenset({Fate.REMOVED})  # what machines decide needs no look
    found = set() if effect is None else {_FATE_OF[effect.level]}
    if needs_look(assessments, guidelines, context) is not None:
        found.add(Fate.QUEUED)
    return frozenset(found)


def _named(past: PastRound) -> set[GuidelineId]:
    """Every guideline that a report, a machine or a person spoke of."""
    named = {each.guideline for each in past.dossier.reports}
    named |= {each.guideline for each in past.dossier.signals}
    if past.judged is not None and past.judged.broken is not None:
        named.add(past.judged.broken)
    return named
