"""The accounts: what each watches, and how readily it reports what."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from underseal.lab.platform.settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Temper(IntEnum):
    """What an account is like as a reporter; members of brigades and puppets are false."""

    HONEST = 0
    CARELESS = 1
    PETTY = 2
    TROLL = 3
    FALSE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The accounts by number: false ones come after those of the crowd."""

    community: Ints
    activity: Floats
    eagerness: Floats
    temper: Ints

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.temper)


def draw_people(rng: np.random.Generator, settings: Settings) -> People:
    """Draw the crowd; communities are the larger the lower their number."""
    crowd = settings.crowd
    sizes = 1 / np.arange(1, crowd.communities + 1) ** 0.7
    shares = (crowd.careless, crowd.petty, crowd.trolls)
    return People(
        community=rng.choice(crowd.communities, crowd.accounts, p=sizes / sizes.sum()),
        activity=unit_lognormal(rng, crowd.activity_spread, crowd.accounts),
        eagerness=unit_lognormal(rng, crowd.eagerness_spread, crowd.accounts),
        temper=rng.choice(4, crowd.accounts, p=(1 - sum(shares), *shares)),
    )


def add_false(people: People, count: int) -> People:
    """Return the people with so many false accounts more, who watch and report to order."""
    return People(
        community=np.append(people.community, np.full(count, -1)),
        activity=np.append(people.activity, np.zeros(count)),
        eagerness=np.append(people.eagerness, np.zeros(count)),
        temper=np.append(people.temper, np.full(count, int(Temper.FALSE))),
    )


def audience_shares(people: People, community: int, settings: Settings) -> Floats:
    """Return how probably a view of a community's video is by each account; they sum to 1."""
    crowd = settings.crowd
    outside = np.full(crowd.communities, crowd.overlap / 2 / crowd.communities)
    outside[(community + 1) % crowd.communities] += crowd.overlap / 2
    outside[community] += 1 - crowd.overlap
    in_community = np.bincount(
        people.community, weights=people.activity, minlength=crowd.communities
    )
    each = outside / np.maximum(in_community, 1e-9)
    shares: Floats = people.activity * each[people.community]
    shares /= shares.sum()
    return shares


def unit_lognormal(rng: np.random.Generator, spread: float, size: int) -> Floats:
    """Draw from a lognormal distribution with mean 1."""
    return rng.lognormal(-(spread**2) / 2, spread, size)
