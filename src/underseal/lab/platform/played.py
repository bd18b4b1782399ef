"""What came of a world under a rule."""

from dataclasses import dataclass

from underseal.core.effect import Look
from underseal.core.guideline import GuidelineId
from underseal.core.report import Pseudonym
from underseal.core.visibility import Level
from underseal.lab.platform.rules import Opinion
from underseal.lab.platform.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A decision, and what the rule held probable as the moderator took the case.

    `truth` is the guideline that the video breaks, `found` the one that the moderator found
    broken. Hours count from the beginning of the world.
    """

    video: int
    round: int
    reports: int
    opinions: tuple[Opinion, ...]
    truth: GuidelineId | None
    found: GuidelineId | None
    look: Look
    queued_at: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A stretch of hours `[since, until)` in which a video was at a level before any decision.

    `by_reports` says that it would not have been without reports, `attacked` how many reports of
    an attack the rule knew by then.
    """

    video: int
    level: Level
    since: int
    until: int
    by_reports: bool
    attacked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All that is to be known of a play. `harm` is in harm units, by video, and `harm_unmoderated`.

    `unlooked` are cases that were still in the queue at the end, by what the rule held probable;
    `merged` the reporters who were ever taken for one voice with others, `weighed` all whose
    reports were ever judged.
    """

    world: World
    looked: tuple[Looked, ...]
    unlooked: tuple[tuple[int, tuple[Opinion, ...]], ...]
    restrictions: tuple[Restriction, ...]
    harm: tuple[float, ...]
    harm_unmoderated: tuple[float, ...]
    merged: frozenset[Pseudonym]
    weighed: frozenset[Pseudonym]

    @property
    def waits(self) -> tuple[int, ...]:
        """How many hours each case that was looked at had waited."""
        return tuple(each.hour - each.queued_at for each in self.looked)
