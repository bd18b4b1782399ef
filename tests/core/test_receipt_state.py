from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.receipt_state import (
    RECEIPT_WORDS,
    DisclosedOutcome,
    ReceiptFacts,
    ReceiptState,
    answer_days,
    before_reporting,
    receipt_text,
    state_at,
)

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
ANSWER_DAYS = 8
ANSWER_DAY = 24 * ANSWER_DAYS


def tick(hours):
    return MIDNIGHT + timedelta(hours=hours)


def outcome(hours, is_violation=True, shows=True):
    return DisclosedOutcome(
        disclosed_at=tick(hours), is_violation=is_violation, shows=shows or is_violation
    )


def quiet(hours):
    """Nothing was found, and nothing shows."""
    return outcome(hours, is_violation=False, shows=False)


def facts(*outcomes, is_notice=False, day=0):
    return ReceiptFacts(
        filed_on=date(2026, 3, 1) + timedelta(days=day),
        is_notice=is_notice,
        answer_days=ANSWER_DAYS,
        outcomes=outcomes,
    )


def state(here, hours):
    return state_at(here, tick(hours))[0]


OUTCOMES = st.lists(
    st.builds(outcome, st.integers(0, 300), st.booleans(), st.booleans()), max_size=4
)
HOURS = st.integers(0, 300)


def test_a_report_is_received_that_day_and_in_review_from_the_next():
    assert state_at(facts(), tick(0)) == (ReceiptState.RECEIVED, None)
    assert state_at(facts(), tick(23)) == (ReceiptState.RECEIVED, None)
    assert state_at(facts(), tick(24)) == (ReceiptState.IN_REVIEW, tick(24))
    assert state_at(facts(), tick(10_000)) == (ReceiptState.IN_REVIEW, tick(24))


def test_what_shows_is_told_when_it_shows_and_not_before():
    for is_violation, answer in (
        (True, ReceiptState.ACTION_TAKEN),
        (False, ReceiptState.NO_VIOLATION),
    ):
        decided = facts(outcome(30, is_violation))
        assert state(decided, 29) is ReceiptState.IN_REVIEW
        assert state_at(decided, tick(30)) == (answer, tick(30))


def test_an_outcome_on_the_same_day_needs_no_review_before_it():
    assert state(facts(outcome(3)), 3) is ReceiptState.ACTION_TAKEN


@given(one=st.integers(0, ANSWER_DAY), other=st.integers(0, ANSWER_DAY), hours=HOURS)
def test_that_nothing_was_found_is_told_on_the_answer_day_whenever_it_was_within_the_time(
    one, other, hours
):
    assert state_at(facts(quiet(ANSWER_DAY)), tick(ANSWER_DAY)) == (
        ReceiptState.NO_VIOLATION,
        tick(ANSWER_DAY),
    )
    assert state_at(facts(quiet(one)), tick(hours)) == state_at(facts(quiet(other)), tick(hours))
    before = state_at(facts(quiet(one)), tick(min(hours, ANSWER_DAY - 1)))
    assert before == state_at(facts(), tick(min(hours, ANSWER_DAY - 1)))


def test_a_look_that_came_too_late_is_told_at_its_tick():
    late = facts(quiet(ANSWER_DAY + 5))
    assert state(late, ANSWER_DAY + 4) is ReceiptState.IN_REVIEW
    assert state_at(late, tick(1000)) == (ReceiptState.NO_VIOLATION, tick(ANSWER_DAY + 5))


def test_each_receipt_of_a_report_has_an_answer_day_of_its_own():
    for day in range(5):
        here = facts(quiet(4), day=day)
        assert state(here, ANSWER_DAY + 24 * day - 1) is ReceiptState.IN_REVIEW
        assert state_at(here, tick(ANSWER_DAY + 24 * day)) == (
            ReceiptState.NO_VIOLATION,
            tick(ANSWER_DAY + 24 * day),
        )


@given(HOURS)
def test_a_notice_is_answered_at_the_tick(hours):
    here = facts(quiet(hours), is_notice=True)
    assert state_at(here, tick(hours)) == (ReceiptState.NO_VIOLATION, tick(hours))


def test_what_is_taken_back_is_told_at_once_though_the_answer_day_is_to_come():
    first, second = quiet(5), outcome(60, is_violation=False)
    assert state(facts(first, outcome(40)), 40) is ReceiptState.ACTION_TAKEN
    taken_back = facts(first, second)
    for hours in (60, ANSWER_DAY, 1000):
        assert state_at(taken_back, tick(hours)) == (ReceiptState.NO_VIOLATION, tick(60))


