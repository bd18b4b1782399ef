"""The decision tree: where a moderator is on the way from a topic to a verdict, and what is next.

Ground and outcome are picked from lists; digits pick what has one. What was picked comes along
with the form from step to step, so that every step works without a script, too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from underseal.core.decision import OUTCOME_OF, Finding, Outcome
from underseal.core.guideline import Guideline, GuidelineId, Guidelines, Topic
from underseal.core.language import FALLBACK_LANGUAGE, best_text
from underseal.core.priority import Band
from underseal.core.report import Moment
from underseal.core.statement import moments_text
from underseal.flow.decide import HARSHNESS
from underseal.flow.file_report import PLAYABLE
from underseal.flow.read_case import CaseFile

CLEARED: Final = "none"
OTHER: Final = "other"
"""What stands for "nothing is broken" and "another guideline" where a ground is picked."""

SUSPECTS_MAX: Final = 8
TOPICS_AT_ONCE: Final = 8
ALLOWED: Final = "Allowed: "
"""How an example begins that is no breach: `docs/guides/guidelines.md`."""

EXAMPLE_KEYS: Final = "12345"
OUTCOME_KEYS: Final = "6789"
"""Digits: 0 is for nothing broken, 9 for what else there is."""

OUTCOME_NAMES: Final = {
    Outcome.NO_VIOLATION: "No violation",
    Outcome.NOT_RECOMMENDED: "Do not recommend it",
    Outcome.AGE_RESTRICT: "Only for adults",
    Outcome.LABEL: "Put a label on it",
    Outcome.REMOVE: "Remove it",
}

FINDINGS: Final = {
    Finding.NO_VIOLATION: ("No violation", "It was looked at, and nothing is broken."),
    Finding.INSUFFICIENT: (
        "Insufficient",
        "Too little to judge by: the link or the place is missing.",
    ),
    Finding.DUPLICATE: ("Duplicate", "It was decided before, on the same grounds."),
    Finding.WRONG_CATEGORY: (
        "Wrong category",
        "Reported for something that it has nothing to do with.",
    ),
    Finding.MANIFESTLY_UNFOUNDED: (
        "Manifestly unfounded",
        "Plainly made up. Once somebody else has confirmed it, it counts against the reporters.",
    ),
}
"""What a clearance says of the reports, in words."""

EXCEPTIONS: Final = (
    ("Documentary", "It shows what happened, and says so."),
    ("Educational", "It teaches, and needs to show it for that."),
    ("Medical or scientific", "A body or a wound, shown for health or knowledge."),
    ("Counterspeech", "It repeats something in order to contradict it."),
    ("Satirical", "Plainly not meant, and understood as such."),
    ("Artistic", "Part of a work, in its context."),
)
"""When something may stay that looks like a breach. A guide for the moderator; not recorded."""

_BANDS: Final = tuple(Band)
_CLOCK: Final = re.compile(r"[0-9]{1,5}(:[0-9]{1,2}){0,2}")


class Step(StrEnum):
    """Where on the way a moderator is."""

    SUSPECTS = "suspects"
    TOPIC = "topic"
    GUIDELINE = "guideline"
    BREACH = "breach"
    CLEARANCE = "clearance"


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What was picked and typed so far; `go` and `back` are the buttons."""

    topic: str = ""
    ground: str = ""
    observed: tuple[int, ...] = ()
    moments: tuple[str, ...] = ()
    moment: str = ""
    outcome: str = ""
    finding: str = ""
    reasons: str = ""
    language: str = ""
    page: int = 0
    go: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What can be picked; `key` is the digit that picks it, empty if none does."""

    value: str
    label: str
    key: str = ""
    hint: str = ""
    band: Band | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The tree at one step. `options` are the grounds to pick from, and empty once one is.

    `page` is the one whose digits are next; None if all have one.
    """

    step: Step
    form: DecisionForm
    topic: str
    options: tuple[Option, ...]
    page: int | None
    guideline: Guideline | None
    label: str
    text: str
    examples: tuple[Option, ...]
    allowed: tuple[str, ...]
    outcomes: tuple[Option, ...]
    findings: tuple[Option, ...]
    marks: tuple[Option, ...]
    takes_moments: bool
    is_appeal: bool


