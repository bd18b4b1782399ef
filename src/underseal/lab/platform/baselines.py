"""The rules of others: counting, Discourse's score, and naive Bayes."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from underseal.core.decision import Decision, Finding
from underseal.core.effect import Look
from underseal.core.evidence import probability
from underseal.core.guideline import GuidelineId, log_odds
from underseal.core.prior import DEFAULT_PRIOR
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.track_record import posterior
from underseal.core.visibility import Level
from underseal.lab.platform.records import Records
from underseal.lab.platform.rules import Case, Judged, Opinion, at
from underseal.lab.platform.world import World

COUNT_HOLDS: Final = 5
"""Reports from which counting holds, as many platforms are said to do."""

DISCOURSE_HOLDS: Final = 20.0
"""Score from which Discourse's is taken to hold: see `DiscourseScore`."""

DISCOURSE_RESOLVED: Final = 5
DISCOURSE_ACCURATE: Final = 0.7
"""Resolved flags up to which accuracy says nothing, and what an accurate flagger reaches."""

NAIVE_BAYES_HOLDS: Final = 2.2
"""Log-odds from which naive Bayes holds: a probability of 90 %."""

_RATIO_MAX: Final = math.log(40)
"""The most that naive Bayes lets one reporter say, for or against, in nats."""


class CountFive:
    """Holds what five have reported, and looks first at what most have."""

    def count(self, _case: Case, _report: CountedReport) -> None:
        """Nothing is remembered of reporters."""

    def restricted(self, _case: Case, _judged: Judged, _hour: int) -> None:
        """Nothing is remembered of effects."""

    def learn(self, _case: Case, _decision: Decision, _hour: int) -> None:
        """Nothing is learnt from decisions."""

    def judge(self, case: Case, _hour: int) -> Judged:
        """Count."""
        return _judged(case, len(_reporters(case)), COUNT_HOLDS)


class DiscourseScore:
    """Adds up what reporters are trusted with, and looks first at what scores most.

    Source:
        Discourse, `app/models/reviewable_score.rb`: 1 + trust level + accuracy bonus, which is 0 up
        to five resolved flags and else, of accuracy a = agreed / n: (a - .7) / .3 * log4(n) * 5
        from .7 on, (a - .7) / .7 * log4(n) * 5 below; at least 0. Every account here is of trust
        level 1, as who has read a little is.
    """

    def __init__(self) -> None:
        self._agreed: dict[Pseudonym, int] = {}
        self._resolved: dict[Pseudonym, int] = {}

    def count(self, _case: Case, _report: CountedReport) -> None:
        """Reports count once they are resolved."""

    def restricted(self, _case: Case, _judged: Judged, _hour: int) -> None:
        """Nothing is remembered of effects."""

    def learn(self, case: Case, decision: Decision, _hour: int) -> None:
        """Count whether the decision agrees with each reporter."""
        agrees = decision.verdict.finding is Finding.ACTIONED
        for reporter in _reporters(case):
            self._resolved[reporter] = self._resolved.get(reporter, 0) + 1
            self._agreed[reporter] = self._agreed.get(reporter, 0) + agrees

    def judge(self, case: Case, _hour: int) -> Judged:
        """Add up the scores."""
        score = math.fsum(map(self._score, _reporters(case)))
        return _judged(case, score, DISCOURSE_HOLDS)

    def _score(self, reporter: Pseudonym) -> float:
        resolved = self._resolved.get(reporter, 0)
        trust_level, bonus = 1.0, 0.0
        if resolved > DISCOURSE_RESOLVED:
            beyond = self._agreed[reporter] / resolved - DISCOURSE_ACCURATE
            widest = 1 - DISCOURSE_ACCURATE if beyond >= 0 else DISCOURSE_ACCURATE
            bonus = beyond / widest * math.log(resolved, 4) * 5
        return max(0.0, 1.0 + trust_level + bonus)


class NaiveBayes:
    """Adds up log-likelihood ratios of reporters and machines, as if nobody knew anybody.

    Reporters have the records that Underseal would keep of them. It looks first at what is most
    probable.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._records = Records(world.guidelines)

    def count(self, _case: Case, _report: CountedReport) -> None:
        """Reports count once they are resolved."""

    def restricted(self, _case: Case, _judged: Judged, _hour: int) -> None:
        """Nothing is remembered of effects."""

    def learn(self, case: Case, decision: Decision, hour: int) -> None:
        """Credit the reporters of the round."""
        self._records.credit(decision, case.reports, at(hour).date())

    def judge(self, case: Case, hour: int) -> Judged:
        """Add up what speaks for each guideline that is named."""
        signals = () if case.is_cleared else self._world.videos.signals[case.video]
        machine = {each.guideline: each.weight or 0.0 for each in signals}
        odds: dict[GuidelineId, tuple[float, float]] = {}
        for guideline in sorted({*machine, *(each.guideline for each in case.reports)}):
            base = log_odds(self._world.guidelines.by_id[guideline].base_rate)
            alone = base + machine.get(guideline, 0.0)
            said = self._said(guideline, case.reports, base, hour)
            odds[guideline] = alone + said, alone
        most, alone = max(odds.values(), default=(-math.inf, -math.inf))
        return replace(
            _judged(case, most, NAIVE_BAYES_HOLDS),
            by_reports=alone < NAIVE_BAYES_HOLDS,
            about=max(odds, key=lambda each: odds[each], default=None),
            opinions=tuple(
                Opinion(guideline=guideline, probability=probability(nats))
                for guideline, (nats, _) in odds.items()
            ),
        )

    def _said(
        self, about: GuidelineId, reports: Sequence[CountedReport], base: float, hour: int
    ) -> float:
        """What all who named something of the topic say, in nats."""
        by_id, on = self._world.guidelines.by_id, at(hour).date()
        topic = by_id[about].topic
        reporters = {each.pseudonym for each in reports if by_id[each.guideline].topic == topic}
        prior = self._records.priors(on).get(topic, DEFAULT_PRIOR)
        said = []
        for reporter in reporters:
            record = None if reporter is None else self._records.of(reporter, topic)
            right, wrong = posterior(record, prior, on)
            said.append(max(-_RATIO_MAX, min(math.log(right / wrong) - base, _RATIO_MAX)))
        return math.fsum(said)


def _judged(case: Case, score: float, holds: float) -> Judged:
    """Hold from a score on, and queue whatever is reported or held by it."""
    look = Look.HOLD if score >= holds else Look.REGRET if case.reports else case.look
    named = Counter(each.guideline for each in case.reports)
    return Judged(
        level=Level.HELD if score >= holds and case.level is Level.PUBLIC else None,
        by_reports=True,
        hold_hours=None,
        look=look,
        about=max(named, key=lambda each: (named[each], each), default=None),
        opinions=(),
        order=lambda _: (-score,),
    )


def _reporters(case: Case) -> set[Pseudonym]:
    return {each.pseudonym for each in case.reports if each.pseudonym is not None}
