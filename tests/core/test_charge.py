from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.case import ModeratorId
from underseal.core.charge import (
    CHARGE_TIME,
    Charge,
    ChargeEndedError,
    ChargeState,
    as_taken,
    end,
    is_charge,
)
from underseal.core.decision import DecisionId, Finding, Outcome, Verdict
from underseal.core.draft import SecondPersonError
from underseal.core.guideline import GuidelineId

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
MONA, NILS = ModeratorId(UUID(int=1)), ModeratorId(UUID(int=2))
CHARGE = Charge(
    decision_id=DecisionId(UUID(int=3)), made_by=MONA, made_at=NOW, state=ChargeState.WAITING
)

findings = st.sampled_from([each for each in Finding if each is not Finding.ACTIONED])


@given(findings)
def test_no_verdict_is_taken_as_one_that_calls_reports_made_up(finding):
    verdict = Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=finding)
    taken = as_taken(verdict)
    assert not is_charge(taken)
    assert (taken == verdict) != is_charge(verdict)
    assert (taken.outcome, taken.guideline) == (verdict.outcome, verdict.guideline)


def test_a_breach_is_taken_as_it_is():
    breach = Verdict(
        outcome=Outcome.REMOVE, guideline=GuidelineId("spam"), finding=Finding.ACTIONED
    )
    assert as_taken(breach) == breach


@given(st.booleans(), st.timedeltas(timedelta(0), CHARGE_TIME * 2))
def test_somebody_else_ends_a_charge_in_time_and_once(is_right, later):
    if later >= CHARGE_TIME:
        with pytest.raises(ChargeEndedError):
            end(CHARGE, is_right=is_right, by=NILS, at=NOW + later)
        return
    ended = end(CHARGE, is_right=is_right, by=NILS, at=NOW + later)
    assert (ended.state is ChargeState.CONFIRMED) == is_right
    with pytest.raises(ChargeEndedError):
        end(ended, is_right=True, by=NILS, at=NOW + later)


@given(st.booleans())
def test_nobody_ends_a_charge_of_their_own(is_right):
    with pytest.raises(SecondPersonError):
        end(CHARGE, is_right=is_right, by=MONA, at=NOW)
