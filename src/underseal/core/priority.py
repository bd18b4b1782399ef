"""Which case a moderator sees next, and what they are told of why.

Duties come first, of each rank by the time at which they are due; everything else by its regret
rate, so that a look prevents as much harm, or gives back as much speech, as a look can.

With fewer looks than duties, whoever goes by dates looks at nothing but what is late, and so late at
everything (Buttazzo et al., RTSS 1995). So grave duties come before all others, and those that a law
or a hold sets the time for before what has merely waited; and of what has waited, every second look
passes over what is late.

Invariants:
    What a moderator reads here names no reporter, no number of reporters and no exact weight.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.effect import Look, is_unseen_grave, regret_rate
from underseal.core.evidence import OF_REPORTS, Assessment, probability
from underseal.core.guideline import C_NEW, GuidelineId, Guidelines
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.visibility import Level


class Lane(StrEnum):
    """What kind of case it is, for filters; the order is that of `order_key` alone."""

    DUTY = "duty"
    APPEAL = "appeal"
    GRAVE = "grave"
    HELD = "held"
    ORDINARY = "ordinary"


HOLD_SHARE: Final = 0.5
"""The part of a hold's life after which it is a duty: what is left is for the look."""

DUTY_RANK: Final[Mapping[Lane, int]] = MappingProxyType(
    {Lane.GRAVE: 0, Lane.DUTY: 1, Lane.APPEAL: 1, Lane.HELD: 1, Lane.ORDINARY: 2}
)
"""Which duties come first, whatever is due: the least. `cases.duty_rank` repeats it."""

WAITED_RANK: Final = DUTY_RANK[Lane.ORDINARY]
"""The last rank of duties: what has waited as long as it should."""

REVIEW_SHARE: Final[Mapping[Lane, float]] = MappingProxyType(
    {
        Lane.DUTY: 0.0,
        Lane.APPEAL: 0.5,
        Lane.GRAVE: 0.0,
        Lane.HELD: 0.875,
        Lane.ORDINARY: 0.75,
    }
)
"""The part of its review time after which a case is a duty. Settings: ordinary ones late, so that
harm and not age orders the queue for long; later still, and many are late (ADR 0021)."""

FLAGGED_SHARE: Final = 0.5
"""The part of its review time after which a notice of a trusted flagger is due: before other notices
of the same time (DSA, Article 22(1)). A setting."""

UNASSESSED_REVIEW: Final = timedelta(hours=24)
"""Review time of a case without an assessment, such as a failed scan. A setting."""

SUSPECTED_REVIEW: Final = timedelta(days=14)
"""Review time of what nobody has reported and machines are not sure of. Nobody is owed that look: it
is worth what it prevents, and never becomes a duty. Where more is suspected than can be looked at,
age would order the queue. A setting: by then hardly anybody watches a video any more."""


