from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.draft import (
    BULK_MAX,
    LIVE,
    TRANSITIONS,
    UNDO_TIME,
    WORD_CHARS_MAX,
    BulkId,
    BulkSizeError,
    Draft,
    DraftEndedError,
    DraftId,
    DraftState,
    DraftStep,
    LeadMissingError,
    NotFinalError,
    NotYourDraftError,
    OneByOneError,
    SecondPersonError,
    UndoTooLateError,
    WordLengthError,
    begin,
    check_bulk,
    check_bulk_kind,
    check_lead,
    check_second,
    check_word,
    move,
    needs_second,
)
from underseal.core.guideline import GuidelineId
from underseal.core.subject import SubjectKind

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
MONA, NILS = ModeratorId(UUID(int=1)), ModeratorId(UUID(int=2))
ID = DraftId(UUID(int=3))

people = st.sampled_from([MONA, NILS, None])
steps = st.tuples(st.sampled_from(DraftStep), people, st.integers(0, 120))


def play(draft: Draft, moves) -> list[Draft]:
    """All that a draft becomes; steps that are refused change nothing."""
    seen, at = [draft], NOW
    for step, by, seconds in moves:
        at += timedelta(seconds=seconds)
        try:
            seen.append(move(seen[-1], step, at=at, by=by))
        except (
            DraftEndedError,
            NotFinalError,
            NotYourDraftError,
            SecondPersonError,
            UndoTooLateError,
        ):
            continue
    return seen


@given(st.booleans(), st.lists(steps, max_size=12))
def test_what_needs_a_second_person_is_never_decided_without_another_one(second, moves):
    for draft in play(begin(ID, MONA, NOW, second=second), moves):
        if draft.state is DraftState.DECIDED:
            assert draft.confirmed_by == (NILS if second else None)


@given(st.booleans(), st.lists(steps, max_size=12))
def test_a_draft_ends_once(second, moves):
    seen = play(begin(ID, MONA, NOW, second=second), moves)
    ended = [draft.state not in LIVE for draft in seen]
    assert ended == sorted(ended)
    assert sum(ended) <= 1


def test_it_is_undone_within_its_minute_by_who_made_it_and_not_later():
    draft = begin(ID, MONA, NOW, second=False)
    last = NOW + UNDO_TIME - timedelta(microseconds=1)
    assert move(draft, DraftStep.UNDO, at=last, by=MONA).state is DraftState.UNDONE
    with pytest.raises(UndoTooLateError):
        move(draft, DraftStep.UNDO, at=NOW + UNDO_TIME, by=MONA)
    with pytest.raises(NotYourDraftError):
        move(draft, DraftStep.UNDO, at=NOW, by=NILS)


def test_it_is_decided_when_its_minute_is_over_and_not_sooner():
    draft = begin(ID, MONA, NOW, second=False)
    with pytest.raises(NotFinalError):
        move(draft, DraftStep.DECIDE, at=NOW + UNDO_TIME - timedelta(microseconds=1))
    assert move(draft, DraftStep.DECIDE, at=NOW + UNDO_TIME).state is DraftState.DECIDED


@pytest.mark.parametrize("step", [DraftStep.CONFIRM, DraftStep.RETURN])
@pytest.mark.parametrize("by", [MONA, None])
def test_nobody_confirms_or_returns_their_own(step, by):
    with pytest.raises(SecondPersonError):
        move(begin(ID, MONA, NOW, second=True), step, at=NOW, by=by)


@given(st.sampled_from(SubjectKind), st.sampled_from(Outcome), st.sampled_from(Finding))
def test_bans_wait_for_a_second_person_and_nothing_else(kind, outcome, finding):
    is_breach = outcome is not Outcome.NO_VIOLATION
    if is_breach != (finding is Finding.ACTIONED):
        return
    verdict = Verdict(
        outcome=outcome, guideline=GuidelineId("spam") if is_breach else None, finding=finding
    )
    is_ban = kind is SubjectKind.ACCOUNT and outcome is Outcome.REMOVE
    assert needs_second(kind, verdict) == is_ban


@given(st.sampled_from(SubjectKind), st.booleans(), st.lists(steps, max_size=12))
def test_a_ban_is_taken_as_a_draft_that_somebody_else_has_confirmed_and_in_no_other_way(
    kind, second, moves
):
    ban = Verdict(outcome=Outcome.REMOVE, guideline=GuidelineId("spam"), finding=Finding.ACTIONED)
    for draft in (None, *play(begin(ID, MONA, NOW, second=second), moves)):
        is_confirmed = draft is not None and draft.confirmed_by == NILS
        with (
            nullcontext()
            if is_confirmed or kind is not SubjectKind.ACCOUNT
            else pytest.raises(SecondPersonError)
        ):
            check_second(kind, ban, draft)


def test_every_state_that_waits_has_a_way_out_and_no_other_has_one():
    assert {state for state, _ in TRANSITIONS} == set(LIVE)


@pytest.mark.parametrize("word", ["", " \n", "x" * (WORD_CHARS_MAX + 1)])
def test_a_word_to_a_colleague_says_something_and_not_too_much(word):
    with pytest.raises(WordLengthError):
        check_word(word)


def test_a_word_is_kept_without_the_space_around_it():
    assert check_word("  look at 0:12 \n") == "look at 0:12"


def test_a_draft_that_was_decided_alone_though_it_needed_two_is_none():
    with pytest.raises(ValueError):
        Draft(
            id=ID,
            made_by=MONA,
            made_at=NOW,
            final_at=NOW + UNDO_TIME,
            needs_second=True,
            state=DraftState.DECIDED,
        )


def test_each_draft_of_a_bulk_needs_a_second_person():
    draft = begin(ID, MONA, NOW, second=False, bulk=BulkId(UUID(int=4)))
    assert (draft.needs_second, draft.state) == (True, DraftState.UNCONFIRMED)
    with pytest.raises(ValueError, match="second person"):
        replace(draft, needs_second=False, state=DraftState.PENDING)


@given(st.integers(-1, 2 * BULK_MAX))
def test_a_bulk_has_a_bound_and_is_not_empty(size):
    if 1 <= size <= BULK_MAX:
        check_bulk(size)
    else:
        with pytest.raises(BulkSizeError):
            check_bulk(size)


def test_appeals_and_what_is_called_made_up_are_decided_one_by_one():
    made_up = Verdict(
        outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.MANIFESTLY_UNFOUNDED
    )
    with pytest.raises(OneByOneError):
        check_bulk(2, made_up)
    with pytest.raises(OneByOneError):
        check_bulk_kind(CaseKind.APPEAL)
    check_bulk_kind(CaseKind.REVIEW)


@given(st.lists(st.sampled_from(ModeratorRole), max_size=2))
def test_one_of_those_who_take_a_bulk_is_a_lead(roles):
    if ModeratorRole.LEAD in roles:
        check_lead(*roles)
    else:
        with pytest.raises(LeadMissingError):
            check_lead(*roles)
