"""Who is believed how much, learnt in one pass from what people say and nothing else.

The mathematics is the product's: for each of two truths, how often one says so is a Beta count,
shrunk to a prior that is learnt from everybody's (`core.prior`). The product's teachers are
moderators; here the stream's own verdicts teach, and what is doubtful may teach less.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from underseal.core.evidence import probability
from underseal.core.prior import Counts, Population, Prior, count, learn, shrink
from underseal.lab.bench.credibility_sets import Label

ASKED: Final = Prior(precision=0.8, strength=5.0)
"""People who are asked are mostly right: the prior of the one-pass baseline, one wrong label and
four right ones. (The product's default is of people who volunteer.)"""

LAG: Final = 300
"""An item is kept until so many others have come, and judged once more before it is forgotten: the
first ones are judged by people of whom little is known. A setting: in synthetic worlds anything
from 100 to 1,000 did."""

Share = Callable[[float], tuple[float, float]]
"""What a verdict teaches as a yes, and as a no, given the probability of a yes."""


def whole(yes: float) -> tuple[float, float]:
    """Return credit for either truth by how probable it is."""
    return yes, 1 - yes


def by_margin(yes: float) -> tuple[float, float]:
    """Return credit for the likelier truth alone, by how far it is from an even chance.

    An insufficient finding teaches the product nothing either.
    """
    return max(0.0, 2 * yes - 1), max(0.0, 1 - 2 * yes)


class Side:
    """What is known about people where one of the two is true; mutable."""

    __slots__ = ("judged", "population", "prior", "records")

    def __init__(self) -> None:
        self.records: defaultdict[int, Counts] = defaultdict(lambda: (0.0, 0.0))
        self.population = Population()
        self.prior = ASKED
        self.judged = 1.0

    def credit(self, labels: Iterable[tuple[int, bool]], share: float) -> None:
        """Add `share` to those who said so and were right, and to those who did not."""
        gone, come = [], []
        for person, is_right in labels:
            before = right, wrong = self.records[person]
            after = (right + share, wrong) if is_right else (right, wrong + share)
            if share < 0:  # what is taken back leaves nothing below nothing
                after = max(0.0, after[0]), max(0.0, after[1])
            self.records[person] = after
            gone.append(before)
            come.append(after)
        self.population = count(self.population, come, gone)


class Stream:
    """What was learnt so far; mutable."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._yes, self._no = Side(), Side()

    def judge(self, labels: Sequence[Label]) -> float:
        """Return the probability of a yes, as things stand."""
        yes, no = self._yes, self._no
        nats = math.log(yes.judged / no.judged)
        for person, said_yes in labels:
            hit, miss = shrink(*yes.records[person], yes.prior)
            correct, false_alarm = shrink(*no.records[person], no.prior)
            said = (hit, false_alarm) if said_yes else (miss, correct)
            nats += math.log(said[0] * (correct + false_alarm) / (said[1] * (hit + miss)))
        return probability(nats)

    def learn(self, labels: Sequence[Label], yes: float, sign: float = 1.0) -> None:
        """Credit those who gave the labels, or with -1 take that back."""
        as_yes, as_no = self._share(yes)
        self._yes.judged += sign * yes
        self._no.judged += sign * (1 - yes)
        if as_yes:
            self._yes.credit(labels, sign * as_yes)
        if as_no:
            self._no.credit([(person, not said_yes) for person, said_yes in labels], sign * as_no)

    def learn_priors(self) -> None:
        """Learn both priors anew from the sums that are kept."""
        for side in (self._yes, self._no):
            side.prior = learn(side.population, ASKED)


def one_pass(
    items: Sequence[Sequence[Label]], order: Sequence[int], share: Share, lag: int | None = LAG
) -> list[float]:
    """Return the probability that each item is a yes, said when it came and before it taught.

    `items` come in `order`; what is returned is in the order of `items`. Without a `lag` nothing is
    judged twice.
    """
    stream = Stream(share)
    said, taught = [0.5] * len(items), [0.5] * len(items)
    for place, item in enumerate(order):
        stream.learn_priors()
        said[item] = taught[item] = stream.judge(items[item])
        stream.learn(items[item], said[item])
        if lag is not None and place >= lag:
            leaving = order[place - lag]
            stream.learn(items[leaving], taught[leaving], sign=-1.0)
            taught[leaving] = stream.judge(items[leaving])
            stream.learn(items[leaving], taught[leaving])
    return said
