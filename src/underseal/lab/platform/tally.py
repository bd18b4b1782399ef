"""What is written down while a world is played."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from underseal.core.decision import Decision
from underseal.core.effect import Look
from underseal.core.report import Pseudonym
from underseal.core.visibility import STRICTNESS, Level
from underseal.lab.platform.played import Looked, Played, Restriction
from underseal.lab.platform.rules import Case, Judged
from underseal.lab.platform.videos import HARMLESS
from underseal.lab.platform.world import World


class Tally:
    """Collects what came of a play under way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looked: list[Looked] = []
        self._restrictions: list[Restriction] = []
        self._open: dict[int, Restriction] = {}
        self._levels: defaultdict[int, list[tuple[int, Level]]] = defaultdict(list)
        self._merged: set[Pseudonym] = set()
        self._weighed: set[Pseudonym] = set()

    @property
    def decisions(self) -> int:
        """How many there were."""
        return len(self._looked)

    def judge(self, case: Case, judged: Judged) -> None:
        """Note whose reports were judged, and who was taken for one voice."""
        self._weighed.update(each.pseudonym for each in case.reports if each.pseudonym is not None)
        self._merged.update(*judged.groups)

    def restrict(self, case: Case, judged: Judged, hour: int) -> None:
        """Note that a case is at another level, undecided."""
        self.show(case.video, case.level, hour)
        self._open[case.video] = Restriction(
            video=case.video,
            level=case.level,
            since=hour,
            until=self._world.settings.hours,
            by_reports=judged.by_reports,
            attacked=case.attacked,
        )

    def show(self, video: int, level: Level, hour: int) -> None:
        """Note a level from an hour on; a restriction that was there ends."""
        self._levels[video].append((hour, level))
        if video in self._open:
            self._restrictions.append(replace(self._open.pop(video), until=hour))

    def decide(self, case: Case, judged: Judged, decision: Decision, hour: int) -> None:
        """Note a decision, and what was held probable."""
        breaks = int(self._world.videos.breaks[case.video])
        self._looked.append(
            Looked(
                video=case.video,
                round=case.round,
                reports=len(case.reports),
                opinions=judged.opinions,
                truth=None if breaks == HARMLESS else self._world.guideline(breaks),
                found=decision.verdict.guideline,
                look=judged.look or Look.REGRET,
                queued_at=hour if case.queued_at is None else case.queued_at,
                hour=hour,
            )
        )

    def result(self, queue: Mapping[int, Judged]) -> Played:
        """Return all of it."""
        videos = range(self._world.videos.count)
        return Played(
            world=self._world,
            looked=tuple(self._looked),
            unlooked=tuple((video, judged.opinions) for video, judged in sorted(queue.items())),
            restrictions=(*self._restrictions, *self._open.values()),
            harm=tuple(self._harm(each, self._levels[each]) for each in videos),
            harm_unmoderated=tuple(self._harm(each, []) for each in videos),
            merged=frozenset(self._merged),
            weighed=frozenset(self._weighed),
        )

    def _harm(self, video: int, levels: list[tuple[int, Level]]) -> float:
        """What the views of a video did, level by level."""
        costs = dict(zip(STRICTNESS, self._world.harm_a_view(video), strict=True))
        changes = [(0, Level.PUBLIC), *levels]
        ends = [since for since, _ in levels] + [self._world.settings.hours]
        return sum(
            costs[level]
            * (self._world.real_views(video, until) - self._world.real_views(video, since))
            for (since, level), until in zip(changes, ends, strict=True)
        )
