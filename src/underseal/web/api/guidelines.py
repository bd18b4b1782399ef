"""Guidelines: what is not allowed, as everybody may read it, and what a report can be about."""

from typing import Annotated

from litestar import get
from msgspec import Meta

from underseal.core.caller import ModeratorRole, Scope
from underseal.core.receipt_state import before_reporting
from underseal.core.subject import SubjectKind
from underseal.core.taxonomy import (
    GuidelineEntry,
    Taxonomy,
    TopicEntry,
    public_guidelines,
    taxonomy,
)
from underseal.flow.system import System
from underseal.web.api.bodies import Answer, Language, Strict
from underseal.web.api.operation import OPERATION, Access, Injected, Operation


class GuidelinesQuery(Strict):
    """In which language; English stands in for one that there is no text in."""

    language: Language = "en"


class TaxonomyQuery(GuidelinesQuery, kw_only=True):
    """What kind of subject is to be reported."""

    subject_kind: Annotated[SubjectKind, Meta(description="What is to be reported.")]


class GuidelineAnswer(Answer):
    """A guideline, with the languages that its texts are in.

    `affected_person_only` and `illegal_notice` are the exceptions that a report dialog names
    beforehand: only the person concerned could report it, or a report can be a notice.
    """

    id: str
    label: str
    label_language: str
    text: str
    text_language: str
    examples: tuple[str, ...]
    examples_language: str
    affected_person_only: bool
    illegal_notice: bool


class TopicAnswer(Answer):
    """A topic, with at least one guideline: reporters choose it first."""

    id: str
    label: str
    label_language: str
    guidelines: tuple[GuidelineAnswer, ...]


class GuidelinesAnswer(Answer):
    """A version of the guidelines, in the order in which they are shown."""

    version: str
    topics: tuple[TopicAnswer, ...]


class BeforeAnswer(Answer):
    """What a report dialog says beforehand: always, and of the two exceptions where they apply."""

    always: tuple[str, ...]
    notice: tuple[str, ...]
    affected_person_only: tuple[str, ...]


class TaxonomyAnswer(GuidelinesAnswer):
    """What a subject of a kind can be reported for, and what the dialog says before."""

    before: BeforeAnswer


@get(
    "/v1/taxonomy",
    opt={
        OPERATION: Operation(
            access=Access(
                scope=Scope.GUIDELINES_READ, roles=frozenset(ModeratorRole), with_ticket=True
            )
        )
    },
)
async def show_taxonomy(asked: Injected[TaxonomyQuery], system: Injected[System]) -> TaxonomyAnswer:
    """Return what a report dialog shows; a browser that has a ticket may ask itself."""
    found = taxonomy(system.guidelines, asked.language, asked.subject_kind)
    return TaxonomyAnswer(
        version=found.version, topics=_topics(found), before=_before(asked.language)
    )


@get(
    "/v1/guidelines",
    opt={
        OPERATION: Operation(
            access=Access(scope=Scope.GUIDELINES_READ, roles=frozenset(ModeratorRole))
        )
    },
)
async def show_guidelines(
    asked: Injected[GuidelinesQuery], system: Injected[System]
) -> GuidelinesAnswer:
    """Return all guidelines, for everybody to read."""
    found = public_guidelines(system.guidelines, asked.language)
    return GuidelinesAnswer(version=found.version, topics=_topics(found))


def _topics(found: Taxonomy) -> tuple[TopicAnswer, ...]:
    return tuple(map(_topic, found.topics))


def _topic(topic: TopicEntry) -> TopicAnswer:
    return TopicAnswer(
        id=topic.id,
        label=topic.label,
        label_language=topic.label_language,
        guidelines=tuple(map(_guideline, topic.guidelines)),
    )


def _guideline(entry: GuidelineEntry) -> GuidelineAnswer:
    return GuidelineAnswer(
        id=entry.id,
        label=entry.label,
        label_language=entry.label_language,
        text=entry.text,
        text_language=entry.text_language,
        examples=entry.examples,
        examples_language=entry.examples_language,
        affected_person_only=entry.affected_person_only,
        illegal_notice=entry.illegal_notice,
    )


def _before(language: str) -> BeforeAnswer:
    always = before_reporting(language)
    notice = before_reporting(language, is_notice=True)
    affected = before_reporting(language, affected_person_only=True)
    return BeforeAnswer(
        always=always,
        notice=notice[len(always) :],
        affected_person_only=affected[len(always) :],
    )


handlers = (show_taxonomy, show_guidelines)
