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
    before_reporting,
    receipt_text,
    state_at,
)

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def tick(hours):
    return MIDNIGHT + timedelta(hours=hours)


def outcome(hours, is_violation=True):
    return DisclosedOutcome(disclosed_at=tick(hours), is_violation=is_violation)


def facts(*outcomes):
    return ReceiptFacts(filed_on=date(2026, 3, 1), outcomes=outcomes)


OUTCOMES = st.lists(st.builds(outcome, st.integers(0, 200), st.booleans()), max_size=4)


def test_a_report_is_received_that_day_and_in_review_from_the_next():
    assert state_at(facts(), tick(0)) is ReceiptState.RECEIVED
    assert state_at(facts(), tick(23)) is ReceiptState.RECEIVED
    assert state_at(facts(), tick(24)) is ReceiptState.IN_REVIEW
    assert state_at(facts(), tick(10_000)) is ReceiptState.IN_REVIEW


def test_a_receipt_answers_with_the_disclosure_and_not_before():
    for is_violation, answer in (
        (True, ReceiptState.ACTION_TAKEN),
        (False, ReceiptState.NO_VIOLATION),
    ):
        decided = facts(outcome(30, is_violation))
        assert state_at(decided, tick(29)) is ReceiptState.IN_REVIEW
        assert state_at(decided, tick(30)) is answer


def test_an_outcome_on_the_same_day_needs_no_review_before_it():
    assert state_at(facts(outcome(3)), tick(3)) is ReceiptState.ACTION_TAKEN


def test_what_is_reversed_on_appeal_is_answered_truly():
    reversed_later = facts(outcome(30), outcome(90, is_violation=False))
    assert state_at(reversed_later, tick(89)) is ReceiptState.ACTION_TAKEN
    assert state_at(reversed_later, tick(90)) is ReceiptState.NO_VIOLATION


@given(outcomes=OUTCOMES, future=OUTCOMES, hours=st.integers(0, 200))
def test_nothing_undisclosed_shows(outcomes, future, hours):
    """The same to the byte, whatever is decided but will only be disclosed later."""
    later = [outcome(hours + 1 + each, kind) for each, kind in ((5, True), (9, False))]
    hidden = [each for each in future if each.disclosed_at > tick(hours)]
    known = facts(*outcomes)
    assert state_at(facts(*outcomes, *later, *hidden), tick(hours)) is state_at(known, tick(hours))


@given(outcomes=OUTCOMES, hours=st.integers(0, 200))
def test_a_receipt_never_goes_back(outcomes, hours):
    stages = {ReceiptState.RECEIVED: 0, ReceiptState.IN_REVIEW: 1}
    before, after = (state_at(facts(*outcomes), tick(at)) for at in (hours, hours + 1))
    assert stages.get(before, 2) <= stages.get(after, 2)


@given(outcomes=OUTCOMES, hours=st.integers(1, 200))
def test_a_receipt_changes_only_at_midnight_or_a_disclosure(outcomes, hours):
    if tick(hours) not in {MIDNIGHT + timedelta(days=1), *(o.disclosed_at for o in outcomes)}:
        here = facts(*outcomes)
        assert state_at(here, tick(hours)) is state_at(here, tick(hours - 1))


def test_a_receipt_knows_no_weight_no_queue_and_no_other_report():
    assert {field.name for field in fields(ReceiptFacts)} == {"filed_on", "outcomes"}
    assert {field.name for field in fields(DisclosedOutcome)} == {"disclosed_at", "is_violation"}


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