class Band(StrEnum):
    """How strong something is, as moderators see it."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


_PROBABILITY_BANDS: Final = ((0.75, Band.VERY_HIGH), (0.4, Band.HIGH), (0.1, Band.MEDIUM))
_NATS_BANDS: Final = ((2 * C_NEW, Band.VERY_HIGH), (C_NEW, Band.HIGH), (C_NEW / 2, Band.MEDIUM))
"""Where the bands begin. Settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """An assessment as moderators see it: how probable, and how much comes from where."""

    probability: Band
    machine: Band
    reports: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands in the queue.

    `views_per_hour` is the organic rate; for what is held or removed, the views it is denied, as
    forecast when that began. `queued_at` is when its review time begins, later for what is in the
    queue before anybody is owed a look. `due_at` is what the law or an order sets. `reports_due_at`
    is when its oldest report must have been looked at.
    """

    kind: CaseKind
    level: Level
    look: Look
    views_per_hour: float
    queued_at: datetime
    due_at: datetime | None = None
    reports_due_at: datetime | None = None
    hold_since: datetime | None = None
    hold_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """The place of a case in the queue, and `because`: one sentence for moderators.

    From `duty_from` on, if ever, it is a duty, due at `due_at`; before, `rate` orders it, in harm
    units an hour. `guideline` is the one the case is about, and `views_per_hour` are what `rate` and `because`
    reckon with, if any.
    """

    lane: Lane
    guideline: GuidelineId | None
    due_at: datetime
    duty_from: datetime | None
    rate: float
    because: str
    views_per_hour: float | None = None


def prioritise(
    assessments: Sequence[Assessment], guidelines: Guidelines, standing: Standing
) -> Priority:
    """Return the priority of a case; it need not be told again as time passes."""
    about = _about(assessments, guidelines, standing)
    lane = _lane(assessments, guidelines, standing)
    review = _review_time(assessments, about, guidelines, standing)
    clocks = _clocks(review or SUSPECTED_REVIEW, standing, lane, is_owed=review is not None)
    duties = [duty_from for duty_from, _ in clocks if duty_from is not None]
    return Priority(
        lane=lane,
        guideline=about.guideline if about else None,
        due_at=min(due_at for _, due_at in clocks),
        duty_from=min(duties, default=None),
        rate=max((_rate(each, guidelines, standing) for each in assessments), default=0.0),
        because=_because(about, guidelines, standing),
        views_per_hour=standing.views_per_hour if assessments else None,
    )


def passes_over_late(now: datetime) -> bool:
    """Return whether a look that begins now passes over what has waited and is late: in odd seconds.

    That is every second look, in the long run, and nobody has to keep count. A setting.
    """
    return now.second % 2 == 1


def order_key(priority: Priority, now: datetime) -> tuple[int, float, float]:
    """Return what sorts the queue: duties by rank and the time they are due, then the highest rate."""
    rank = DUTY_RANK[priority.lane]
    is_duty = priority.duty_from is not None and priority.duty_from <= now
    is_late = rank == WAITED_RANK and priority.due_at < now
    if is_duty and not (is_late and passes_over_late(now)):
        return rank, priority.due_at.timestamp(), -priority.rate
    return WAITED_RANK + 1, -priority.rate, priority.due_at.timestamp()


def bands(assessment: Assessment) -> Bands:
    """Return what moderators see of an assessment."""
    beside = [each.nats for each in assessment.terms if each.name not in OF_REPORTS]
    return bands_of(assessment.log_odds, assessment.machine, math.fsum(beside))


def bands_of(log_odds: float, machine: float, unreported: float) -> Bands:
    """Return what moderators see of an assessment with these nats."""
    return Bands(
        probability=_band(probability(log_odds), _PROBABILITY_BANDS),
        machine=nats_band(machine),
        reports=nats_band(math.fsum((log_odds, -unreported))),
    )


def nats_band(nats: float) -> Band:
    """Return how strong evidence of so many nats is."""
    return _band(nats, _NATS_BANDS)


def explain(assessment: Assessment) -> tuple[str, ...]:
    """Return every term of an assessment and their sum, a line each, for auditors."""
    lines = [f"{term.nats:+8.3f} {term.name}" for term in assessment.terms]
    total = f"{assessment.log_odds:+8.3f} log-odds of {assessment.guideline}"
    return (*lines, f"{total}, a probability of {probability(assessment.log_odds):.2%}")


def _rate(assessment: Assessment, guidelines: Guidelines, standing: Standing) -> float:
    guideline = guidelines.by_id[assessment.guideline]
    return regret_rate(assessment, guideline, standing.level, standing.views_per_hour)


def _about(
    assessments: Sequence[Assessment], guidelines: Guidelines, standing: Standing
) -> Assessment | None:
    """The assessment the look is for; else the one with the most to regret."""
    match standing.look:
        case Look.NOTICE:
            flagged = [each for each in assessments if each.has_flagged_notice]
            wanted = flagged or [each for each in assessments if each.has_notice]
        case Look.GRAVE:
            wanted = [
                each
                for each in assessments
                if each.is_reported and guidelines.by_id[each.guideline].grave
            ]
        case Look.SCAN_FAILED | Look.HOLD | Look.REGRET | Look.WAITED | Look.REPORTED:
            wanted = []
    return max(
        wanted or assessments,
        key=lambda each: (_rate(each, guidelines, standing), each.log_odds, each.guideline),
        default=None,
    )


def _lane(assessments: Sequence[Assessment], guidelines: Guidelines, standing: Standing) -> Lane:
    """The gravest that holds: a notice of what is grave is no less grave than a report."""
    if standing.kind is CaseKind.APPEAL:
        return Lane.APPEAL
    is_grave = any(is_unseen_grave(each, guidelines) for each in assessments)
    if is_grave or standing.look is Look.GRAVE:
        return Lane.GRAVE
    if standing.due_at is not None:
        return Lane.DUTY
    match standing.look:
        case Look.NOTICE:
            return Lane.DUTY
        case Look.HOLD:
            return Lane.HELD
        case Look.SCAN_FAILED | Look.REGRET | Look.WAITED | Look.REPORTED:
            return Lane.ORDINARY


def _review_time(
    assessments: Sequence[Assessment],
    about: Assessment | None,
    guidelines: Guidelines,
    standing: Standing,
) -> timedelta | None:
    """The shortest of all that is reported, or that machines are sure of; None: it is owed no look.

    By the most probable one alone it would tell which report came first: clocks only run ahead.
    """
    timed = [
        each
        for each in assessments
        if each.is_reported or each.machine >= guidelines.by_id[each.guideline].machine_bound
    ]
    if timed:
        return timedelta(hours=min(_review_hours(each, guidelines) for each in timed))
    if about is None:
        return UNASSESSED_REVIEW
    if standing.look is Look.REGRET and standing.reports_due_at is None:
        return None
    return timedelta(hours=guidelines.by_id[about.guideline].review_hours)


def _review_hours(assessment: Assessment, guidelines: Guidelines) -> float:
    hours = guidelines.by_id[assessment.guideline].review_hours
    return FLAGGED_SHARE * hours if assessment.has_flagged_notice else hours


def _clocks(
    review: timedelta, standing: Standing, lane: Lane, *, is_owed: bool
) -> list[tuple[datetime | None, datetime]]:
    """When each clock makes the case a duty, if it does, and when it is due by it."""
    due_at = standing.queued_at + review
    if standing.reports_due_at is not None:
        due_at = max(standing.queued_at, min(due_at, standing.reports_due_at))
    duty_from = _part(standing.queued_at, due_at, REVIEW_SHARE[lane]) if is_owed else None
    clocks = [(duty_from, due_at)]
    if standing.due_at is not None:
        clocks.append((standing.queued_at, standing.due_at))
    if standing.hold_since is not None and standing.hold_expires_at is not None:
        expires_at = standing.hold_expires_at
        clocks.append((_part(standing.hold_since, expires_at, HOLD_SHARE), expires_at))
    return clocks


def _part(since: datetime, until: datetime, share: float) -> datetime:
    return since + (until - since) * share


def _because(about: Assessment | None, guidelines: Guidelines, standing: Standing) -> str:
    if standing.kind is CaseKind.APPEAL:
        return "The creator appeals, and somebody else looks again."
    if about is None or standing.look is Look.SCAN_FAILED:
        return "No detector could look at it."
    label = guidelines.by_id[about.guideline].label[FALLBACK_LANGUAGE]
    probable = bands(about).probability.replace("_", " ")
    views = _two_digits(standing.views_per_hour)
    worth = f"A {probable} probability of {label}, at about {views} views an hour."
    notice = "A trusted flagger's notice" if about.has_flagged_notice else "A notice"
    return {
        Look.NOTICE: f"{notice} says that it is illegal: {label}.",
        Look.GRAVE: f"Reported for {label}, which somebody always looks at.",
        Look.HOLD: f"Held for {label} until somebody has looked.",
        Look.WAITED: f"What was reported has waited long enough: {label}.",
        Look.REGRET: worth,
        Look.REPORTED: worth,
    }[standing.look]


def _band(amount: float, begins: tuple[tuple[float, Band], ...]) -> Band:
    if amount <= 0:
        return Band.NONE
    return next((band for least, band in begins if amount >= least), Band.LOW)


def _two_digits(number: float) -> str:
    """A count to two significant digits, with separators: 1,200."""
    if number < 1:
        return "0"
    digit = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return f"{round(number / digit) * digit:,}"
