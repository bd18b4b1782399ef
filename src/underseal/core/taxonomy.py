"""What people see of the guidelines: names and explanations in their language.

It holds no number and no term: whoever knows what is looked for, and how hard, knows how to stay
just below it.
"""

from dataclasses import dataclass

from underseal.core.guideline import Guideline, GuidelineId, Guidelines, Topic, TopicId
from underseal.core.language import best_text
from underseal.core.subject import SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineEntry:
    """A guideline as the public reads it; `text` and `examples` are in their own languages.

    `affected_person_only` and `illegal_notice` are the exceptions to silence that a report dialog
    names beforehand.
    """

    id: GuidelineId
    label: str
    label_language: str
    text: str
    text_language: str
    examples: tuple[str, ...]
    examples_language: str
    affected_person_only: bool
    illegal_notice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry:
    """A topic as the public reads it, with at least one guideline."""

    id: TopicId
    label: str
    label_language: str
    guidelines: tuple[GuidelineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """The two steps of a report: topics, and the guidelines of each, in order."""

    version: str
    topics: tuple[TopicEntry, ...]


def taxonomy(guidelines: Guidelines, language: str, kind: SubjectKind) -> Taxonomy:
    """Return what a subject of this `kind` can be reported for."""
    return _taxonomy(guidelines, language, frozenset({kind}))


def public_guidelines(guidelines: Guidelines, language: str) -> Taxonomy:
    """Return all guidelines, for everybody to read."""
    return _taxonomy(guidelines, language, frozenset(SubjectKind))


def _taxonomy(guidelines: Guidelines, language: str, kinds: frozenset[SubjectKind]) -> Taxonomy:
    topics = (_topic(guidelines, topic, language, kinds) for topic in guidelines.topics)
    return Taxonomy(
        version=guidelines.version, topics=tuple(topic for topic in topics if topic.guidelines)
    )


def _topic(
    guidelines: Guidelines, topic: Topic, language: str, kinds: frozenset[SubjectKind]
) -> TopicEntry:
    label_language, label = best_text(topic.label, language)
    members = (guidelines.by_id[guideline_id] for guideline_id in topic.guidelines)
    return TopicEntry(
        id=topic.id,
        label=label,
        label_language=label_language,
        guidelines=tuple(_entry(each, language) for each in members if each.subjects & kinds),
    )


def _entry(guideline: Guideline, language: str) -> GuidelineEntry:
    label_language, label = best_text(guideline.label, language)
    text_language, text = best_text(guideline.text, language)
    examples_language, examples = best_text(guideline.examples, language)
    return GuidelineEntry(
        id=guideline.id,
        label=label,
        label_language=label_language,
        text=text,
        text_language=text_language,
        examples=examples,
        examples_language=examples_language,
        affected_person_only=guideline.affected_person_only,
        illegal_notice=guideline.illegal_notice,
    )
