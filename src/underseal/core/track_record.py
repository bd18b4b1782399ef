"""How often a reporter was right: a fold of what decisions said of their reports.

A record belongs to a pseudonym and a topic. What a reporter got right or wrong loses half its
weight every half-life, and a record says little until there is much of it: precision is shrunk
to that of the topic's whole population.

Invariants:
    Only human decisions teach anything about a reporter: an echo of the machine proves nothing.
    One decision credits a reporter at most once a topic, however many guidelines they named.
    The order in which credits arrive makes no difference, and what an appeal takes back leaves
    no trace.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from underseal.core.decision import Automation, Decision, Finding
from underseal.core.guideline import GuidelineId, Guidelines, TopicId
from underseal.core.prior import Prior, shrink
from underseal.core.report import CountedReport, Pseudonym

HALF_LIFE_DAYS: Final = 180
"""After so many days a credit counts half. A setting."""

PROVEN_RESOLVED: Final = 3
"""Reports resolved by humans before a reporter can be proven. A setting; Discourse asks for six,
Community Notes for ten."""

PROVEN_RIGHT: Final = 1.5
"""Right reports, decayed, that a proven reporter has: three stay enough for a half-life. A
setting."""

PROVEN_SHARE: Final = 2 / 3
"""The share of right ones that a proven reporter has. Community Notes counts raters from 0.66."""

SIBLING_RIGHT: Final = 0.5
"""Credit of a report that named another guideline of the topic. A setting: topics are chosen
first, and their guidelines are easily confused."""

CARRIED_LEAST: Final = 1 / 4
"""What is left of a count when it is carried over is no less than this, or nothing. A setting: of
20,000 reporters drawn from a long tail, 5 in 100 are alone with what is carried; with 1/16 it is
13, with exact records 54."""

_EARNED: Final[Mapping[Finding, tuple[float, float]]] = MappingProxyType(
    {
        Finding.ACTIONED: (1.0, 0.0),
        Finding.NO_VIOLATION: (0.0, 0.25),
        Finding.DUPLICATE: (0.0, 0.0),
        Finding.INSUFFICIENT: (0.0, 0.0),
        Finding.WRONG_CATEGORY: (0.0, 0.0),
        Finding.MANIFESTLY_UNFOUNDED: (0.0, 1.0),
    }
)
"""What counts as right and as wrong. Settings: a mistake in good faith costs a quarter of a
report that was made up, so that who is right every fourth time stays above an even chance (74 %
of the notices that TikTok reports under the DSA led to no action)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Decayed counts of right and wrong reports, as they stood on `as_of`.

    `resolved` counts the reports that human decisions judged; it does not decay.
    """

    right: float
    wrong: float
    resolved: int
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What one decision adds to one track record; negative where an appeal takes it back."""

    decision_id: UUID
    pseudonym: Pseudonym
    topic: TopicId
    guideline: GuidelineId
    finding: Finding
    right: float
    wrong: float
    resolved: int
    on: date


def credits(  # noqa: A001 - the word of the field; the interpreter's own is for its prompt
    decision: Decision, reports: Sequence[CountedReport], guidelines: Guidelines, on: date
) -> tuple[Credit, ...]:
    """Return what `decision` says about the reporters of its round, ordered by reporter and topic.

    Reports filed after an outcome could be seen earn nothing, nor do those of somebody without
    an account, of another round, or of another topic than the one that was actioned.
    """
    if decision.automation is Automation.FULLY:
        return ()
    best: dict[tuple[Pseudonym, TopicId], Credit] = {}
    for report in reports:
        if report.round != decision.round or report.after_outcome:
            continue
        credit = _credit(decision, report, guidelines, on)
        if credit is None:
            continue
        key = credit.pseudonym, credit.topic
        known = best.get(key)
        if known is None or _preference(credit) < _preference(known):
            best[key] = credit
    return tuple(best[key] for key in sorted(best))


def charged(credit: Credit, on: date) -> Credit:
    """Return what is added to a credit of a mistake in good faith when a charge is confirmed."""
    charge = Finding.MANIFESTLY_UNFOUNDED
    _, mistaken = _EARNED[Finding.NO_VIOLATION]
    _, made_up = _EARNED[charge]
    day = max(on, credit.on)
    return replace(credit, finding=charge, wrong=made_up - mistaken, resolved=0, on=day)


def reversal(credit: Credit, decision_id: UUID, on: date) -> Credit:
    """Return the credit by which `decision_id`, an appeal's, takes `credit` back on a day.

    It takes back what is left of it by then, so that from that day on the record is what it
    would have been without.
    """
    day = max(on, credit.on)
    kept = _kept(credit.on, day)
    return replace(
        credit,
        decision_id=decision_id,
        right=-credit.right * kept,
        wrong=-credit.wrong * kept,
        resolved=-credit.resolved,
        on=day,
    )


