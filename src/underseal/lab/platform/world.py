"""A world: everything that would happen on the platform if nobody moderated."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from underseal.core.guideline import GuidelineId, Guidelines
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectId
from underseal.core.visibility import STRICTNESS
from underseal.lab.own_guidelines import own_guidelines
from underseal.lab.platform.brigades import Attack, draw_abuse
from underseal.lab.platform.crowd import Floats, Ints, People, draw_people
from underseal.lab.platform.reports import Reports, draw_reports, gather
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.videos import Videos, draw_videos

_STREAMS: Final = 5
"""Each part is drawn by itself: more brigades make no other videos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What would happen, and what the rules know: guidelines, ids, views as they are counted.

    `organic` has what the platform counts as organic views up to the beginning of each hour after
    the publication; `watched` what really took place, and is what does harm. `error` and `chosen`
    are one number in [0, 1) for each video: they decide whether a moderator errs on it.
    """

    settings: Settings
    guidelines: Guidelines
    people: People
    videos: Videos
    reports: Reports
    attacks: tuple[Attack, ...]
    organic: NDArray[np.int64]
    watched: NDArray[np.int64]
    error: Floats
    pseudonyms: tuple[Pseudonym, ...]
    subjects: tuple[SubjectId, ...]
    filed_from: Ints
    """The first report of each hour, and their number at the end."""

    def guideline(self, place: int) -> GuidelineId:
        """Return the guideline that arrays name by its place."""
        return self.settings.guidelines[place]

    def organic_views(self, video: int, hour: int) -> int:
        """Return the views of a video that the platform counts as organic, up to an hour."""
        age = hour - int(self.videos.published[video])
        return int(self.organic[video, min(max(age, 0), self.organic.shape[1] - 1)])

    def real_views(self, video: int, hour: int) -> int:
        """Return the views by people up to an hour, if nobody moderates."""
        age = hour - int(self.videos.published[video])
        return int(self.watched[video, min(max(age, 0), self.watched.shape[1] - 1)])

    def harm_a_view(self, video: int) -> tuple[float, ...]:
        """Return what a view of a video does at each level, in harm units."""
        place = int(self.videos.breaks[video])
        if place < 0:
            return (0.0,) * len(STRICTNESS)
        costs = self.guidelines.by_id[self.guideline(place)].costs
        return tuple(costs[level].harm for level in STRICTNESS)


def draw_world(settings: Settings, seed: int) -> World:
    """Draw a world; the same settings and seed give the same one."""
    of_people, of_videos, of_reports, of_abuse, of_order = (
        np.random.default_rng([seed, stream]) for stream in range(_STREAMS)
    )
    crowd = draw_people(of_people, settings)
    videos = draw_videos(of_videos, settings)
    honest = draw_reports(of_reports, crowd, videos, settings)
    abuse = draw_abuse(of_abuse, crowd, videos, settings)
    reports = gather(of_order, [*honest, *abuse.filed], settings)
    watched = _summed(videos.views)
    organic = videos.views.astype(np.int64)
    for video, hour, views in abuse.inflated:
        age = hour - videos.published[video]
        if age < organic.shape[1]:
            organic[video, age] += int(views * settings.attackers.counted)
    return World(
        settings=settings,
        guidelines=own_guidelines(),
        people=abuse.people,
        videos=videos,
        reports=reports,
        attacks=abuse.attacks,
        organic=_summed(organic),
        watched=watched,
        error=of_order.random(videos.count),
        pseudonyms=tuple(Pseudonym(each.to_bytes(32)) for each in range(abuse.people.count)),
        subjects=tuple(SubjectId(UUID(int=each)) for each in range(videos.count)),
        filed_from=np.searchsorted(reports.hour, np.arange(settings.hours + 1)),
    )


def _summed(views: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    sums = np.zeros((views.shape[0], views.shape[1] + 1), np.int64)
    np.cumsum(views, axis=1, out=sums[:, 1:])
    return sums
