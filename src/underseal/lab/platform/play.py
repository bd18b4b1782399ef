"""A world is played hour by hour: reports arrive, a rule judges, moderators decide."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from underseal.core.decision import Outcome
from underseal.core.report import CountedReport
from underseal.core.visibility import Level
from underseal.lab.platform.moderators import capacity, decide
from underseal.lab.platform.played import Played
from underseal.lab.platform.reports import NO_ATTACK, Reports
from underseal.lab.platform.rules import Case, Judged, Rule, at
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.tally import Tally
from underseal.lab.platform.world import World, draw_world

RECHECKED_AT: Final = frozenset({1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 60, 72, 84})
RECHECK_HOURS: Final = 24
"""The ages, in hours, at which a case is judged anew though nothing but views has changed; later,
once a day. The product does it at every tick."""

NOT_RECOMMENDED_SHARE: Final = 0.3
"""The share of those who would have watched that still do so without recommendations: as the costs
of the guidelines have it."""

RuleOf = Callable[[World], Rule]


def play(settings: Settings, rule: RuleOf, seed: int) -> Played:
    """Draw a world and play it under a rule; the same arguments give the same play."""
    return play_world(draw_world(settings, seed), rule)


def play_world(world: World, rule: RuleOf) -> Played:
    """Play a world from its first hour to its last."""
    playing = _Play(world, rule(world))
    for hour in range(world.settings.hours):
        playing.pass_hour(hour)
    return playing.result()


class _Play:
    """One play under way: what holds now, and what takes place at the next tick."""

    def __init__(self, world: World, rule: Rule) -> None:
        self._world = world
        self._rule = rule
        self._cases = [Case(video=video) for video in range(world.videos.count)]
        self._queue: dict[int, Judged] = {}
        self._followed: set[int] = set()
        self._intended: dict[int, Judged] = {}
        self._decided: dict[int, Level] = {}
        self._tally = Tally(world)
        self._next = 0

    def pass_hour(self, hour: int) -> None:
        """Let an hour pass; what was intended or decided in the one before takes place first."""
        changed = {*self._take_place(hour), *self._expire(hour)}
        changed |= {*self._publish(hour), *self._file(hour), *self._recheck(hour)}
        for video in sorted(changed):
            self._judge(self._cases[video], hour)
        for _ in range(min(capacity(self._world.settings.staff, hour), len(self._queue))):
            # Every second look begins in an odd second: see `core.priority.passes_over_late`.
            now = at(hour) + timedelta(seconds=self._tally.decisions % 2)
            _, video = min((judged.order(now), video) for video, judged in self._queue.items())
            self._decide(self._cases[video], hour)

    def result(self) -> Played:
        """Return what came of it."""
        return self._tally.result(self._queue)

    def _take_place(self, hour: int) -> list[int]:
        for video, level in self._decided.items():
            self._cases[video].level = level
            self._tally.show(video, level, hour)
        changed = list(self._intended)
        for video, judged in self._intended.items():
            case = self._cases[video]
            assert judged.level is not None, "nothing else is intended"
            case.level = judged.level
            if judged.level is Level.HELD:
                case.held_at = hour
                case.held_until = judged.hold_hours and hour + judged.hold_hours
            self._rule.restricted(case, judged, hour)
            self._tally.restrict(case, judged, hour)
        self._decided.clear()
        self._intended.clear()
        return changed

    def _expire(self, hour: int) -> Iterator[int]:
        """Holds that nobody decided about become milder; the case stays open."""
        for video, judged in self._queue.items():
            case = self._cases[video]
            if case.level is Level.HELD and case.held_until == hour:
                case.level = Level.NOT_RECOMMENDED
                self._tally.restrict(case, judged, hour)
                yield video

    def _publish(self, hour: int) -> range:
        published, first = self._world.videos.published, self._next
        while self._next < len(published) and published[self._next] <= hour:
            self._next += 1
        return range(first, self._next)

    def _file(self, hour: int) -> Iterator[int]:
        reports, first = self._world.reports, self._world.filed_from
        for each in range(first[hour], first[hour + 1]):
            video = int(reports.video[each])
            case = self._cases[video]
            if not _is_filed(case.level, reports, each):
                continue
            report = CountedReport(
                subject_id=self._world.subjects[video],
                round=case.round,
                guideline=self._world.guideline(int(reports.guideline[each])),
                pseudonym=self._world.pseudonyms[reports.account[each]],
                after_outcome=case.level is not Level.PUBLIC,
                may_be_guessed=False,
                is_notice=False,
            )
            case.reports.append(report)
            case.attacked += bool(reports.attack[each] != NO_ATTACK)
            case.reported_at = hour if case.reported_at is None else case.reported_at
            self._rule.count(case, report)
            self._followed.add(video)
            yield video

    def _recheck(self, hour: int) -> Iterator[int]:
        for video in self._followed | self._queue.keys():
            age = hour - int(self._world.videos.published[video])
            if age in RECHECKED_AT or age % RECHECK_HOURS == 0:
                yield video

    def _judge(self, case: Case, hour: int) -> None:
        judged = self._rule.judge(case, hour)
        self._tally.judge(case, judged)
        is_again = judged.level is Level.HELD and case.held_at is not None
        if judged.level is not None and not is_again:
            self._intended[case.video] = judged
        if judged.look is not None:
            case.queued_at = hour if case.queued_at is None else case.queued_at
            case.look = judged.look
            self._queue[case.video] = judged

    def _decide(self, case: Case, hour: int) -> None:
        judged = self._queue.pop(case.video)
        decision = decide(self._world, case, judged.about, self._tally.decisions, hour)
        self._tally.decide(case, judged, decision, hour)
        self._rule.learn(case, decision, hour)
        self._intended.pop(case.video, None)
        self._followed.discard(case.video)
        is_removed = decision.verdict.outcome is Outcome.REMOVE
        level = Level.REMOVED if is_removed else Level.PUBLIC
        self._decided[case.video] = level
        self._cases[case.video] = Case(
            video=case.video, round=case.round + 1, level=case.level, is_cleared=not is_removed
        )


def _is_filed(level: Level, reports: Reports, each: int) -> bool:
    """Whether a report is filed though its video is restricted: brigades need no recommendation."""
    match level:
        case Level.PUBLIC:
            return True
        case Level.NOT_RECOMMENDED:
            by_link = reports.attack[each] != NO_ATTACK
            return bool(by_link or reports.chance[each] < NOT_RECOMMENDED_SHARE)
        case Level.HELD | Level.REMOVED:
            return False
