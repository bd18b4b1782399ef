"""What others would say of an item, given what people said of it.

Majority vote; Dawid and Skene (1979), in batch, by expectation maximisation; and streaming Bayesian
inference after Manino, Tran-Thanh and Jennings (NeurIPS 2019), with a full confusion matrix a person,
one pass, prediction before update.
"""

import math
from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from underseal.lab.bench.credibility_sets import CrowdSet

ROUNDS: Final = 100
SMOOTHING: Final = 0.01
"""Dawid and Skene's counts begin with this, or a label that somebody never gave is impossible."""

RIGHT_FIRST: Final = 4.0
WRONG_FIRST: Final = 1.0
"""The labels that everybody begins with in the stream."""


def majority(crowd: CrowdSet) -> list[float]:
    """Return the share of those who said yes, of each item."""
    return [sum(said for _, said in labels) / len(labels) for labels in crowd.items]


def dawid_skene(crowd: CrowdSet) -> list[float]:
    """Return the probability that each item is a yes, after 100 rounds over all labels."""
    item = np.repeat(np.arange(len(crowd.items)), [len(each) for each in crowd.items])
    person, said = (np.array(each) for each in zip(*chain.from_iterable(crowd.items), strict=True))
    yes: NDArray[np.float64] = np.array(majority(crowd))
    for _ in range(ROUNDS):
        nats = np.full(len(crowd.items), math.log(yes.mean() / (1 - yes.mean())))
        for sign, probable in ((1.0, yes), (-1.0, 1 - yes)):
            weight = probable[item]
            all_of = np.bincount(person, weight, crowd.people) + 2 * SMOOTHING
            yes_of = np.bincount(person, weight * said, crowd.people) + SMOOTHING
            share = (yes_of / all_of)[person]
            nats += sign * np.bincount(item, np.log(np.where(said, share, 1 - share)))
        yes = 1 / (1 + np.exp(-nats))
    return [float(each) for each in yes]


def streamed(crowd: CrowdSet, order: Sequence[int]) -> list[float]:
    """Return the probability that each item is a yes, said when it came in `order`."""
    seen = [[[RIGHT_FIRST, WRONG_FIRST], [RIGHT_FIRST, WRONG_FIRST]] for _ in range(crowd.people)]
    verdicts = [1.0, 1.0]
    result = [0.5] * len(crowd.items)
    for item in order:
        nats = math.log(verdicts[1] / verdicts[0])
        for person, said in crowd.items[item]:
            no, yes = seen[person]
            if_yes, if_no = (yes[0], no[1]) if said else (yes[1], no[0])
            nats += math.log(if_yes * sum(no) / (if_no * sum(yes)))
        result[item] = probable = 1 / (1 + math.exp(-nats))
        verdicts[1] += probable
        verdicts[0] += 1 - probable
        for person, said in crowd.items[item]:
            seen[person][1][not said] += probable
            seen[person][0][said] += 1 - probable
    return result
