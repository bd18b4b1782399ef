"""Underseal's own rule: the real `core`, as the flow uses it."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from underseal.core.case import CaseKind
from underseal.core.cliques import PSEUDONYMS_MAX, merge_colluding
from underseal.core.decision import Decision, Outcome
from underseal.core.effect import Context, Look, choose, is_burst_of, needs_look, undated_days
from underseal.core.evidence import (
    CLEARED,
    Dossier,
    Weighting,
    assess,
    probability,
)
from underseal.core.hold import HOLD_LENGTHS
from underseal.core.priority import Priority, Standing, order_key, prioritise
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.strike import STRIKE_DAYS
from underseal.core.subject import SubjectKind
from underseal.flow.assess import BUDGET_EFFECTS, BUDGET_PERIOD
from underseal.lab.platform.co_reports import CoReportBook
from underseal.lab.platform.foresight import Foresight
from underseal.lab.platform.records import Records
from underseal.lab.platform.rules import Case, Judged, Opinion, at
from underseal.lab.platform.world import World

_HOUR: Final = timedelta(hours=1)
WAITED_DAYS_MAX: Final = 7
"""Somebody looks at every report within so many days: what a deployment starts with."""

_OWED_AFTER: Final = timedelta(days=undated_days(WAITED_DAYS_MAX))
"""So long after its first report somebody is owed a look at what has waited for one."""

_QUALIFYING_SHARE: Final = 0.8
"""The share of organic viewers who qualify for a window: an assumption."""


class Ours:
    """Judges as `flow.assess` does, and credits as `flow.credit` does, without a database.

    What is judged in an hour is judged at its end: its views are known, its reports are in.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._records = Records(world.guidelines)
        self._foresight = Foresight(world)
        self._places: dict[tuple[int, int], Priority] = {}
        self._book = CoReportBook()
        self._found_harmless: set[int] = set()
        self._struck_at: dict[int, int] = {}
        self._effects: defaultdict[int, dict[int, tuple[int, frozenset[Pseudonym]]]] = defaultdict(
            dict
        )
        self._cleared = dict.fromkeys(world.guidelines.by_id, CLEARED)

    def count(self, case: Case, report: CountedReport) -> None:
        """Take note of who reported what."""
        if report.pseudonym is not None:
            self._book.add(case.video, report.pseudonym)

    def judge(self, case: Case, hour: int) -> Judged:
        """Assess the dossier; choose an effect, whether to look, and where in the queue."""
        dossier, guidelines = self._dossier(case, hour), self._world.guidelines
        on = at(hour).date()
        assessments = assess(dossier, guidelines, self._records.priors(on), on)
        context = self._context(case, dossier, hour)
        effect = choose(assessments, guidelines, context)
        look = needs_look(assessments, guidelines, context)
        standing = self._standing(case, context, look or Look.REGRET, hour)
        priority = prioritise(assessments, guidelines, standing)
        if look is not None:
            priority = self._place(case, priority)
        return Judged(
            level=effect.level if effect else None,
            by_reports=effect is not None and not effect.by_machine,
            hold_hours=HOLD_LENGTHS[guidelines.by_id[effect.guideline].severity] // _HOUR
            if effect
            else None,
            look=look,
            about=priority.guideline,
            opinions=tuple(
                Opinion(guideline=each.guideline, probability=probability(each.log_odds))
                for each in assessments
            ),
            order=lambda now: order_key(priority, now),
            groups=merge_colluding(dossier.co_reports),
        )

    def restricted(self, case: Case, judged: Judged, hour: int) -> None:
        """Take note of whose reports stand behind a visible effect."""
        creator = int(self._world.videos.creator[case.video])
        behind = frozenset(each.pseudonym for each in case.reports if each.pseudonym is not None)
        if judged.by_reports:
            self._effects[creator][case.video] = hour, behind

    def learn(self, case: Case, decision: Decision, hour: int) -> None:
        """Credit the reporters of the round."""
        if decision.verdict.outcome is Outcome.NO_VIOLATION:
            self._found_harmless.add(case.video)
        else:
            self._struck_at[int(self._world.videos.creator[case.video])] = hour
        self._records.credit(decision, case.reports, at(hour).date())

    def _dossier(self, case: Case, hour: int) -> Dossier:
        video, by_id = case.video, self._world.guidelines.by_id
        reporters = [each.pseudonym for each in case.reports if each.pseudonym is not None]
        topics = {by_id[each.guideline].topic for each in case.reports}
        records = {
            (reporter, topic): record
            for reporter in reporters
            for topic in topics
            if (record := self._records.of(reporter, topic)) is not None
        }
        resolved = dict.fromkeys(reporters, -1)
        for (reporter, _), record in records.items():
            resolved[reporter] = max(resolved[reporter], record.resolved)
        strongest = sorted(reporters, key=lambda each: (-resolved[each], each))[:PSEUDONYMS_MAX]
        organic = self._world.organic_views(video, hour + 1)
        return Dossier(
            subject_id=self._world.subjects[video],
            round=case.round,
            kind=SubjectKind.VIDEO,
            reports=tuple(case.reports),
            records=records,
            co_reports=self._book.of(video, strongest, partial(self._about, hour=hour)),
            signals=self._world.videos.signals[video],
            organic_views=organic,
            qualifying_viewers=int(_QUALIFYING_SHARE * organic),
            human=self._cleared if case.is_cleared else {},
            spent=self._spent(video, reporters, hour),
            is_struck=self._is_struck(video, hour),
        )

    def _about(self, video: int, hour: int) -> tuple[int, bool]:
        """The organic views of a video, and whether it was found to break nothing."""
        return self._world.organic_views(video, hour + 1), video in self._found_harmless

    def _is_struck(self, video: int, hour: int) -> bool:
        struck_at = self._struck_at.get(int(self._world.videos.creator[video]))
        return struck_at is not None and (hour - struck_at) // 24 < STRIKE_DAYS

    def _spent(self, video: int, reporters: list[Pseudonym], hour: int) -> frozenset[Pseudonym]:
        """Those who stood behind as many effects on this creator as one may."""
        others = [
            behind
            for other, (since, behind) in self._effects[
                int(self._world.videos.creator[video])
            ].items()
            if other != video and (hour - since) * _HOUR <= BUDGET_PERIOD
        ]
        return frozenset(
            each for each in reporters if sum(each in behind for behind in others) >= BUDGET_EFFECTS
        )

    def _place(self, case: Case, priority: Priority) -> Priority:
        """The place in the queue: clocks only run ahead while a round lasts."""
        known = self._places.get((case.video, case.round), priority)
        duties = [each for each in (known.duty_from, priority.duty_from) if each is not None]
        place = replace(
            priority,
            due_at=min(known.due_at, priority.due_at),
            duty_from=min(duties, default=None),
        )
        self._places[case.video, case.round] = place
        return place

    def _context(self, case: Case, dossier: Dossier, hour: int) -> Context:
        is_queued = case.queued_at is not None
        reported_at = hour if case.reported_at is None or is_queued else case.reported_at
        return Context(
            level=case.level,
            published=True,
            qualifying_viewers=dossier.qualifying_viewers,
            weighting=Weighting.PRIORITY_AND_THRESHOLD,
            guess_consent=False,
            views_per_hour=self._foresight.views_per_hour(case.video, hour),
            is_burst=is_burst_of(dossier),
            waited_days=(hour - reported_at) // 24,
            waited_days_max=WAITED_DAYS_MAX,
            is_queued=is_queued,
        )

    def _standing(self, case: Case, context: Context, look: Look, hour: int) -> Standing:
        reported_at = None if case.reported_at is None else at(case.reported_at)
        queued_at = at(hour if case.queued_at is None else case.queued_at)
        if look is Look.REPORTED and reported_at is not None:
            queued_at = reported_at + _OWED_AFTER
        return Standing(
            kind=CaseKind.REVIEW,
            level=context.level,
            look=look,
            views_per_hour=context.views_per_hour,
            queued_at=queued_at,
            reports_due_at=reported_at and reported_at + timedelta(days=WAITED_DAYS_MAX),
            hold_since=None if case.held_at is None else at(case.held_at),
            hold_expires_at=None if case.held_until is None else at(case.held_until),
        )
