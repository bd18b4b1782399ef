"""The videos: who made them, what they break, and how many watch them hour by hour."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.core.signal import Modality, Signal
from underseal.lab.platform.crowd import Floats, Ints, unit_lognormal
from underseal.lab.platform.settings import Settings

HARMLESS: Final = -1
"""Stands for a guideline where none is broken."""

_MODALITY: Final = {"lab_image": Modality.IMAGE, "lab_text": Modality.TEXT}
_ALIKE: Final = 0.3
"""How far machines and people mistake the same: a correlation."""

_LATE_PEAK_HOURS: Final = (48, 192)
_LATE_WIDTH_HOURS: Final = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Videos:
    """The videos by number, in the order of their publication.

    `breaks` is the place of the guideline in `Settings.guidelines`, or `HARMLESS`; `likeness` is
    the one that somebody who misjudges the video would name. `blatancy` multiplies how often a
    viewer reports. `views` has the views of each hour after the publication. `signals` are what
    machines say of each.
    """

    creator: Ints
    community: Ints
    published: Ints
    breaks: Ints
    likeness: Ints
    blatancy: Floats
    views: NDArray[np.int32]
    signals: tuple[tuple[Signal, ...], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.creator)


def draw_videos(rng: np.random.Generator, settings: Settings) -> Videos:
    """Draw videos, most of them little watched; some creators break guidelines again and again."""
    feed, reporting = settings.feed, settings.reporting
    fame = unit_lognormal(rng, feed.fame_spread, feed.creators)
    home = rng.integers(settings.crowd.communities, size=feed.creators)
    creator = rng.integers(feed.creators, size=feed.videos)
    badness = rng.gamma(0.3, 1 / 0.3, feed.creators)[creator]
    is_bad = rng.random(feed.videos) < np.minimum(0.9, feed.violating * badness)
    likeness = rng.integers(len(settings.guidelines), size=feed.videos)
    latent = rng.standard_normal(feed.videos)
    spread = np.where(is_bad, reporting.blatancy_spread, reporting.likeness_spread)
    reach = rng.lognormal(np.log(feed.reach), feed.reach_spread, feed.videos) * fame[creator]
    breaks = np.where(is_bad, likeness, HARMLESS)
    awake = np.array(feed.rhythm)[np.arange(settings.hours) % 24]
    published = np.sort(rng.choice(settings.hours, feed.videos, p=awake / awake.sum()))
    return Videos(
        creator=creator,
        community=home[creator],
        published=published,
        breaks=breaks,
        likeness=likeness,
        blatancy=np.exp(spread * latent - spread**2 / 2),
        views=_draw_views(rng, np.minimum(reach, feed.reach_max), published, settings),
        signals=_draw_signals(rng, breaks, likeness, latent, settings),
    )


def _draw_views(
    rng: np.random.Generator, reach: Floats, published: Ints, settings: Settings
) -> NDArray[np.int32]:
    feed = settings.feed
    age = np.arange(feed.life_hours)[None, :]
    fading = rng.lognormal(np.log(feed.fading_hours), feed.fading_spread, len(reach))[:, None]
    curve = np.exp(-age / fading)
    late = rng.random(len(reach)) < feed.late
    peak = rng.uniform(*_LATE_PEAK_HOURS, len(reach))[late, None]
    curve[late] = 0.05 * curve[late] + np.exp(-(((age - peak) / _LATE_WIDTH_HOURS) ** 2) / 2)
    curve *= np.array(feed.rhythm)[(published[:, None] + age) % 24]
    expected = reach[:, None] * curve / curve.sum(1, keepdims=True)
    views: NDArray[np.int32] = rng.poisson(expected).astype(np.int32)
    return views


def _draw_signals(
    rng: np.random.Generator, breaks: Ints, likeness: Ints, looks: Floats, settings: Settings
) -> tuple[tuple[Signal, ...], ...]:
    """What machines say of each video, with the weights that are true of their scores.

    What people easily take for a breach, or as easily see as one, machines do a little, too.
    """
    by_video: list[list[Signal]] = [[] for _ in breaks]
    for machine in settings.machines:
        d, place = machine.separation, settings.guidelines.index(machine.guideline)
        alike = np.where(likeness == place, _ALIKE, 0.0)
        chance = rng.standard_normal(len(breaks))
        score = alike * looks + np.sqrt(1 - alike**2) * chance + d * (breaks == place)
        weights = d * score - d**2 / 2
        for video, (x, weight) in enumerate(zip(score.tolist(), weights.tolist(), strict=True)):
            by_video[video].append(
                Signal(
                    detector=machine.name,
                    detector_version="1",
                    modality=_MODALITY[machine.name],
                    guideline=machine.guideline,
                    score=float(1 / (1 + np.exp(d / 2 - x))),
                    weight=weight,
                    moment=None,
                )
            )
    return tuple(map(tuple, by_video))