def test_that_nothing_was_found_again_changes_nothing():
    once = facts(quiet(5))
    again = facts(quiet(5), quiet(ANSWER_DAY + 7))
    for hours in range(0, 400, 3):
        assert state_at(once, tick(hours)) == state_at(again, tick(hours))


@given(outcomes=OUTCOMES, is_notice=st.booleans(), hours=HOURS)
def test_that_action_was_taken_counts_before_everything_else(outcomes, is_notice, hours):
    here = facts(*outcomes, is_notice=is_notice)
    acted = any(each.is_violation and each.disclosed_at <= tick(hours) for each in outcomes)
    assert (state(here, hours) is ReceiptState.ACTION_TAKEN) == acted


@given(outcomes=OUTCOMES, future=OUTCOMES, hours=HOURS)
def test_nothing_undisclosed_shows(outcomes, future, hours):
    """The same to the byte, whatever is decided but will only be disclosed later."""
    later = [outcome(hours + 1 + each, kind) for each, kind in ((5, True), (9, False))]
    hidden = [each for each in future if each.disclosed_at > tick(hours)]
    told = [each for each in outcomes if each.disclosed_at <= tick(hours)]
    everything = facts(*hidden, *outcomes, *later)
    assert state_at(everything, tick(hours)) == state_at(facts(*told), tick(hours))


@given(outcomes=OUTCOMES, is_notice=st.booleans(), hours=HOURS)
def test_a_receipt_never_goes_back(outcomes, is_notice, hours):
    stages = {ReceiptState.RECEIVED: 0, ReceiptState.IN_REVIEW: 1}
    here = facts(*outcomes, is_notice=is_notice)
    before, after = (state(here, at) for at in (hours, hours + 1))
    assert stages.get(before, 2) <= stages.get(after, 2)


@given(outcomes=OUTCOMES, is_notice=st.booleans(), hours=st.integers(1, 300))
def test_a_receipt_changes_only_at_its_midnights_or_a_disclosure(outcomes, is_notice, hours):
    moments = {tick(24), tick(ANSWER_DAY), *(each.disclosed_at for each in outcomes)}
    if tick(hours) not in moments:
        here = facts(*outcomes, is_notice=is_notice)
        assert state_at(here, tick(hours)) == state_at(here, tick(hours - 1))


@given(outcomes=OUTCOMES, is_notice=st.booleans(), hours=HOURS)
def test_a_receipt_says_since_when(outcomes, is_notice, hours):
    here = facts(*outcomes, is_notice=is_notice)
    now, since = state_at(here, tick(hours))
    assert (since is None) == (now is ReceiptState.RECEIVED)
    assert since is None or since <= tick(hours)


def test_the_answer_day_begins_when_the_last_day_for_a_look_is_over():
    assert answer_days(7) == ANSWER_DAYS


def test_a_receipt_knows_no_weight_no_queue_and_no_other_report():
    known = {"filed_on", "is_notice", "answer_days", "outcomes"}
    assert {field.name for field in fields(ReceiptFacts)} == known
    told = {"disclosed_at", "is_violation", "shows"}
    assert {field.name for field in fields(DisclosedOutcome)} == told


@pytest.mark.parametrize("language", RECEIPT_WORDS)
def test_every_language_has_every_state_and_says_everything_beforehand(language):
    words = RECEIPT_WORDS[language]
    assert set(words.states) == set(ReceiptState)
    assert len({receipt_text(state, language) for state in ReceiptState}) == len(ReceiptState)
    assert len(before_reporting(language)) == len(before_reporting("en")) == 4
    assert before_reporting(language, is_notice=True, affected_person_only=True)[4:] == (
        words.notice,
        words.affected,
    )


def test_the_dialog_says_what_a_reporter_must_know():
    text = " ".join(before_reporting("en"))
    for promise in (
        "breaks the guidelines",
        "cannot be changed or withdrawn",
        "Nobody will be told",
        "report quietly",
    ):
        assert promise in text


def test_a_mistaken_report_is_said_to_do_no_harm():
    for language, said in (("en", "no harm"), ("de-AT", "schadet nicht"), ("es", "no hace daño")):
        assert said in receipt_text(ReceiptState.NO_VIOLATION, language)
        assert said not in receipt_text(ReceiptState.ACTION_TAKEN, language)


def test_a_language_we_do_not_have_gets_english():
    assert receipt_text(ReceiptState.RECEIVED, "fi") == "We have received your report."
