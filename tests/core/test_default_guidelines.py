import math
import re
from pathlib import Path

import pytest

import underseal
from underseal.core.dsa import KEYWORDS
from underseal.core.guideline import (
    C_NEW,
    DefaultAction,
    DisclosureClass,
    Severity,
    hold_threshold,
    level_threshold,
    log_odds,
)
from underseal.core.guideline_file import parse
from underseal.core.subject import SubjectKind
from underseal.core.taxonomy import public_guidelines, taxonomy
from underseal.core.visibility import Level

TEXT = Path(underseal.__file__).with_name("guidelines.toml").read_text(encoding="utf-8")
DEFAULT = parse(TEXT, "guidelines.toml")
EACH = tuple(DEFAULT.by_id.values())


def test_there_are_two_levels_of_a_size_that_people_can_choose_from():
    assert [topic.id for topic in DEFAULT.topics] == [
        "violence_crime",
        "hate",
        "violent_orgs",
        "minor_abuse",
        "adult_sexual_abuse",
        "trafficking",
        "harassment",
        "self_harm",
        "eating_disorder",
        "dangerous_acts",
        "nudity_sexual",
        "graphic",
        "animal_abuse",
        "misinfo",
        "elections",
        "aigc",
        "ip_unoriginal",
        "inauthentic",
        "regulated_goods",
        "undisclosed_ad",
        "scam",
        "privacy",
        "security",
        "other_law",
    ]
    assert all(2 <= len(topic.guidelines) <= 5 for topic in DEFAULT.topics)


def test_a_guideline_says_what_breaks_it_and_what_does_not():
    for guideline in EACH:
        examples = guideline.examples["en"]
        allowed = [example for example in examples if example.startswith("Allowed: ")]
        assert (len(allowed), len(examples)) == (1, 3), guideline.id
        assert guideline.text["en"].endswith("."), guideline.id


def test_labels_exist_in_three_languages():
    for labelled in (*EACH, *DEFAULT.topics):
        assert set(labelled.label) == {"en", "de", "es"}, labelled.id


def test_unproven_reports_alone_have_no_visible_effect():
    for guideline in EACH:
        reached = log_odds(guideline.base_rate) + C_NEW
        assert reached < level_threshold(guideline, Level.NOT_RECOMMENDED), guideline.id


def test_with_people_who_proved_reliable_reports_hold_what_would_be_removed():
    for guideline in EACH:
        reached = log_odds(guideline.base_rate) + C_NEW + math.log(100)
        will_be_removed = guideline.default_action is DefaultAction.REMOVE
        assert (reached >= hold_threshold(guideline)) == will_be_removed, guideline.id


def test_what_is_graver_takes_effect_sooner():
    for guideline in EACH:
        is_at_once = guideline.disclosure is DisclosureClass.AT_ONCE
        assert is_at_once == (guideline.severity is Severity.GRAVE), guideline.id
        if guideline.severity is Severity.LOW:
            assert guideline.disclosure is DisclosureClass.WINDOW, guideline.id


def test_what_is_not_removed_brings_no_strike():
    lenient = [each for each in EACH if each.default_action is not DefaultAction.REMOVE]
    assert {each.strike_weight for each in lenient} == {0}


def test_only_lists_of_the_worst_content_remove_without_a_human():
    assert {each.id for each in EACH if each.remove_known_content} == {
        "terrorism",
        "child_sexual_abuse",
        "intimate_images",
        "intimate_deepfake",
    }


def test_only_the_affected_person_invokes_what_concerns_them_alone():
    assert {each.id for each in EACH if each.affected_person_only} == {
        "intimate_images",
        "intimate_deepfake",
        "sexual_extortion",
        "copyright",
        "trademark",
        "image_of_me",
        "outdated_about_me",
        "defamation",
    }


def test_every_action_and_class_occurs():
    assert {each.default_action for each in EACH} == set(DefaultAction)
    assert {each.disclosure for each in EACH} == set(DisclosureClass)
    assert {each.severity for each in EACH} == set(Severity)


def test_every_category_is_used_but_the_one_that_depends_on_the_victim():
    used = {each.dsa_category for each in EACH}
    assert set(KEYWORDS) - used == {"STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN"}


@pytest.mark.parametrize("kind", SubjectKind)
def test_whatever_is_reported_may_be_called_illegal(kind):
    choices = taxonomy(DEFAULT, "en", kind).topics
    assert any(each.illegal_notice for topic in choices for each in topic.guidelines)
    assert "other_illegal" in {each.id for topic in choices for each in topic.guidelines}


def test_the_public_sees_all_guidelines_and_neither_a_term_nor_a_number():
    shown = repr(public_guidelines(DEFAULT, "de"))
    terms = [term for guideline in EACH for term in guideline.terms]
    assert "underseal-test-term" in terms
    assert not [term for term in terms if term in shown.casefold()]
    assert not re.search(r"\d\.\d", shown)
    assert all(f"'{guideline}'" in shown for guideline in DEFAULT.by_id)


def test_terms_are_written_in_lower_case():
    terms = [term for guideline in EACH for term in guideline.terms]
    assert terms == [term.casefold() for term in terms]
