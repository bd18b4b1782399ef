"""What an assessment leads to: a visible effect, a place in the queue, or nothing.

The level that costs least in expectation wins, among those that are allowed.

Invariants:
    Below a guideline's machine bound nothing visible happens without two independent voices, one
    of them proven: unproven accounts, however many, restrict nothing.
    Where reports may not be acted on, they change nothing that a creator can notice, not even
    beside machine evidence. A burst of them may not, until a person has looked.
    Machines remove only verified known content, where the guideline says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from underseal.core.cliques import is_burst
from underseal.core.disclosure import CROWD_MIN
from underseal.core.evidence import Assessment, Backing, Dossier, Weighting, is_exempt, probability
from underseal.core.guideline import Guideline, GuidelineId, Guidelines
from underseal.core.visibility import STRICTNESS, Level

VOICES_MIN: Final = 2
"""Independent voices without which reports restrict nothing. A setting: M3 asks for more than a
lone report."""

REGRET_RATE_MIN: Final = 1.0
"""Harm units an hour for which what is reported is owed a look within its review time. A setting."""

SUSPECTED_RATE_MIN: Final = 0.5
"""Harm units an hour for which what nobody has reported is in the queue. A setting; with half of it
more is suspected than can be looked at (ADR 0022)."""

REPORTED_RATE_MIN: Final = 0.02
REPORTED_VIEWERS_MIN: Final = 100
"""What is reported is in the queue from so many harm units an hour on, for whoever has nothing else to
look at, once so many have seen it: of fewer it would tell too much how soon somebody decided.
Settings; measured, less prevents hardly more (ADR 0022)."""


class Reason(StrEnum):
    """What an intended effect rests on."""

    KNOWN_CONTENT = "known_content"
    MACHINE = "machine"
    MACHINE_AND_REPORTS = "machine_and_reports"
    REPORTS = "reports"


class Look(StrEnum):
    """Why a person looks at a case."""

    NOTICE = "notice"
    GRAVE = "grave"
    SCAN_FAILED = "scan_failed"
    HOLD = "hold"
    REGRET = "regret"
    WAITED = "waited"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is to be known beside the evidence before anything is done.

    `level` is the present one, `views_per_hour` the organic rate. `guess_consent` says that a
    reporter, warned, asked to have their report acted on though the creator may guess who it was.
    `is_burst` says that more report it than its audience explains: see `core.cliques`.
    `waited_days` is the age of the oldest report of the round that no moderator has looked at, or up
    to half of `waited_days_max` more: see `waiting_from`. `is_queued` says that somebody is to look
    already.
    """

    level: Level
    published: bool
    qualifying_viewers: int
    weighting: Weighting
    guess_consent: bool
    views_per_hour: float = 0.0
    is_burst: bool = False
    scan_failed: bool = False
    waited_days: int = 0
    waited_days_max: int = 7
    is_queued: bool = False


def undated_days(waited_days_max: int) -> int:
    """Return how many days are not told apart of what waits for a look: half of the most it waits.

    From then on somebody is owed it; the other half is left for the queue.
    """
    return (waited_days_max + 1) // 2


def waiting_from(day: date, waited_days_max: int) -> date:
    """Return the day from which a report of `day` is said to wait for a look.

    It is the first of those days that are not told apart, the same for all that come in them: what
    is stored of waiting names no day, and nobody waits longer than they may.
    """
    days = undated_days(waited_days_max)
    return day - timedelta(days=day.toordinal() % days)


def owed_from(waits_from: date, waited_days_max: int) -> date:
    """Return the day from which a look is owed to what has waited since a day."""
    return waits_from + timedelta(days=undated_days(waited_days_max))


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedEffect:
    """A level that is to take place, and the guideline that is probably broken."""

    level: Level
    guideline: GuidelineId
    reason: Reason

    @property
    def by_machine(self) -> bool:
        """Whether machines alone lead to it: it would be the same without any report."""
        return self.reason in {Reason.KNOWN_CONTENT, Reason.MACHINE}

    @property
    def reports_alone(self) -> bool:
        """Whether it rests on reports, machine evidence being below the guideline's bound."""
        return self.reason is Reason.REPORTS


def is_burst_of(dossier: Dossier) -> bool:
    """Return whether more accounts report it than its audience explains; guests are nobody's."""
    reporters = {each.pseudonym for each in dossier.reports if each.pseudonym is not None}
    return is_burst(len(reporters), dossier.organic_views)


def choose(
    assessments: Sequence[Assessment], guidelines: Guidelines, context: Context
) -> IntendedEffect | None:
    """Return the strictest effect that any assessment leads to, if it is stricter than now.

    Of equally strict ones it is the most probable breach's, as far as that may show: a report
    that may not be acted on does not change which guideline is named either. Nothing here makes
    a restriction milder: that takes a decision.
    """
    effects = []
    for assessment in assessments:
        guideline = guidelines.by_id[assessment.guideline]
        backing = _visible_backing(assessment, guideline, context)
        effect = _effect(assessment, guideline, context, backing)
        if effect is not None:
            nats = assessment.unreported + backing.nats
            effects.append((STRICTNESS.index(effect.level), nats, effect.guideline, effect))
    return max(effects, key=lambda each: each[:3])[3] if effects else None


