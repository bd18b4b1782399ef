"""The guidelines: what is not allowed, and every number that follows from a breach.

A guideline belongs to a topic; reporters choose the topic first. The file that holds them is
read by `core.guideline_file`. Probabilities are in (0, 1), costs are in harm units a view.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from underseal.core.subject import SubjectKind
from underseal.core.visibility import STRICTNESS, Level

GuidelineId = NewType("GuidelineId", str)
TopicId = NewType("TopicId", str)

C_NEW: Final = math.log(10)
"""The most, in nats, that all unproven voices together can add: ten times the odds. A setting."""


class Severity(StrEnum):
    """How bad one breach is; orders duties and sets default costs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    GRAVE = "grave"


class DisclosureClass(StrEnum):
    """When an effect may be noticed: see `core.disclosure`."""

    WINDOW = "window"
    TICK = "tick"
    AT_ONCE = "at_once"


class DefaultAction(StrEnum):
    """What a breach of the guideline usually leads to; a moderator may choose another."""

    REMOVE = "remove"
    NOT_RECOMMENDED = "not_recommended"
    AGE_RESTRICT = "age_restrict"
    LABEL = "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCost:
    """What one view costs at one level, in harm units, at least 0.

    `harm` is let through if the subject breaks the guideline; `speech` is withheld if it does not.
    """

    harm: float
    speech: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """One guideline. `label`, `text` and `examples` are by language; English is always there.

    `base_rate` is the share of reported or scanned subjects that break it; `machine_bound` is
    the machine evidence, in nats of log-odds, from which machines alone may have a visible
    effect; `review_hours` is the time within which a human must have looked once it is queued.
    `affected_person_only` and `illegal_notice` are the exceptions that the report dialog names
    beforehand: only the person concerned could report it, or a report may be a notice of
    illegality. `terms` are what the text detector looks for; they are never shown to anybody.
    """

    id: GuidelineId
    topic: TopicId
    label: Mapping[str, str]
    text: Mapping[str, str]
    examples: Mapping[str, tuple[str, ...]]
    subjects: frozenset[SubjectKind]
    severity: Severity
    grave: bool
    base_rate: float
    machine_bound: float
    costs: Mapping[Level, ViewCost]
    default_action: DefaultAction
    disclosure: DisclosureClass
    strike_weight: int
    review_hours: int
    remove_known_content: bool
    affected_person_only: bool
    illegal_notice: bool
    dsa_category: str
    dsa_keywords: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A first-level choice of the report dialog, with its guidelines in order."""

    id: TopicId
    label: Mapping[str, str]
    guidelines: tuple[GuidelineId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidelines:
    """A whole version of the guidelines."""

    version: str
    topics: tuple[Topic, ...]
    by_id: Mapping[GuidelineId, Guideline]

    def siblings(self, guideline: GuidelineId) -> tuple[GuidelineId, ...]:
        """The guidelines of the same topic, itself included."""
        topic = self.by_id[guideline].topic
        return next(t.guidelines for t in self.topics if t.id == topic)


def log_odds(probability: float) -> float:
    """Return ln(p / (1 - p)) of a `probability` in (0, 1), in nats."""
    return math.log(probability) - math.log1p(-probability)


def level_threshold(guideline: Guideline, level: Level) -> float:
    """Return the log-odds of a breach above which `level` costs less than every milder level.

    With probability p of a breach, one view at a level costs p * harm + (1 - p) * speech. So a
    stricter level is cheaper than a milder one as soon as the odds exceed (speech it withholds
    more) / (harm it lets through less). It is `inf` where no certainty suffices, and `-inf` where
    none is needed.
    """
    here = guideline.costs[level]
    milder = (guideline.costs[other] for other in STRICTNESS[: STRICTNESS.index(level)])
    return max((_indifference(cost, here) for cost in milder), default=-math.inf)


def hold_threshold(guideline: Guideline) -> float:
    """Return the log-odds from which a hold costs less than showing the subject; may be `inf`."""
    return level_threshold(guideline, Level.HELD)


def _indifference(milder: ViewCost, stricter: ViewCost) -> float:
    harm_spared = milder.harm - stricter.harm
    speech_withheld = stricter.speech - milder.speech
    if harm_spared <= 0:
        return math.inf
    if speech_withheld <= 0:
        return -math.inf
    return math.log(speech_withheld) - math.log(harm_spared)
