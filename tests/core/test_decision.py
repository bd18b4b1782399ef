from datetime import UTC, datetime
from uuid import UUID

import pytest

from underseal.core.case import ModeratorId
from underseal.core.decision import (
    OUTCOME_OF,
    VISIBILITY_OF,
    Automation,
    Decision,
    DecisionId,
    Finding,
    Outcome,
    Verdict,
    automation_of,
)
from underseal.core.guideline import DefaultAction, GuidelineId
from underseal.core.subject import SubjectId

SPAM = GuidelineId("spam")


def decision(automation, decided_by, confirmed_by=None):
    verdict = Verdict(outcome=Outcome.REMOVE, guideline=SPAM, finding=Finding.ACTIONED)
    return Decision(
        id=DecisionId(UUID(int=1)),
        subject_id=SubjectId(UUID(int=2)),
        round=1,
        verdict=verdict,
        visibility=VISIBILITY_OF[verdict.outcome],
        automation=automation,
        decided_by=decided_by,
        decided_at=datetime(2026, 5, 1, tzinfo=UTC),
        guidelines_version="1",
        confirmed_by=confirmed_by,
    )


def test_exactly_a_fully_automated_decision_has_no_moderator():
    ana = ModeratorId(UUID(int=3))
    for automation in Automation:
        is_machine = automation is Automation.FULLY
        assert decision(automation, None if is_machine else ana).automation is automation
        with pytest.raises(ValueError):
            decision(automation, ana if is_machine else None)


def test_a_second_person_is_somebody_else_and_confirms_a_human():
    ana, bo = ModeratorId(UUID(int=3)), ModeratorId(UUID(int=4))
    assert decision(Automation.NOT_AUTOMATED, ana, bo).deciders == (ana, bo)
    assert decision(Automation.NOT_AUTOMATED, ana).deciders == (ana,)
    assert decision(Automation.FULLY, None).deciders == ()
    with pytest.raises(ValueError):
        decision(Automation.NOT_AUTOMATED, ana, ana)
    with pytest.raises(ValueError):
        decision(Automation.FULLY, None, bo)


@pytest.mark.parametrize(
    ("by_human", "machine_proposed", "automation"),
    [
        (False, True, Automation.FULLY),
        (True, True, Automation.PARTIALLY),
        (True, False, Automation.NOT_AUTOMATED),
    ],
)
def test_a_hold_that_a_human_confirms_is_partially_automated(
    by_human, machine_proposed, automation
):
    assert automation_of(by_human=by_human, machine_proposed=machine_proposed) is automation


def test_every_default_action_leads_to_a_restriction():
    assert set(OUTCOME_OF) == set(DefaultAction)
    assert set(VISIBILITY_OF) == set(Outcome)
    for outcome, visibility in VISIBILITY_OF.items():
        assert visibility.is_restricted == (outcome is not Outcome.NO_VIOLATION)


@pytest.mark.parametrize(
    ("outcome", "guideline", "finding"),
    [
        (Outcome.REMOVE, None, Finding.NO_VIOLATION),
        (Outcome.NO_VIOLATION, SPAM, Finding.ACTIONED),
        (Outcome.REMOVE, SPAM, Finding.NO_VIOLATION),
        (Outcome.NO_VIOLATION, None, Finding.ACTIONED),
    ],
)
def test_a_verdict_names_a_guideline_exactly_when_it_was_broken(outcome, guideline, finding):
    with pytest.raises(ValueError):
        Verdict(outcome=outcome, guideline=guideline, finding=finding)
