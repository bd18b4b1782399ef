from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from underseal.core.guideline import GuidelineId, Severity
from underseal.core.hold import (
    HOLD_LENGTHS,
    HOLD_TRANSITIONS,
    Hold,
    HoldNotInForceError,
    HoldNotRunOutError,
    HoldState,
    HoldStep,
    HoldStepNotAllowedError,
    advance,
    expire,
    half_life,
    settle,
    take_place,
)
from underseal.core.message import IncidentKind
from underseal.core.subject import SubjectId
from underseal.core.visibility import Level, Visibility

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HELD = Visibility(level=Level.HELD, age_restricted=True)
OVER = {HoldState.LIFTED, HoldState.CONFIRMED, HoldState.EXPIRED, HoldState.WITHDRAWN}


def hold(severity=Severity.LOW, **fields):
    return Hold(
        subject_id=SubjectId(UUID(int=1)),
        round=1,
        guideline=GuidelineId("spam"),
        severity=severity,
        intended_at=NOON,
        **fields,
    )


def test_the_graver_the_sooner_a_hold_ends():
    lengths = [HOLD_LENGTHS[severity] for severity in Severity]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == timedelta(hours=72)
    assert lengths[-1] == timedelta(hours=24)


@given(severity=st.sampled_from(Severity))
def test_a_hold_counts_from_its_tick_and_is_a_duty_at_half_its_life(severity):
    tick = NOON + timedelta(hours=5)
    held = take_place(hold(severity), tick)
    assert (held.since_tick, held.expires_at) == (tick, tick + HOLD_LENGTHS[severity])
    assert half_life(held) == tick + HOLD_LENGTHS[severity] / 2


def test_the_lengths_are_a_setting():
    held = take_place(hold(), NOON, {Severity.LOW: timedelta(seconds=8)})
    assert held.expires_at == NOON + timedelta(seconds=8)


def test_a_hold_that_runs_out_becomes_milder_and_raises_an_incident():
    held = take_place(hold(), NOON)
    expiry = expire(held, HELD, NOON + timedelta(hours=72))
    assert expiry.hold.state is HoldState.EXPIRED
    assert expiry.visibility == Visibility(level=Level.NOT_RECOMMENDED, age_restricted=True)
    assert expiry.incident is IncidentKind.HOLD_EXPIRED


def test_a_hold_does_not_run_out_before_its_end():
    held = take_place(hold(), NOON)
    with pytest.raises(HoldNotRunOutError) as refused:
        expire(held, HELD, NOON + timedelta(hours=72) - timedelta(microseconds=1))
    assert refused.value.expires_at == held.expires_at


def test_a_hold_decided_before_it_took_place_never_takes_place():
    for breaks_guideline in (True, False):
        withdrawn = settle(hold(), breaks_guideline=breaks_guideline)
        assert withdrawn == hold(state=HoldState.WITHDRAWN)
        with pytest.raises(HoldStepNotAllowedError):
            take_place(withdrawn, NOON)


def test_a_hold_that_never_took_place_has_no_half_life():
    with pytest.raises(HoldNotInForceError):
        half_life(hold())


@pytest.mark.parametrize(
    "fields",
    [
        {"state": HoldState.IN_FORCE},
        {"state": HoldState.IN_FORCE, "since_tick": NOON},
        {"state": HoldState.EXPIRED, "since_tick": NOON, "expires_at": NOON},
        {"since_tick": NOON},
        {"state": HoldState.WITHDRAWN, "expires_at": NOON},
    ],
)
def test_a_hold_in_force_without_an_end_cannot_be(fields):
    with pytest.raises(ValueError):
        hold(**fields)


class Holds(RuleBasedStateMachine):
    """Decisions, ticks and sweeps come in any order; a hold has one beginning and one end."""

    def __init__(self):
        super().__init__()
        self.hold = hold(Severity.GRAVE)
        self.now = NOON
        self.path = [HoldState.INTENDED]

    def attempt(self, step, result):
        """Take a step, which `HOLD_TRANSITIONS` alone allows or not."""
        before = self.hold.state
        try:
            after = result()
        except HoldStepNotAllowedError:
            assert not any((before, each) in HOLD_TRANSITIONS for each in step)
            return
        except HoldNotRunOutError:
            assert before is HoldState.IN_FORCE
            assert self.now < self.hold.expires_at
            return
        assert any(HOLD_TRANSITIONS.get((before, each)) is after.state for each in step)
        self.hold = after
        self.path.append(after.state)

    @rule(passed=st.integers(0, 30))
    def time_passes(self, passed):
        self.now += timedelta(hours=passed)

    @rule()
    def a_tick_comes(self):
        self.attempt([HoldStep.TAKE_PLACE], lambda: take_place(self.hold, self.now))

    @rule(breaks=st.booleans())
    def the_round_is_decided(self, breaks):
        steps = [HoldStep.CONFIRM if breaks else HoldStep.LIFT, HoldStep.WITHDRAW]
        self.attempt(steps, lambda: settle(self.hold, breaks_guideline=breaks))

    @rule()
    def the_sweeper_comes(self):
        self.attempt([HoldStep.EXPIRE], lambda: expire(self.hold, HELD, self.now).hold)

    @invariant()
    def what_took_place_has_an_end(self):
        took_place = HoldState.IN_FORCE in self.path
        assert took_place == (self.hold.expires_at is not None)
        if took_place:
            length = self.hold.expires_at - self.hold.since_tick
            assert length == HOLD_LENGTHS[Severity.GRAVE]

    @invariant()
    def it_is_over_once(self):
        assert sum(state in OVER for state in self.path) <= 1
        assert self.path[-1] is self.hold.state
        assert HoldState.EXPIRED not in self.path or self.now >= self.hold.expires_at


TestHolds = Holds.TestCase


@given(state=st.sampled_from(HoldState), step=st.sampled_from(HoldStep))
def test_what_is_over_stays_over(state, step):
    if (state, step) in HOLD_TRANSITIONS:
        assert state not in OVER
        assert advance(state, step) is HOLD_TRANSITIONS[state, step]
    else:
        with pytest.raises(HoldStepNotAllowedError):
            advance(state, step)


def test_a_hold_in_force_can_always_end():
    for settled in (True, False):
        in_force = take_place(hold(), NOON)
        assert settle(in_force, breaks_guideline=settled).state in OVER
    assert replace(in_force, state=HoldState.LIFTED).expires_at == in_force.expires_at
