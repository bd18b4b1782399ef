"""Which guidelines of a topic people take for each other, and what a report of one says of another.

If people told them apart without fail, a report of one would say nothing of the others; if they named
any of them, it would say of each what it says of its own. What moderators found broken tells how it is.

Invariants:
    However many report a subject for a guideline, it is counted once.
    With few decisions the default stands; with any number of any decisions, the bounds do.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeAlias

from underseal.core.guideline import GuidelineId, Guidelines, TopicId

SIBLING_SHARE: Final = 0.5
"""What a report of another guideline of the topic counts until decisions say otherwise. A setting."""

SIBLING_MIN: Final = 0.25
"""The least that it counts: the guideline that was named may be the wrong one even where nobody ever
was found to have erred. A setting. The most is a whole report."""

DEFAULT_NAMED: Final = 20.0
"""The default counts as so many subjects for which the guideline that was broken was named. A
setting."""

_DIGITS: Final = 3
"""It is rounded as priors are."""

Confusions: TypeAlias = Mapping[tuple[GuidelineId, GuidelineId], int]
"""Of how many subjects a guideline was reported, the first, where moderators found one broken, the
second."""


def learn_siblings(confusions: Confusions, guidelines: Guidelines) -> Mapping[TopicId, float]:
    """Return what a report of another guideline counts, by topic, as a share of one of its own.

    That is how often any one other is named where a guideline is broken, by how often itself is: the
    ratio of the likelihoods of the two reports.
    """
    topic_of = {each.id: each.topic for each in guidelines.by_id.values()}
    named, mistaken = Counter[TopicId](), Counter[TopicId]()
    for (reported, broken), subjects in confusions.items():
        topic = topic_of.get(broken)
        if topic is None or topic_of.get(reported) != topic:
            continue
        (named if reported == broken else mistaken)[topic] += subjects
    return {
        topic.id: _share(named[topic.id], mistaken[topic.id], len(topic.guidelines) - 1)
        for topic in guidelines.topics
    }


def _share(named: int, mistaken: int, others: int) -> float:
    if not others:
        return SIBLING_SHARE
    likely = (mistaken / others + SIBLING_SHARE * DEFAULT_NAMED) / (named + DEFAULT_NAMED)
    return round(max(SIBLING_MIN, min(likely, 1.0)), _DIGITS)
