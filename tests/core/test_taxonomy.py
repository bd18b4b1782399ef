from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

import underseal
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse
from underseal.core.subject import SubjectKind
from underseal.core.taxonomy import GuidelineEntry, public_guidelines, taxonomy

TEXT = Path(underseal.__file__).with_name("guidelines.toml").read_text(encoding="utf-8")
DEFAULT = parse(TEXT, "guidelines.toml")
SPAM = GuidelineId("spam")


def entry(shown, guideline_id) -> GuidelineEntry:
    return next(
        each for topic in shown.topics for each in topic.guidelines if each.id == guideline_id
    )


def test_a_comment_cannot_be_reported_as_the_account_of_a_child():
    ids = {
        each.id
        for t in taxonomy(DEFAULT, "en", SubjectKind.COMMENT).topics
        for each in t.guidelines
    }
    assert "underage_account" not in ids
    assert entry(taxonomy(DEFAULT, "en", SubjectKind.ACCOUNT), "underage_account")


@given(kind=st.sampled_from(SubjectKind))
def test_a_kind_of_subject_has_its_guidelines_in_order_and_no_empty_topic(kind):
    shown = taxonomy(DEFAULT, "en", kind)
    assert all(topic.guidelines for topic in shown.topics)
    assert [each.id for topic in shown.topics for each in topic.guidelines] == [
        guideline_id
        for topic in DEFAULT.topics
        for guideline_id in topic.guidelines
        if kind in DEFAULT.by_id[guideline_id].subjects
    ]


def test_a_topic_without_guidelines_for_a_kind_is_left_out():
    by_id = {
        guideline_id: replace(guideline, subjects=frozenset({SubjectKind.VIDEO}))
        for guideline_id, guideline in DEFAULT.by_id.items()
    }
    by_id[SPAM] = DEFAULT.by_id[SPAM]
    only_spam = replace(DEFAULT, by_id=MappingProxyType(by_id))
    assert [topic.id for topic in taxonomy(only_spam, "en", SubjectKind.SOUND).topics] == [
        "inauthentic"
    ]
    assert len(public_guidelines(only_spam, "en").topics) == len(DEFAULT.topics)


def test_a_label_is_in_the_wanted_language_and_a_text_that_is_not_says_so():
    shown = entry(public_guidelines(DEFAULT, "de-AT"), "bullying")
    assert (shown.label, shown.label_language) == ("Mobbing", "de")
    assert (shown.text_language, shown.examples_language) == ("en", "en")
    assert shown.text == DEFAULT.by_id[GuidelineId("bullying")].text["en"]


def test_an_entry_has_no_field_for_what_is_not_public():
    assert {field.name for field in fields(GuidelineEntry)}.isdisjoint(
        {"terms", "base_rate", "machine_bound", "costs", "strike_weight", "review_hours"}
    )
