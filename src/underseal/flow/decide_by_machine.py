"""A machine removes what a human has verified before: known content, where a guideline allows it.

It is a decision like any other, explained and open to appeal, and says that it was automated.
"""

from datetime import datetime

from underseal.core.case import CaseStep, Round, StepNotAllowedError, move
from underseal.core.decision import (
    VISIBILITY_OF,
    Decision,
    DecisionId,
    Finding,
    Outcome,
    Verdict,
    automation_of,
)
from underseal.core.guideline import GuidelineId
from underseal.flow.settle import Judgement, settle
from underseal.flow.system import System
from underseal.store import cases, subjects
from underseal.store.connection import Connection
from underseal.store.decisions import DecisionKind, StoredDecision
from underseal.store.subjects import Subject


class MachineMayNotRemoveError(Exception):
    """The guideline does not let machines remove known content."""

    def __init__(self, guideline: GuidelineId) -> None:
        super().__init__(f"{guideline} does not let machines remove known content")
        self.guideline = guideline


async def decide_by_machine(
    conn: Connection, system: System, subject: Subject, guideline_id: GuidelineId, now: datetime
) -> DecisionId | None:
    """Remove verified known content in the present round; the subject's chain is locked.

    Returns None where a moderator has the case: then they decide it.

    Raises:
        MachineMayNotRemoveError: the guideline does not allow it.
    """
    guideline = system.guidelines.by_id[guideline_id]
    if not guideline.remove_known_content:
        raise MachineMayNotRemoveError(guideline_id)
    case = await cases.lock_case_of_round(conn, subject.subject_id, subject.round)
    if case is not None:
        here = Round(
            subject_id=case.subject_id,
            number=case.round,
            kind=case.kind,
            state=case.state,
            moderator=case.leased_by,
        )
        try:
            move(here, CaseStep.DECIDE_BY_MACHINE)
        except StepNotAllowedError:
            return None
    locked = await subjects.lock_subject(conn, subject.subject_id)
    assert locked is not None, "the caller has loaded it"
    verdict = Verdict(outcome=Outcome.REMOVE, guideline=guideline_id, finding=Finding.ACTIONED)
    taken = StoredDecision(
        decision=Decision(
            id=DecisionId(system.new_id()),
            subject_id=locked.subject_id,
            round=locked.round,
            verdict=verdict,
            visibility=VISIBILITY_OF[verdict.outcome],
            automation=automation_of(by_human=False, machine_proposed=True),
            decided_by=None,
            decided_at=now,
            guidelines_version=system.guidelines.version,
        ),
        version=locked.version,
        kind=DecisionKind.MACHINE,
        reviews=None,
        reasons="",
    )
    judgement = Judgement(
        taken=taken,
        guideline=guideline,
        case_id=case.case_id if case is not None else None,
        automated_detection=True,
    )
    await settle(conn, system, locked, judgement, now)
    return taken.decision.id
