import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

import underseal
from underseal.core.guideline import (
    Guideline,
    GuidelineId,
    Guidelines,
    Topic,
    TopicId,
    ViewCost,
)
from underseal.core.guideline_file import parse
from underseal.core.subject import SubjectKind

DEFAULT_TEXT = Path(underseal.__file__).with_name("guidelines.toml").read_text(encoding="utf-8")
DEFAULT = parse(DEFAULT_TEXT, "guidelines.toml")


ids = st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True)
words = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
tags = st.sampled_from(["de", "es", "pt-BR", "zh-Hant", "zh-Hant-TW", "sr-Latn", "es-419", "ca"])


def texts(contents: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(
        lambda english, others: MappingProxyType({"en": english, **others}),
        contents,
        st.dictionaries(tags, contents, max_size=2),
    )


@st.composite
def guideline_sets(draw) -> Guidelines:
    """Guidelines with the numbers of the default ones, in another currency, and any words."""
    templates = st.sampled_from(list(DEFAULT.by_id.values()))
    names = draw(st.lists(st.tuples(ids, ids), min_size=1, max_size=4, unique_by=lambda p: p[1]))
    by_id, topics = {}, {}
    for topic, name in names:
        template = draw(templates)
        rate = draw(st.sampled_from([1, 2, 0.5, 3.7]))
        by_id[GuidelineId(name)] = replace(
            template,
            id=GuidelineId(name),
            topic=TopicId(topic),
            label=draw(texts(words)),
            text=draw(texts(words)),
            examples=draw(texts(st.lists(words, min_size=2, max_size=2, unique=True).map(tuple))),
            subjects=draw(st.frozensets(st.sampled_from(SubjectKind), min_size=1)),
            base_rate=template.base_rate * draw(st.floats(0.01, 1)),
            costs=MappingProxyType(
                {
                    level: ViewCost(harm=cost.harm * rate, speech=cost.speech * rate)
                    for level, cost in template.costs.items()
                }
            ),
            review_hours=draw(st.integers(1, 168)),
            terms=draw(st.lists(words, unique=True, max_size=3).map(tuple)),
        )
        topics.setdefault(topic, []).append(GuidelineId(name))
    return Guidelines(
        version=draw(words),
        topics=tuple(
            Topic(id=TopicId(topic), label=draw(texts(words)), guidelines=tuple(members))
            for topic, members in topics.items()
        ),
        by_id=MappingProxyType(by_id),
    )


def printed(value: object) -> str:
    match value:
        case str():
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case tuple() | frozenset():
            return f"[{', '.join(map(printed, value))}]"
        case ViewCost():
            return printed({"harm": value.harm, "speech": value.speech})
        case dict() | MappingProxyType():
            pairs = (f"{printed(key)} = {printed(each)}" for key, each in value.items())
            return f"{{ {', '.join(pairs)} }}"
        case _:
            return repr(value)


def printed_guidelines(guidelines: Guidelines) -> str:
    lines = [f"version = {printed(guidelines.version)}"]
    for topic in guidelines.topics:
        lines += ["[[topic]]", f"id = {printed(topic.id)}", f"label = {printed(topic.label)}"]
        for guideline_id in topic.guidelines:
            guideline = guidelines.by_id[guideline_id]
            lines.append("[[topic.guideline]]")
            lines += [
                f"{key} = {printed(getattr(guideline, key))}"
                for key in Guideline.__slots__
                if key != "topic"
            ]
    return "\n".join(lines)


@settings(max_examples=50)
@given(guidelines=guideline_sets())
def test_guidelines_survive_being_printed_and_parsed(guidelines):
    assert parse(printed_guidelines(guidelines), "g.toml") == guidelines


def test_the_default_guidelines_survive_being_printed_and_parsed():
    assert parse(printed_guidelines(DEFAULT), "g.toml") == DEFAULT