def grow(form: DecisionForm, file: CaseFile, guidelines: Guidelines) -> Tree:
    """Return where the form stands on the tree of a case."""
    form = _step_back(form) if form.back else form
    topic = next((each for each in guidelines.topics if each.id == form.topic), None)
    guideline = _guideline(form.ground, file, guidelines)
    step = _step(form, topic, guideline)
    options, page = _options(step, form, topic, file, guidelines)
    is_breach = step is Step.BREACH and guideline is not None
    return Tree(
        step=step,
        form=form,
        topic=_said(topic.label) if topic else "",
        options=options,
        page=page,
        guideline=guideline,
        label=_said(guideline.label) if guideline else "",
        text=_said(guideline.text) if guideline else "",
        examples=tuple(_examples(guideline, form)) if guideline else (),
        allowed=tuple(_allowed(guideline)) if guideline else (),
        outcomes=tuple(_outcomes(guideline, file, form)) if guideline else (),
        findings=tuple(_findings(form)),
        marks=tuple(_marks(file, form)) if is_breach else (),
        takes_moments=is_breach and file.subject.ref.kind in PLAYABLE,
        is_appeal=file.appeal is not None,
    )


def _step(form: DecisionForm, topic: Topic | None, guideline: Guideline | None) -> Step:
    if guideline is not None:
        return Step.BREACH
    if form.ground == CLEARED:
        return Step.CLEARANCE
    if topic is not None:
        return Step.GUIDELINE
    return Step.TOPIC if form.ground == OTHER else Step.SUSPECTS


def _step_back(form: DecisionForm) -> DecisionForm:
    """Take back the last pick; what was typed and marked stays."""
    ground = OTHER if form.topic and form.ground != CLEARED else ""
    return msgspec.structs.replace(
        form, topic="", ground=ground, observed=(), outcome="", finding="", back=""
    )


def _guideline(ground: str, file: CaseFile, guidelines: Guidelines) -> Guideline | None:
    found = guidelines.by_id.get(GuidelineId(ground))
    return found if found is not None and file.subject.ref.kind in found.subjects else None


def _options(
    step: Step,
    form: DecisionForm,
    topic: Topic | None,
    file: CaseFile,
    guidelines: Guidelines,
) -> tuple[tuple[Option, ...], int | None]:
    suspected = {each: bands.probability for each, bands in file.guidelines}
    match step:
        case Step.SUSPECTS:
            return tuple(_suspects(file, guidelines)), None
        case Step.TOPIC:
            return _topics(form.page, suspected, file, guidelines)
        case Step.GUIDELINE:
            assert topic is not None, "a step of its topic"
            return tuple(_of_topic(topic, suspected, file, guidelines)), None
        case Step.BREACH | Step.CLEARANCE:
            return (), None


def _suspects(file: CaseFile, guidelines: Guidelines) -> Iterator[Option]:
    bands = dict(file.guidelines)
    first = file.appeal.first.guideline if file.appeal else None
    named: list[GuidelineId] = [] if first is None else [first]
    named += [each for each, its in file.guidelines if its.probability is not Band.NONE]
    named += [file.case.guideline] if file.case.guideline else []
    fitting = [
        each for each in dict.fromkeys(named) if _guideline(each, file, guidelines) is not None
    ]
    for number, each in enumerate(fitting[:SUSPECTS_MAX], 1):
        yield Option(
            value=each,
            label=_said(guidelines.by_id[each].label),
            key=str(number),
            hint="the decision under appeal" if each == first else "",
            band=bands[each].probability if each in bands else None,
        )
    yield Option(value=OTHER, label="Another guideline", key="9")
    yield Option(value=CLEARED, label="Nothing is broken", key="0")


