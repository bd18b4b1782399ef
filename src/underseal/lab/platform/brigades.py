"""Those who abuse reports: brigades, with and without camouflage, and creators with puppets."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from underseal.lab.platform.crowd import Ints, People, add_false
from underseal.lab.platform.reports import Filed, when_watched
from underseal.lab.platform.settings import Settings
from underseal.lab.platform.videos import HARMLESS, Videos

SPOILED: Final = 6
"""Harmless videos that each puppet reports to spoil its record."""

_TARGET_AGE_HOURS: Final = (3, 72)
_TARGET_VIEWS_MIN: Final = 30
_CAMOUFLAGE_AHEAD_HOURS: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack: the `turn`-th of its brigade, on a harmless video, from an hour on.

    `guideline` is the place of the one that is named; `inflated` the views that are brought.
    """

    brigade: int
    turn: int
    size: int
    camouflage: int
    video: int
    guideline: int
    hour: int
    inflated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse:
    """All that is done, the people with the false accounts, and the views brought by hour."""

    people: People
    attacks: tuple[Attack, ...]
    filed: tuple[Filed, ...]
    inflated: tuple[tuple[int, int, int], ...]
    """Video, hour and views."""


def draw_abuse(
    rng: np.random.Generator, people: People, videos: Videos, settings: Settings
) -> Abuse:
    """Draw brigades with their attacks, and puppeteers."""
    attackers = settings.attackers
    attacks: list[Attack] = []
    filed: list[Filed] = []
    inflated: list[tuple[int, int, int]] = []
    taken: set[int] = set()
    kinds = list(product(attackers.sizes, attackers.camouflages))
    order = rng.permutation(len(kinds)).tolist()
    for number in range(attackers.brigades):
        size, camouflage = kinds[order[number % len(kinds)]]
        members = people.count + np.arange(size)
        people = add_false(people, size)
        for attack in _draw_attacks(rng, videos, settings, (number, size, camouflage), taken):
            if attack.turn == 0:
                filed.append(_camouflage(rng, videos, members, attack))
            filed.append(_attack_reports(rng, attack, members, len(attacks), settings))
            attacks.append(attack)
            inflated += _brought(attack, settings)
    for _ in range(attackers.puppeteers):
        puppets = people.count + np.arange(attackers.puppets)
        people = add_false(people, attackers.puppets)
        filed += _puppet_reports(rng, videos, settings, puppets)
    return Abuse(
        people=people, attacks=tuple(attacks), filed=tuple(filed), inflated=tuple(inflated)
    )


def _draw_attacks(
    rng: np.random.Generator,
    videos: Videos,
    settings: Settings,
    kind: tuple[int, int, int],
    taken: set[int],
) -> Iterator[Attack]:
    """The attacks of one brigade, from the warm-up on, on videos that nobody else attacks."""
    attackers = settings.attackers
    brigade, size, camouflage = kind
    guideline = int(rng.integers(len(settings.guidelines)))
    inflates = rng.random() < attackers.inflating
    latest = settings.days - int((attackers.attacks + 1) * attackers.rest_days)
    day = int(rng.integers(settings.warm_up_days, max(latest, settings.warm_up_days + 1)))
    for turn in range(attackers.attacks):
        hour = 24 * day + int(rng.integers(*attackers.begins))
        video = _target(rng, videos, hour, taken)
        if video is None or hour + attackers.hours >= settings.hours:
            return
        taken.add(video)
        yield Attack(
            brigade=brigade,
            turn=turn,
            size=size,
            camouflage=camouflage,
            video=video,
            guideline=guideline,
            hour=hour,
            inflated=attackers.inflated_views if inflates else 0,
        )
        day += max(1, round(attackers.rest_days * rng.uniform(0.5, 1.5)))


def _target(rng: np.random.Generator, videos: Videos, hour: int, taken: set[int]) -> int | None:
    """A harmless video of the last days that somebody watches, the popular ones no oftener."""
    youngest, oldest = _TARGET_AGE_HOURS
    young = np.flatnonzero(
        (videos.published <= hour - youngest)
        & (videos.published > hour - oldest)
        & (videos.breaks == HARMLESS)
    )
    enough = videos.views[young].sum(1) >= _TARGET_VIEWS_MIN
    possible = [each for each in young[enough].tolist() if each not in taken]
    return int(rng.choice(possible)) if possible else None


def _attack_reports(
    rng: np.random.Generator, attack: Attack, members: Ints, number: int, settings: Settings
) -> Filed:
    return Filed(
        account=members,
        video=np.full(len(members), attack.video),
        hour=attack.hour + rng.integers(settings.attackers.hours, size=len(members)),
        guideline=np.full(len(members), attack.guideline),
        attack=number,
    )


def _brought(attack: Attack, settings: Settings) -> Iterator[tuple[int, int, int]]:
    hours = settings.attackers.hours if attack.inflated else 0
    for hour in range(hours):
        yield attack.video, attack.hour + hour, attack.inflated // hours


def _camouflage(rng: np.random.Generator, videos: Videos, members: Ints, first: Attack) -> Filed:
    """True reports before the first attack: of its topic, each member's own choice, by views."""
    ahead = first.hour - _CAMOUFLAGE_AHEAD_HOURS
    of_topic = videos.breaks // 2 == first.guideline // 2
    known = np.flatnonzero(of_topic & (videos.published < ahead))
    views = videos.views[known].sum(1) + 1.0
    count = min(first.camouflage, len(known))
    chosen = [rng.choice(known, count, replace=False, p=views / views.sum()) for _ in members]
    video = np.concatenate(chosen).astype(np.int64)
    return Filed(
        account=np.repeat(members, count),
        video=video,
        hour=np.minimum(when_watched(rng, videos, video), ahead),
        guideline=videos.breaks[video],
    )


def _puppet_reports(
    rng: np.random.Generator, videos: Videos, settings: Settings, puppets: Ints
) -> Iterator[Filed]:
    """Reports of harmless videos at first, then of the creator's own breaches as they appear."""
    warm_up = 24 * settings.warm_up_days
    bad = np.flatnonzero((videos.breaks != HARMLESS) & (videos.published > warm_up))
    creator = int(rng.choice(videos.creator[bad]))
    own = bad[videos.creator[bad] == creator]
    early = np.flatnonzero((videos.breaks == HARMLESS) & (videos.published < warm_up // 2))
    for video, earliest, guideline in (
        (rng.choice(early, (len(puppets), SPOILED)).ravel(), 0, int(videos.breaks[own[0]])),
        (np.tile(own, len(puppets)), 1, None),
    ):
        yield Filed(
            account=np.repeat(puppets, len(video) // len(puppets)),
            video=video,
            hour=videos.published[video] + earliest + rng.integers(3, size=len(video)),
            guideline=videos.breaks[video] if guideline is None else np.full(len(video), guideline),
        )
