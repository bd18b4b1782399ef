"""Reads the guidelines from a TOML text and points at every mistake in it.

A guideline may name a `profile`, a set of values that it starts from; the values that it gives
itself take precedence, number by number. `docs/guides/guidelines.md` shows how to write one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from underseal.core.dsa import KEYWORDS
from underseal.core.guideline import (
    DefaultAction,
    DisclosureClass,
    Guideline,
    GuidelineId,
    Guidelines,
    Severity,
    Topic,
    TopicId,
    ViewCost,
)
from underseal.core.guideline_check import check_guideline
from underseal.core.guideline_value import (
    by_language,
    each,
    known,
    number,
    one_of,
    read_id,
    read_tables,
    read_truth,
    table,
    whole,
    words,
)
from underseal.core.mistake import Fault, Mistake, render, suggest
from underseal.core.subject import SubjectKind
from underseal.core.toml_place import KeyPath, Place, Placed, locate
from underseal.core.visibility import STRICTNESS

VERSION_LENGTH_MAX: Final = 64
LABEL_LENGTH_MAX: Final = 80
TERM_LENGTH_MAX: Final = 100
COST_MAX: Final = 1_000_000
MACHINE_BOUND_MAX: Final = 50
STRIKE_WEIGHT_MAX: Final = 1_000
"""Limits of ours."""

TEXT_LENGTH_MAX: Final = 2_000
"""In characters. The DSA Transparency Database takes no longer explanation."""

REVIEW_HOURS_MAX: Final = 7 * 24
"""No report waits longer for a decision than a week. A limit of ours."""

_cost = number(lambda cost: 0 <= cost <= COST_MAX, f"lie between 0 and {COST_MAX:,}", "")
_label = by_language(words(LABEL_LENGTH_MAX))
_SETTINGS: Final = {
    "subjects": each(one_of(SubjectKind), at_least=1),
    "severity": one_of(Severity),
    "grave": read_truth,
    "base_rate": number(
        lambda rate: 0 < rate < 1,
        "lie between 0 and 1, both excluded",
        "the share of reported subjects that break the guideline, such as 0.02",
    ),
    "machine_bound": number(
        lambda bound: 0 < bound <= MACHINE_BOUND_MAX,
        f"be above 0 and at most {MACHINE_BOUND_MAX}",
        "the evidence in nats of log-odds, such as 2.0",
    ),
    "costs": table({level: table({"harm": _cost, "speech": _cost}) for level in STRICTNESS}),
    "default_action": one_of(DefaultAction),
    "disclosure": one_of(DisclosureClass),
    "strike_weight": whole(0, STRIKE_WEIGHT_MAX),
    "review_hours": whole(1, REVIEW_HOURS_MAX),
    "remove_known_content": read_truth,
    "affected_person_only": read_truth,
    "illegal_notice": read_truth,
    "dsa_category": known(KEYWORDS),
    "dsa_keywords": each(words(TERM_LENGTH_MAX)),
}
"""What a profile may hold."""

_GUIDELINE: Final = {
    "id": read_id,
    "label": _label,
    "text": by_language(words(TEXT_LENGTH_MAX)),
    "examples": by_language(each(words(TEXT_LENGTH_MAX), at_least=1)),
    "profile": read_id,
    "terms": each(words(TERM_LENGTH_MAX)),
    **_SETTINGS,
}
_TOPIC: Final = {"id": read_id, "label": _label, "guideline": read_tables}
_OPTIONAL: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "subjects": tuple(SubjectKind),
        "remove_known_content": False,
        "affected_person_only": False,
        "illegal_notice": False,
        "dsa_keywords": (),
        "terms": (),
    }
)
"""What holds where neither a guideline nor its profile says otherwise."""

_REQUIRED: Final[tuple[KeyPath, ...]] = (
    *((key,) for key in _GUIDELINE if key not in {*_OPTIONAL, "grave", "profile", "costs"}),
    *(("costs", level, part) for level in STRICTNESS for part in ("harm", "speech")),
)
"""`grave` follows from the severity unless it is given."""

_SYNTAX: Final = re.compile(r"(.+) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_START: Final = Place(line=1, column=1, length=1)


class GuidelineFileError(ValueError):
    """A file of guidelines cannot be used; its message shows every mistake, in order."""

    def __init__(self, mistakes: tuple[Mistake, ...], text: str, file_name: str) -> None:
        self.mistakes = mistakes
        self.rendered = [render(mistake, text, file_name) for mistake in mistakes]
        super().__init__("\n".join(self.rendered))


def parse(text: str, file_name: str) -> Guidelines:
    """Return the guidelines that the TOML `text` holds; `file_name` serves messages only.

    Raises:
        GuidelineFileError: there is a mistake in it.
    """
    try:
        root = tomllib.loads(text)
        reading = _Reading(places=locate(text))
    except (ValueError, RecursionError) as error:
        raise GuidelineFileError((_syntax_mistake(error, text),), text, file_name) from None
    guidelines = reading.file(root)
    if guidelines is None:
        raise GuidelineFileError(reading.mistakes(), text, file_name)
    return guidelines


def check_text(text: str, file_name: str) -> list[str]:
    """Return every mistake in `text`, rendered and in order; none if `parse` accepts it."""
    try:
        parse(text, file_name)
    except GuidelineFileError as error:
        return error.rendered
    return []


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One pass over a file: where everything stands, and what was found so far."""

    places: Mapping[KeyPath, Placed]
    faults: list[Fault] = field(default_factory=list)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[tuple[str, str], KeyPath] = field(default_factory=dict)
    by_id: dict[GuidelineId, Guideline] = field(default_factory=dict)

    def file(self, root: dict[str, Any]) -> Guidelines | None:
        names = root.get("profile")
        profiles = {name: table(_SETTINGS) for name in names} if isinstance(names, dict) else {}
        keys = {
            "version": words(VERSION_LENGTH_MAX),
            "profile": table(profiles),
            "topic": read_tables,
        }
        values = table(keys, frozenset({"version", "topic"}))(root, (), self.faults) or {}
        self.profiles = values.get("profile", {})
        raw_topics = values.get("topic", [])
        topics = [self.topic(raw, ("topic", index)) for index, raw in enumerate(raw_topics)]
        if self.faults:
            return None
        return Guidelines(
            version=values["version"],
            topics=tuple(topic for topic in topics if topic is not None),
            by_id=MappingProxyType(self.by_id),
        )

    def topic(self, raw: dict[str, Any], path: KeyPath) -> Topic | None:
        values = table(_TOPIC, frozenset(_TOPIC))(raw, path, self.faults) or {}
        self.take("topic", values.get("id"), path)
        topic_id = TopicId(values.get("id", ""))
        guidelines = [
            self.guideline(each_raw, (*path, "guideline", index), topic_id)
            for index, each_raw in enumerate(values.get("guideline", []))
        ]
        if self.faults:
            return None
        ids = tuple(guideline.id for guideline in guidelines if guideline is not None)
        return Topic(id=topic_id, label=values["label"], guidelines=ids)

    def guideline(self, raw: dict[str, Any], path: KeyPath, topic: TopicId) -> Guideline | None:
        own = table(_GUIDELINE)(raw, path, self.faults) or {}
        self.take("guideline", own.get("id"), path)
        profile = own.pop("profile", None)
        homes = [path, ("profile", profile)] if profile else [path]
        if homes[-1] not in self.places:
            message, hint = f"there is no profile `{profile}`", suggest(profile, self.profiles)
            self.faults.append(Fault(path=(*path, "profile"), message=message, hint=hint))
        if "profile" in raw and profile not in self.profiles:
            return None
        settings = _merged(self.profiles.get(profile, {}), own)
        if not self.is_complete(settings, homes):
            return None
        guideline = _guideline(settings, topic)
        for fault in check_guideline(guideline):
            path_in_file = self.first_place(fault.path, homes)
            self.faults.append(replace(fault, path=path_in_file))
        self.by_id[guideline.id] = guideline
        return guideline

    def take(self, noun: str, name: str | None, path: KeyPath) -> None:
        """Note that an id is used, and a fault if it was used before."""
        if name is None:
            return
        first = self.taken.setdefault((noun, name), path)
        if first != path:
            message = f"`{name}` is already the id of a {noun}"
            hint = f"that of line {self.placed((*first, 'id')).value.line}"
            self.faults.append(Fault(path=(*path, "id"), message=message, hint=hint))

    def is_complete(self, settings: dict[str, Any], homes: list[KeyPath]) -> bool:
        """Whether nothing is missing; what was given but refused has its fault already."""
        absent = {gap for path in _REQUIRED if (gap := _gap(settings, path))}
        missing = [gap for gap in absent if not any((*home, *gap) in self.places for home in homes)]
        if missing:
            names = ", ".join(f"`{'.'.join(map(str, gap))}`" for gap in sorted(missing))
            place = self.first_place(("id",), homes[:1])
            self.faults.append(Fault(path=place, message=f"this guideline lacks {names}"))
        return not absent

    def first_place(self, key: KeyPath, homes: list[KeyPath]) -> KeyPath:
        """The path of a guideline's key where it is given: by itself or by its profile."""
        paths = [(*home, *key) for home in homes]
        return next((path for path in paths if path in self.places), (*homes[0], "id"))

    def placed(self, path: KeyPath) -> Placed:
        """Where the value at `path` stands, or else what holds it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Placed(key=_START, value=_START))

    def mistakes(self) -> tuple[Mistake, ...]:
        """Every fault at its place, in order; one in a profile counts once."""
        return tuple(sorted({self.mistake(fault) for fault in self.faults}))

    def mistake(self, fault: Fault) -> Mistake:
        placed = self.placed(fault.path)
        place = placed.key if fault.at_key else placed.value
        return Mistake(
            line=place.line,
            column=place.column,
            length=place.length,
            message=fault.message,
            hint=fault.hint,
        )


def _merged(profile: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What a guideline says over what its profile says; the costs number by number."""
    costs = dict(profile.get("costs", {}))
    for level, cost in own.get("costs", {}).items():
        costs[level] = {**costs.get(level, {}), **cost}
    return {**_OPTIONAL, **profile, **own, **({"costs": costs} if costs else {})}