def fold(record: TrackRecord | None, earned: Iterable[Credit], on: date) -> TrackRecord:
    """Return `record` continued by what was `earned`, as it stands on a day.

    That day is `on`, or the latest one that the record or a credit knows, if a clock was behind.
    Each credit counts each time it is given: that it is given once is the caller's promise.
    """
    parts = [(each.right, each.wrong, each.resolved, each.on) for each in earned]
    if record is not None:
        parts.append((record.right, record.wrong, record.resolved, record.as_of))
    day = max(on, *(since for *_, since in parts)) if parts else on
    return TrackRecord(
        right=math.fsum(right * _kept(since, day) for right, _, _, since in parts),
        wrong=math.fsum(wrong * _kept(since, day) for _, wrong, _, since in parts),
        resolved=sum(resolved for _, _, resolved, _ in parts),
        as_of=day,
    )


def at(record: TrackRecord, on: date) -> TrackRecord:
    """Return `record` as it stands on a later day; an earlier one changes nothing."""
    day = max(on, record.as_of)
    kept = _kept(record.as_of, day)
    return replace(record, right=record.right * kept, wrong=record.wrong * kept, as_of=day)


def as_it_stood(record: TrackRecord, since: Iterable[Credit], on: date) -> TrackRecord | None:
    """Return `record` as it stood on an earlier day, before anything that it was credited `since`.

    `since` is every credit of that day and of later ones. None if nothing is left.
    """
    taken = [reversal(each, each.decision_id, record.as_of) for each in since]
    left = fold(record, taken, record.as_of)
    if left.resolved <= 0:
        return None
    day = min(on, left.as_of)
    kept = _kept(day, left.as_of)
    return TrackRecord(
        right=max(0.0, left.right / kept),
        wrong=max(0.0, left.wrong / kept),
        resolved=left.resolved,
        as_of=day,
    )


def merge(old: TrackRecord, new: TrackRecord) -> TrackRecord:
    """Return the record of a reporter whose last year's pseudonym had `old`."""
    day = max(old.as_of, new.as_of)
    earlier, later = at(old, day), at(new, day)
    return TrackRecord(
        right=earlier.right + later.right,
        wrong=earlier.wrong + later.wrong,
        resolved=earlier.resolved + later.resolved,
        as_of=day,
    )


def carried_over(old: TrackRecord, on: date) -> TrackRecord:
    """Return what a reporter's next pseudonym takes over on the day the link to `old` is cut.

    Counts are rounded to powers of two, and `resolved` goes no further than what being proven
    takes: an exact record can be computed for the old pseudonym as well, and whoever finds the same
    numbers under both has the link that was destroyed.
    """
    left = at(old, on)
    return TrackRecord(
        right=_rounded(left.right),
        wrong=_rounded(left.wrong),
        resolved=min(left.resolved, PROVEN_RESOLVED),
        as_of=on,
    )


def posterior(record: TrackRecord | None, prior: Prior, on: date) -> tuple[float, float]:
    """Return the parameters of the Beta posterior of a reporter's precision, both positive.

    Source:
        Detective (Tschiatschek et al., WWW 2018): Beta posteriors of reporters that only expert
        verdicts update. The decay and the shrinkage to a topic's population are ours.
    """
    if record is None:
        return shrink(0.0, 0.0, prior)
    kept = _kept(record.as_of, on)
    return shrink(max(0.0, record.right * kept), max(0.0, record.wrong * kept), prior)


def precision(record: TrackRecord | None, prior: Prior, on: date) -> float:
    """Return the expected share of right reports, in (0, 1); None stands for a new reporter."""
    right, wrong = posterior(record, prior, on)
    return right / (right + wrong)


def is_proven(record: TrackRecord) -> bool:
    """Return whether enough human decisions found the reporter right, as of the record's day."""
    return is_proven_on(record, record.as_of)


def is_proven_on(record: TrackRecord, on: date) -> bool:
    """Return what `is_proven` says of the record as it stands on a later day."""
    if record.resolved < PROVEN_RESOLVED or record.right < PROVEN_RIGHT:
        return False  # most are not: nothing grows by ageing
    kept = _kept(record.as_of, on)
    right, wrong = record.right * kept, record.wrong * kept
    return right >= PROVEN_RIGHT and right >= PROVEN_SHARE * (right + wrong)


def _credit(
    decision: Decision, report: CountedReport, guidelines: Guidelines, on: date
) -> Credit | None:
    named = guidelines.by_id.get(report.guideline)
    verdict = decision.verdict
    right, wrong = _EARNED[verdict.finding]
    if report.pseudonym is None or named is None or (right, wrong) == (0, 0):
        return None
    if verdict.guideline is not None and verdict.guideline != named.id:
        broken = guidelines.by_id.get(verdict.guideline)
        if broken is None or broken.topic != named.topic:
            return None
        right *= SIBLING_RIGHT
    return Credit(
        decision_id=decision.id,
        pseudonym=report.pseudonym,
        topic=named.topic,
        guideline=named.id,
        finding=verdict.finding,
        right=right,
        wrong=wrong,
        resolved=1,
        on=on,
    )


def _rounded(count: float) -> float:
    power = 2.0 ** round(math.log2(count)) if count > 0 else 0.0
    return power if power >= CARRIED_LEAST else 0.0


def _preference(credit: Credit) -> tuple[float, GuidelineId]:
    """The best first; of equals any, but always the same."""
    return -credit.right, credit.guideline


def _kept(since: date, on: date) -> float:
    """The share that is left of a count; all of it if `on` is no later than `since`."""
    return math.exp2(-(on - since).days / HALF_LIFE_DAYS) if on > since else 1.0