def _topics(
    page: int, suspected: dict[GuidelineId, Band], file: CaseFile, guidelines: Guidelines
) -> tuple[tuple[Option, ...], int | None]:
    """All topics with a guideline for the subject; digits are those of one page."""
    found = []
    for topic in guidelines.topics:
        fitting = [each for each in topic.guidelines if _guideline(each, file, guidelines)]
        if fitting:
            band = max((suspected.get(each, Band.NONE) for each in fitting), key=_BANDS.index)
            found.append((topic, band))
    found.sort(key=lambda each: -_BANDS.index(each[1]))
    pages = -(-len(found) // TOPICS_AT_ONCE)
    begin = page % max(pages, 1) * TOPICS_AT_ONCE
    return tuple(
        Option(
            value=topic.id,
            label=_said(topic.label),
            key=str(index - begin + 1) if begin <= index < begin + TOPICS_AT_ONCE else "",
            band=None if band is Band.NONE else band,
        )
        for index, (topic, band) in enumerate(found)
    ), (page + 1 if pages > 1 else None)


def _of_topic(
    topic: Topic, suspected: dict[GuidelineId, Band], file: CaseFile, guidelines: Guidelines
) -> Iterator[Option]:
    fitting = [each for each in topic.guidelines if _guideline(each, file, guidelines)]
    fitting.sort(key=lambda each: -_BANDS.index(suspected.get(each, Band.NONE)))
    for number, each in enumerate(fitting, 1):
        yield Option(
            value=each,
            label=_said(guidelines.by_id[each].label),
            key=str(number) if number <= len("123456789") else "",
            band=suspected.get(each),
        )


def _examples(guideline: Guideline, form: DecisionForm) -> Iterator[Option]:
    for index, example in enumerate(guideline.examples[FALLBACK_LANGUAGE]):
        if example.startswith(ALLOWED):
            continue
        yield Option(
            value=str(index),
            label=example,
            key=EXAMPLE_KEYS[index : index + 1],
            is_chosen=index in form.observed,
        )


def _allowed(guideline: Guideline) -> Iterator[str]:
    """What looks like a breach of the guideline and is none."""
    for example in guideline.examples[FALLBACK_LANGUAGE]:
        if example.startswith(ALLOWED):
            yield example.removeprefix(ALLOWED)


def _outcomes(guideline: Guideline, file: CaseFile, form: DecisionForm) -> Iterator[Option]:
    """What a breach can lead to; on an appeal nothing harsher than before."""
    usual = OUTCOME_OF[guideline.default_action]
    possible: Sequence[Outcome] = HARSHNESS[1:]
    if file.appeal is not None:
        first = file.appeal.first.outcome
        possible, usual = possible[: HARSHNESS.index(first)], first
    values: Sequence[str] = possible
    chosen = form.outcome if form.outcome in values else usual
    for key, each in zip(OUTCOME_KEYS, possible, strict=False):
        yield Option(
            value=each,
            label=OUTCOME_NAMES[each],
            key=key,
            hint="as before" if file.appeal and each is usual else "usual" if each is usual else "",
            is_chosen=each == chosen,
        )


def _findings(form: DecisionForm) -> Iterator[Option]:
    values: Sequence[str] = tuple(FINDINGS)
    chosen = form.finding if form.finding in values else Finding.NO_VIOLATION
    for number, (each, (label, hint)) in enumerate(FINDINGS.items(), 1):
        yield Option(value=each, label=label, key=str(number), hint=hint, is_chosen=each == chosen)


def _marks(file: CaseFile, form: DecisionForm) -> Iterator[Option]:
    """Stretches that somebody points to, and those that were added; ticked if they are chosen."""
    pointed: dict[Moment, set[str]] = {}
    for report in file.reports:
        for moment in report.moments:
            pointed.setdefault(moment, set()).add(report.alias)
    for signal in file.signals:
        if signal.moment is not None:
            pointed.setdefault(signal.moment, set()).add(signal.detector)
    offered = {written(moment): (moment, who) for moment, who in pointed.items()}
    picked = [each for each in map(read_moment, form.moments) if each is not None]
    for moment in picked:
        offered.setdefault(written(moment), (moment, {"added"}))
    chosen = {written(each) for each in picked}
    for value, (moment, who) in sorted(offered.items(), key=lambda each: each[1][0]):
        yield Option(
            value=value,
            label=moments_text([(moment.start_ms, moment.end_ms)]),
            hint=", ".join(sorted(who)),
            is_chosen=value in chosen,
        )


def written(moment: Moment) -> str:
    """Write a stretch as forms carry it: `12000-25000`, milliseconds."""
    return f"{moment.start_ms}-{moment.end_ms}"


def read_moment(value: str) -> Moment | None:
    """Read what `written` writes; None if it is not that."""
    start, _, end = value.partition("-")
    return _moment(start, end, 1) if start.isdecimal() and end.isdecimal() else None


def type_moment(value: str) -> Moment | None:
    """Read a stretch as somebody types it: `0:12-0:25`, or `0:12` for a second; None if it is not."""
    start, dash, end = (each.strip() for each in value.replace("\u2013", "-").partition("-"))
    begin_s, end_s = _clock(start), _clock(end) if dash else None
    if begin_s is None or (dash and end_s is None):
        return None
    return _moment(str(begin_s), str(begin_s + 1 if end_s is None else end_s), 1000)


def _clock(text: str) -> int | None:
    """Seconds of `0:12` or `1:02:03`."""
    if _CLOCK.fullmatch(text) is None:
        return None
    seconds = 0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


def _moment(start: str, end: str, unit_ms: int) -> Moment | None:
    try:
        return Moment(start_ms=int(start) * unit_ms, end_ms=int(end) * unit_ms)
    except ValueError:
        return None


def _said(texts: Mapping[str, str]) -> str:
    return best_text(texts, FALLBACK_LANGUAGE)[1]