def _gap(settings: Mapping[str, Any], path: KeyPath) -> KeyPath:
    """The shortest beginning of `path` that `settings` lacks; empty if it lacks nothing."""
    within: Any = settings
    for depth, key in enumerate(path, start=1):
        if key not in within:
            return path[:depth]
        within = within[key]
    return ()


def _guideline(settings: dict[str, Any], topic: TopicId) -> Guideline:
    costs = {level: ViewCost(**settings["costs"][level]) for level in STRICTNESS}
    given = {
        "grave": settings["severity"] is Severity.GRAVE,
        **settings,
        "topic": topic,
        "costs": MappingProxyType(costs),
        "subjects": frozenset(settings["subjects"]),
    }
    return Guideline(**given)


def _syntax_mistake(error: Exception, text: str) -> Mistake:
    found = _SYNTAX.fullmatch(str(error))
    if found is None:  # too deep a nesting, or a number of too many digits: nobody says where
        message = f"this cannot be read: {str(error).partition(':')[0]}"
        return Mistake(line=1, column=1, length=1, message=message)
    lines = text.split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    line, column = (int(found[2]), int(found[3])) if found[2] else end
    return Mistake(
        line=line,
        column=column,
        length=1,
        message=f"this is not TOML: {found[1][0].lower()}{found[1][1:]}",
        hint="texts stand in quotes, lists in brackets, and each key or table is given once",
    )
