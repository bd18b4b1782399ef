"""The reports that would be filed if nobody moderated: volunteered, and mostly right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from underseal.lab.platform.crowd import Floats, Ints, People, Temper, audience_shares
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.videos import HARMLESS, Videos

NO_ATTACK: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Reports, in the order of their `hour`, counted from the beginning of the world.

    `chance` is in [0, 1): where a video is shown to a share of those who would have watched, the
    reports below that share are filed. `attack` is the number of the attack one is part of.
    """

    hour: Ints
    account: Ints
    video: Ints
    guideline: Ints
    chance: Floats
    attack: Ints

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Reports before it is known what they name: `guideline` is what they should."""

    account: Ints
    video: Ints
    hour: Ints
    guideline: Ints
    attack: int = NO_ATTACK


def draw_reports(
    rng: np.random.Generator, people: People, videos: Videos, settings: Settings
) -> list[Filed]:
    """Draw what the crowd reports: breaches, what looks like one, what is disliked, anything."""
    watched = videos.views.sum(1)
    filed = [
        _by_viewers(rng, people, videos, community, settings)
        for community in range(settings.crowd.communities)
    ]
    return [
        *(each for group in filed for each in group),
        _by_petty(rng, people, videos, watched, settings),
        _by_trolls(rng, people, videos, watched, settings),
    ]


def gather(rng: np.random.Generator, filed: Iterable[Filed], settings: Settings) -> Reports:
    """Put reports together in order; of the same account and video the first is left."""
    parts = list(filed)
    account = np.concatenate([each.account for each in parts])
    video = np.concatenate([each.video for each in parts])
    hour = np.concatenate([each.hour for each in parts])
    attack = np.concatenate([np.full(len(each.account), each.attack) for each in parts])
    meant = np.concatenate([each.guideline for each in parts])
    named = np.where(attack == NO_ATTACK, _named(rng, meant, settings), meant)
    order = np.lexsort((account, video, hour))
    _, first = np.unique(video[order] * (account.max() + 1) + account[order], return_index=True)
    kept = order[np.sort(first)]
    kept = kept[hour[kept] < settings.hours]
    return Reports(
        hour=hour[kept],
        account=account[kept],
        video=video[kept],
        guideline=named[kept],
        chance=rng.random(len(kept)),
        attack=attack[kept],
    )


def when_watched(rng: np.random.Generator, videos: Videos, video: Ints) -> Ints:
    """Draw an hour in which each of these videos is watched, by its views."""
    seen = np.cumsum(videos.views[video], axis=1)
    drawn = rng.random(len(video)) * seen[:, -1]
    hours: Ints = videos.published[video] + (seen <= drawn[:, None]).sum(1)
    return hours


def _by_viewers(
    rng: np.random.Generator,
    people: People,
    videos: Videos,
    community: int,
    settings: Settings,
) -> list[Filed]:
    """What viewers of one community's videos report, of breaches and of the rest."""
    watched = videos.views.sum(1)
    reporting = settings.reporting
    shares = audience_shares(people, community, settings) * people.eagerness
    sincere = people.temper != Temper.TROLL
    mistaken = np.where(people.temper == Temper.CARELESS, reporting.carelessness, 1.0) * sincere
    filed = []
    for breaks, rate, weights in (
        (True, reporting.violating, shares * sincere),
        (False, reporting.harmless, shares * mistaken),
    ):
        chosen = np.flatnonzero(
            (videos.community == community) & ((videos.breaks != HARMLESS) == breaks)
        )
        expected = watched[chosen] * rate * videos.blatancy[chosen] * weights.sum()
        video = np.repeat(chosen, rng.poisson(expected))
        filed.append(
            Filed(
                account=rng.choice(people.count, len(video), p=weights / weights.sum()),
                video=video,
                hour=when_watched(rng, videos, video),
                guideline=videos.likeness[video],
            )
        )
    return filed


def _by_petty(
    rng: np.random.Generator, people: People, videos: Videos, watched: Ints, settings: Settings
) -> Filed:
    """What those who dislike a creator report of them."""
    reporting = settings.reporting
    fame = np.bincount(videos.creator, weights=watched, minlength=settings.feed.creators)
    petty = np.flatnonzero(people.temper == Temper.PETTY)
    of: dict[int, Ints] = {}
    account, video = [], []
    for each in petty.tolist():
        for creator in rng.choice(len(fame), reporting.dislikes, p=fame / fame.sum()).tolist():
            if creator not in of:
                of[creator] = np.flatnonzero(videos.creator == creator)
            hit = of[creator][rng.random(len(of[creator])) < reporting.spite]
            video.append(hit)
            account.append(np.full(len(hit), each))
    videos_hit = np.concatenate(video)
    return Filed(
        account=np.concatenate(account),
        video=videos_hit,
        hour=when_watched(rng, videos, videos_hit),
        guideline=videos.likeness[videos_hit],
    )


def _by_trolls(
    rng: np.random.Generator, people: People, videos: Videos, watched: Ints, settings: Settings
) -> Filed:
    trolls = np.flatnonzero(people.temper == Temper.TROLL)
    account = np.repeat(trolls, rng.poisson(settings.reporting.troll_reports, len(trolls)))
    video = rng.choice(videos.count, len(account), p=watched / watched.sum())
    return Filed(
        account=account,
        video=video,
        hour=when_watched(rng, videos, video),
        guideline=rng.integers(len(settings.guidelines), size=len(video)),
    )


def _named(rng: np.random.Generator, meant: Ints, settings: Settings) -> Ints:
    """What is named instead of what is meant: mostly the same.

    Guidelines of a topic come in pairs.
    """
    drawn = rng.random(len(meant))
    anything = rng.integers(len(settings.guidelines), size=len(meant))
    reporting = settings.reporting
    named = np.where(drawn < reporting.sibling, meant ^ 1, meant)
    return np.where(drawn > 1 - reporting.astray, anything, named)
