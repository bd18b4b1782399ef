from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from underseal.core.case import (
    ENDED,
    TRANSITIONS,
    CaseKind,
    CaseState,
    CaseStep,
    MachineAppealError,
    ModeratorId,
    NotLeasedError,
    Round,
    RoundNotEndedError,
    SameModeratorError,
    StepNotAllowedError,
    advance,
    move,
    next_round,
)
from underseal.core.subject import SubjectId

SUBJECT = SubjectId(UUID(int=7))
ANA, BO, CEM = (ModeratorId(UUID(int=number)) for number in (1, 2, 3))


def review(**fields):
    return Round(subject_id=SUBJECT, number=1, kind=CaseKind.REVIEW, **fields)


def appeal(**fields):
    return Round(subject_id=SUBJECT, number=2, kind=CaseKind.APPEAL, judged_by=(ANA, CEM), **fields)


def test_exactly_the_ended_states_lead_nowhere():
    assert {state for state, _ in TRANSITIONS} == set(CaseState) - ENDED


def test_every_state_can_be_reached_and_ended():
    for start in CaseState:
        reached = {start}
        for _ in CaseState:
            reached |= {after for (state, _), after in TRANSITIONS.items() if state in reached}
        assert reached & ENDED
        assert start is not CaseState.OPEN or reached == set(CaseState)


def test_a_step_that_may_not_follow_says_which_and_where():
    with pytest.raises(StepNotAllowedError) as refused:
        advance(CaseState.DECIDED, CaseStep.TAKE)
    assert (refused.value.state, refused.value.step) == (CaseState.DECIDED, CaseStep.TAKE)


def test_nobody_takes_an_appeal_against_a_decision_that_they_took_part_in():
    for barred in (ANA, CEM):
        with pytest.raises(SameModeratorError):
            move(appeal(state=CaseState.QUEUED), CaseStep.TAKE, by=barred)
    assert move(appeal(state=CaseState.QUEUED), CaseStep.TAKE, by=BO).moderator == BO


def test_no_machine_decides_an_appeal():
    with pytest.raises(MachineAppealError):
        move(appeal(), CaseStep.DECIDE_BY_MACHINE)
    assert move(review(), CaseStep.DECIDE_BY_MACHINE).state is CaseState.DECIDED


def test_only_who_holds_the_lease_decides():
    leased = move(review(state=CaseState.QUEUED), CaseStep.TAKE, by=ANA)
    for other in (BO, None):
        with pytest.raises(NotLeasedError):
            move(leased, CaseStep.DECIDE, by=other)
    assert move(leased, CaseStep.DECIDE, by=ANA).state is CaseState.DECIDED


def test_a_lease_is_given_back_by_its_holder_or_runs_out():
    leased = move(review(state=CaseState.QUEUED), CaseStep.TAKE, by=ANA)
    with pytest.raises(NotLeasedError):
        move(leased, CaseStep.RELEASE, by=BO)
    for releaser in (ANA, None):
        assert move(leased, CaseStep.RELEASE, by=releaser) == review(state=CaseState.QUEUED)


@pytest.mark.parametrize("state", sorted(set(CaseState) - ENDED))
def test_no_round_opens_beside_one_under_way(state):
    holder = ANA if state is CaseState.LEASED else None
    with pytest.raises(RoundNotEndedError):
        next_round(review(state=state, moderator=holder), CaseKind.REVIEW)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": CaseState.LEASED},
        {"state": CaseState.QUEUED, "moderator": ANA},
        {"judged_by": (ANA,)},
    ],
)
def test_a_round_that_cannot_be_is_refused(fields):
    with pytest.raises(ValueError):
        review(**fields)


def test_rounds_count_from_one():
    with pytest.raises(ValueError):
        Round(subject_id=SUBJECT, number=0, kind=CaseKind.REVIEW)


class Rounds(RuleBasedStateMachine):
    """Anybody tries any step at any time; what happens is then looked at from outside."""

    def __init__(self):
        super().__init__()
        self.round = review()
        self.holder = None
        self.deciders = []

    @rule(step=st.sampled_from(CaseStep), by=st.sampled_from([ANA, BO, CEM, None]))
    def somebody_tries_a_step(self, step, by):
        before = self.round
        try:
            self.round = move(before, step, by=by)
        except StepNotAllowedError:
            assert (before.state, step) not in TRANSITIONS
            return
        except (SameModeratorError, MachineAppealError):
            assert before.kind is CaseKind.APPEAL
            return
        except NotLeasedError:
            assert by != self.holder or by is None
            return
        assert TRANSITIONS[before.state, step] is self.round.state
        assert self.round.number == before.number
        if step is CaseStep.DECIDE:
            assert by == self.holder
            self.deciders.append((self.round.number, by))
        if step is CaseStep.DECIDE_BY_MACHINE:
            self.deciders.append((self.round.number, None))
        self.holder = by if step is CaseStep.TAKE else self.holder
        if step in {CaseStep.RELEASE, CaseStep.DECIDE, CaseStep.SUPERSEDE}:
            self.holder = None

    @precondition(lambda self: self.round.state in ENDED)
    @rule(kind=st.sampled_from(CaseKind), second=st.sampled_from([CEM, None]))
    def the_next_round_opens(self, kind, second):
        judges = (self.deciders[-1][1], second) if kind is CaseKind.APPEAL and self.deciders else ()
        judged_by = tuple(each for each in judges if each is not None)
        self.round = next_round(self.round, kind, judged_by=judged_by)
        assert self.round.state is CaseState.OPEN

    @invariant()
    def exactly_a_leased_round_has_a_moderator(self):
        assert self.round.moderator == self.holder
        assert (self.holder is not None) == (self.round.state is CaseState.LEASED)

    @invariant()
    def a_round_is_decided_once(self):
        rounds = [number for number, _ in self.deciders]
        assert len(rounds) == len(set(rounds))

    @invariant()
    def an_appeal_is_decided_by_somebody_else(self):
        if self.round.kind is CaseKind.APPEAL and self.round.state is CaseState.DECIDED:
            number, decider = self.deciders[-1]
            assert number == self.round.number
            assert decider is not None
            assert decider not in self.round.judged_by


TestRounds = Rounds.TestCase
