from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.decision import Outcome
from underseal.core.evidence import CLEARED
from underseal.core.findings import human_shifts
from underseal.core.guideline import GuidelineId
from underseal.core.guideline_file import parse

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
SPAM, PHISHING = GuidelineId("spam"), GuidelineId("phishing")

found = st.lists(
    st.sampled_from(
        [(None, Outcome.NO_VIOLATION), (SPAM, Outcome.REMOVE), (PHISHING, Outcome.LABEL)]
    ),
    min_size=1,
)


def test_where_nobody_has_looked_nothing_is_shifted():
    assert human_shifts((), GUIDELINES) == {}


def test_who_finds_nothing_clears_everything():
    shifts = human_shifts([(None, Outcome.NO_VIOLATION)], GUIDELINES)
    assert set(shifts) == set(GUIDELINES.by_id)
    assert set(shifts.values()) == {CLEARED}


def test_who_finds_one_breach_clears_all_others():
    shifts = human_shifts([(SPAM, Outcome.REMOVE)], GUIDELINES)
    assert shifts[SPAM] == 0
    assert {shifts[each] for each in GUIDELINES.by_id if each != SPAM} == {CLEARED}


def test_a_breach_that_somebody_else_has_found_stays_found():
    shifts = human_shifts([(SPAM, Outcome.REMOVE), (None, Outcome.NO_VIOLATION)], GUIDELINES)
    assert shifts[SPAM] == 0


@given(found)
def test_the_order_of_the_looks_makes_no_difference(findings):
    assert human_shifts(findings, GUIDELINES) == human_shifts(findings[::-1], GUIDELINES)


@given(found)
def test_a_look_never_speaks_against_a_subject(findings):
    assert max(human_shifts(findings, GUIDELINES).values()) <= 0


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_guideline_that_is_no_longer_in_force_shifts_nothing_of_its_own(outcome):
    shifts = human_shifts([(GuidelineId("withdrawn"), outcome)], GUIDELINES)
    assert set(shifts) == set(GUIDELINES.by_id)
