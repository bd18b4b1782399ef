from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from underseal.core.decision import DecisionId
from underseal.core.guideline import GuidelineId
from underseal.core.strike import (
    STRIKE_DAYS,
    STRIKE_TRANSITIONS,
    Strike,
    StrikeConflictError,
    StrikeState,
    StrikeVoided,
    fold,
    issue,
    standing,
    void,
)

TODAY = date(2026, 3, 1)
SPAM = GuidelineId("spam")
FIRST, SECOND, THIRD = (DecisionId(UUID(int=number)) for number in (1, 2, 3))
STRIKES = st.builds(
    issue,
    st.uuids().map(DecisionId),
    st.just(SPAM),
    st.integers(1, 10),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)


@st.composite
def histories(draw):
    """Strikes, some of them voided, as events in the order in which they happened."""
    strikes = draw(st.lists(STRIKES, max_size=8, unique_by=lambda each: each.decision_id))
    overturned = draw(st.sets(st.sampled_from(strikes))) if strikes else set()
    voids = [
        StrikeVoided(decision_id=each.decision_id, voided_by=DecisionId(UUID(int=99)))
        for each in strikes
        if each in overturned
    ]
    return [*strikes, *voids]


def test_a_strike_counts_for_ninety_days():
    strikes = [issue(FIRST, SPAM, 3, TODAY)]
    last = TODAY + timedelta(days=STRIKE_DAYS - 1)
    for on, points in (
        (TODAY - timedelta(days=1), 0),
        (TODAY, 3),
        (last, 3),
        (last + timedelta(days=1), 0),
    ):
        assert standing(strikes, on).points == points


def test_a_reinstated_video_has_no_strike():
    struck = issue(FIRST, SPAM, 3, TODAY)
    strikes = fold([struck, StrikeVoided(decision_id=FIRST, voided_by=SECOND)])
    assert standing(strikes, TODAY).active == ()
    assert strikes[0].state_on(TODAY) is StrikeState.VOIDED
    assert strikes[0].voided_by == SECOND


def test_overturning_a_decision_without_a_strike_changes_nothing():
    struck = issue(FIRST, SPAM, 3, TODAY)
    assert fold([struck, StrikeVoided(decision_id=SECOND, voided_by=THIRD)]) == (struck,)


def test_two_stories_of_one_strike_are_refused():
    voided = StrikeVoided(decision_id=FIRST, voided_by=SECOND)
    with pytest.raises(StrikeConflictError) as refused:
        fold([issue(FIRST, SPAM, 3, TODAY), issue(FIRST, SPAM, 4, TODAY)])
    assert refused.value.decision_id == FIRST
    with pytest.raises(StrikeConflictError):
        fold([voided, StrikeVoided(decision_id=FIRST, voided_by=THIRD)])
    with pytest.raises(StrikeConflictError):
        void(void(issue(FIRST, SPAM, 3, TODAY), SECOND), THIRD)


@pytest.mark.parametrize("weight", [0, -1])
def test_a_strike_has_a_weight(weight):
    with pytest.raises(ValueError):
        issue(FIRST, SPAM, weight, TODAY)


def test_a_strike_counts_for_at_least_a_day():
    with pytest.raises(ValueError):
        Strike(decision_id=FIRST, guideline=SPAM, weight=1, issued_on=TODAY, expires_on=TODAY)


@given(events=histories(), data=st.data())
def test_a_fold_does_not_depend_on_order_or_repetition(events, data):
    repeated = data.draw(st.permutations(events * 2))
    assert fold(repeated) == fold(events)


@given(events=histories(), cut=st.integers(0, 16))
def test_a_fold_in_pieces_is_a_fold_in_one_go(events, cut):
    done = fold(events[:cut])
    assert fold([*done, *events[cut:]]) == fold(events)
    assert fold([*done, *events]) == fold(events)


@given(events=histories(), on=st.dates(date(2025, 12, 1), date(2027, 6, 1)))
def test_the_points_are_the_weights_of_what_is_active(events, on):
    strikes = fold(events)
    now = standing(strikes, on)
    assert now.points == sum(strike.weight for strike in now.active)
    for strike in strikes:
        is_current = strike.issued_on <= on < strike.issued_on + timedelta(days=90)
        assert (strike in now.active) == (is_current and strike.voided_by is None)
    assert [each.issued_on for each in now.active] == sorted(each.issued_on for each in now.active)


class Strikes(RuleBasedStateMachine):
    """An account is struck, appeals and waits; each strike moves along the table alone."""

    def __init__(self):
        super().__init__()
        self.today = TODAY
        self.events = []
        self.seen = {}

    @rule(weight=st.integers(1, 5), number=st.integers(1, 6))
    def a_decision_strikes(self, weight, number):
        decision = DecisionId(UUID(int=number))
        if all(getattr(event, "decision_id", None) != decision for event in self.events):
            self.events.append(issue(decision, SPAM, weight, self.today))

    @rule(number=st.integers(1, 6))
    def an_appeal_is_granted(self, number):
        event = StrikeVoided(
            decision_id=DecisionId(UUID(int=number)), voided_by=DecisionId(UUID(int=100 + number))
        )
        if any(
            getattr(each, "weight", 0) and each.decision_id == event.decision_id
            for each in self.events
        ):
            self.events.append(event)

    @rule(days=st.integers(0, 60))
    def days_pass(self, days):
        self.today += timedelta(days=days)

    @invariant()
    def each_strike_moves_along_the_table(self):
        steps = {(before, after) for (before, _), after in STRIKE_TRANSITIONS.items()}
        for strike in fold(self.events):
            state = strike.state_on(self.today)
            before = self.seen.get(strike.decision_id, StrikeState.ACTIVE)
            assert state is before or (before, state) in steps
            self.seen[strike.decision_id] = state

    @invariant()
    def nothing_voided_counts(self):
        voided = {each.decision_id for each in self.events if isinstance(each, StrikeVoided)}
        active = standing(fold(self.events), self.today).active
        assert not voided & {strike.decision_id for strike in active}


TestStrikes = Strikes.TestCase