def needs_look(
    assessments: Sequence[Assessment], guidelines: Guidelines, context: Context
) -> Look | None:
    """Return why the case goes to the queue, the gravest reason first, or None.

    Grave guidelines get one look per version, whatever the weights; every report gets one before
    it has waited too long, as half of that time is left for it in the queue. Until then it is worth
    a look to whoever has nothing better to do, unless few have seen it or a moderator has just cleared
    it. What is in the queue stays there until somebody has looked.
    """
    intended = choose(assessments, guidelines, context)
    put_off = context.is_burst and choose(assessments, guidelines, replace(context, is_burst=False))
    regret = max((_regret_rate_now(each, guidelines, context) for each in assessments), default=0.0)
    is_reported = any(each.is_reported for each in assessments)
    least = REGRET_RATE_MIN if is_reported else SUSPECTED_RATE_MIN
    is_worth_it = regret >= REPORTED_RATE_MIN and context.qualifying_viewers >= REPORTED_VIEWERS_MIN
    looks = {
        Look.NOTICE: any(each.has_notice for each in assessments),
        Look.GRAVE: any(is_unseen_grave(each, guidelines) for each in assessments),
        Look.SCAN_FAILED: context.scan_failed,
        Look.HOLD: Level.HELD in {context.level, intended and intended.level},
        Look.REGRET: regret >= least or bool(put_off),
        Look.WAITED: context.waited_days > 0 and 2 * context.waited_days >= context.waited_days_max,
        Look.REPORTED: is_reported and (is_worth_it or context.is_queued),
    }
    suspected = Look.REGRET if context.is_queued else None
    return next((look for look, holds in looks.items() if holds), suspected)


def is_unseen_grave(assessment: Assessment, guidelines: Guidelines) -> bool:
    """Return whether something grave is reported that nobody has looked at yet."""
    return (
        assessment.is_reported
        and not assessment.is_looked_at
        and guidelines.by_id[assessment.guideline].grave
    )


def expected_cost(guideline: Guideline, level: Level, breach: float) -> float:
    """Return the cost of one view at `level`; `breach` is the probability of a breach."""
    cost = guideline.costs[level]
    return breach * cost.harm + (1 - breach) * cost.speech


def regret_rate(
    assessment: Assessment, guideline: Guideline, level: Level, views_per_hour: float
) -> float:
    """Return what leaving a subject at `level` until somebody looks costs, in harm units an hour.

    That is the expected cost of the present level beyond that of the best one, and the value of
    looking: the cost of the best one beyond what it would be if the truth were known. The best
    one itself cancels out.
    """
    breach = probability(assessment.log_odds)
    least_harm = min(cost.harm for cost in guideline.costs.values())
    least_speech = min(cost.speech for cost in guideline.costs.values())
    if_known = breach * least_harm + (1 - breach) * least_speech
    return views_per_hour * max(0.0, expected_cost(guideline, level, breach) - if_known)


def _regret_rate_now(assessment: Assessment, guidelines: Guidelines, context: Context) -> float:
    guideline = guidelines.by_id[assessment.guideline]
    return regret_rate(assessment, guideline, context.level, context.views_per_hour)


def _effect(
    assessment: Assessment, guideline: Guideline, context: Context, backing: Backing
) -> IntendedEffect | None:
    """What one assessment leads to, if it is stricter than the present level."""
    by_machine = assessment.machine >= guideline.machine_bound
    unbacked = Level.PUBLIC
    if by_machine:
        may_remove = assessment.is_known and guideline.remove_known_content
        strictest = Level.REMOVED if may_remove else Level.HELD
        unbacked = _cheapest(guideline, assessment.unreported, strictest)
    backed = Level.PUBLIC
    if by_machine or backing.proven:
        backed = _cheapest(guideline, assessment.unreported + backing.nats, Level.HELD)
    level = max(unbacked, backed, key=STRICTNESS.index)
    if STRICTNESS.index(level) <= STRICTNESS.index(context.level):
        return None
    if level is Level.REMOVED:
        reason = Reason.KNOWN_CONTENT
    elif level is unbacked:
        reason = Reason.MACHINE
    else:
        reason = Reason.MACHINE_AND_REPORTS if by_machine else Reason.REPORTS
    return IntendedEffect(level=level, guideline=guideline.id, reason=reason)


def _visible_backing(assessment: Assessment, guideline: Guideline, context: Context) -> Backing:
    """The reports that may show in an effect: none, but where region, crowd and number allow it."""
    if context.weighting is not Weighting.PRIORITY_AND_THRESHOLD or not context.published:
        return Backing()
    if is_exempt(guideline):
        backing = assessment.backing
    elif context.is_burst:
        return Backing()
    elif context.qualifying_viewers >= CROWD_MIN:
        backing = assessment.backing
    elif context.guess_consent:
        backing = assessment.consenting
    else:
        return Backing()
    return backing if backing.unproven + backing.proven >= VOICES_MIN else Backing()


def _cheapest(guideline: Guideline, nats: float, strictest: Level) -> Level:
    """The level up to `strictest` that costs least in expectation; of equal ones the mildest."""
    breach = probability(nats)
    allowed = STRICTNESS[: STRICTNESS.index(strictest) + 1]
    return min(allowed, key=lambda level: expected_cost(guideline, level, breach))
