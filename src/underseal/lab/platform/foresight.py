"""How many people are about to see a video: the forecast of `core.reach`, learnt as worlds go by."""

from datetime import timedelta
from typing import Final

import numpy as np

from underseal.core.reach import HORIZON, UNTAUGHT, Seen, forecast, learn
from underseal.lab.platform.world import World

_HOUR: Final = timedelta(hours=1)
_HORIZON_HOURS: Final = HORIZON // _HOUR

LEARNS_HOURS: Final = 6
"""How often it learns, in hours. `flow.learn_reach` does at every tick; any hour teaches the same."""


class Foresight:
    """Learns from what was watched a day ago and since, as `flow.learn_reach` does."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._outlook = UNTAUGHT
        self._forecast = forecast(UNTAUGHT)
        self._learnt_until = 0

    def views_per_hour(self, video: int, hour: int) -> float:
        """Return the organic views an hour to be expected over the day after an hour has passed."""
        while self._learnt_until + LEARNS_HOURS <= hour:
            self._learnt_until += LEARNS_HOURS
            self._learn(self._learnt_until - _HORIZON_HOURS)
        return self._forecast.views_per_hour(self._seen(video, hour))

    def _learn(self, hour: int) -> None:
        published, life = self._world.videos.published, self._world.settings.feed.life_hours
        alive = np.flatnonzero((published < hour) & (published >= hour - life))
        observed = [
            (seen, self._rate_after(video, hour))
            for video in alive.tolist()
            if (seen := self._seen(video, hour - 1)).rate > 0
        ]
        self._outlook = learn(self._outlook, observed, LEARNS_HOURS * _HOUR)
        self._forecast = forecast(self._outlook)

    def _seen(self, video: int, hour: int) -> Seen:
        """What has been seen of a video by the end of an hour."""
        total = self._world.organic_views(video, hour + 1)
        return Seen(rate=float(total - self._world.organic_views(video, hour)), total=float(total))

    def _rate_after(self, video: int, hour: int) -> float:
        later = self._world.organic_views(video, hour + _HORIZON_HOURS)
        return (later - self._world.organic_views(video, hour)) / _HORIZON_HOURS
