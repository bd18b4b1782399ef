"""A moderator decides the case that they have leased.

Decision, commitment, intended effect, statement, appeal right and credit are one transaction. That
reports were made up is a charge beside it, which waits for a second person (`core.charge`).

Invariants:
    Only who has the lease decides, and only while it lasts.
    What needs a second person is taken as a draft that one has confirmed, and in no other way.
    As long as a draft waits on a case, nothing but that draft is taken on it.
    An appeal is decided by somebody else, with reasons, and never for something harsher.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core import appeal as appealing
from underseal.core.appeal import AppealStep
from underseal.core.caller import PrincipalId
from underseal.core.case import (
    CaseKind,
    CaseStep,
    ModeratorId,
    NotLeasedError,
    Round,
    check_other_moderator,
    move,
)
from underseal.core.charge import as_taken, is_charge
from underseal.core.decision import (
    VISIBILITY_OF,
    Decision,
    DecisionId,
    Outcome,
    Verdict,
    automation_of,
)
from underseal.core.draft import AlreadyDraftedError, Draft, check_second
from underseal.core.guideline import Guideline
from underseal.core.report import Moment
from underseal.core.statement import quote
from underseal.flow.file_report import (
    PLAYABLE,
    GuidelineNotForKindError,
    NoMomentsError,
    UnknownGuidelineError,
)
from underseal.flow.own_subjects import is_own
from underseal.flow.read_notes import all_notes
from underseal.flow.settle import Judgement, OnAppeal, settle
from underseal.flow.system import System
from underseal.store import (
    appeals,
    cases,
    charges,
    decisions,
    drafts,
    effects,
    ledger,
    scans,
    subjects,
)
from underseal.store.cases import CaseId, StoredCase
from underseal.store.connection import Connection
from underseal.store.decisions import DecisionKind, StoredDecision
from underseal.store.roles import Role
from underseal.store.subjects import Subject

HARSHNESS: Final = (
    Outcome.NO_VIOLATION,
    Outcome.LABEL,
    Outcome.AGE_RESTRICT,
    Outcome.NOT_RECOMMENDED,
    Outcome.REMOVE,
)
"""The outcomes from the mildest to the harshest."""


class UnknownCaseError(Exception):
    """There is no such case, or none for whoever asks: it is about something of their own."""


class HarsherOnAppealError(Exception):
    """Whoever appeals does not fare worse for it."""

    def __init__(self, first: Outcome, outcome: Outcome) -> None:
        super().__init__(f"an appeal against {first} cannot lead to {outcome}")
        self.first = first
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a moderator submits.

    `observed` are numbers of the guideline's examples, from 0; `moments` where in the video.
    `reasons` are shown to the creator, on an appeal only.
    """

    verdict: Verdict
    observed: tuple[int, ...] = ()
    moments: tuple[Moment, ...] = ()
    reasons: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sitting:
    """A moderator about to decide a case, and who confirmed that; `first` is under appeal."""

    case: StoredCase
    subject: Subject
    first: StoredDecision | None
    moderator: ModeratorId
    second: ModeratorId | None
    given: Submission
    now: datetime


async def decide(
    system: System, case_id: CaseId, moderator: ModeratorId, given: Submission, now: datetime
) -> DecisionId:
    """Decide a leased case by oneself, and set in motion what follows.

    Raises:
        SecondPersonError: it needs a second person: see `flow.draft_decision`.
        AlreadyDraftedError: they have submitted something for it that waits.
        UnknownCaseError: there is no such case.
        NotLeasedError: the moderator does not have it, or no longer.
        StepNotAllowedError: it is not under way.
        SameModeratorError: it is an appeal against a decision that they took, or confirmed.
        HarsherOnAppealError: it is an appeal, and the outcome is harsher than before.
        ReasonsLengthError, ReasonsQuoteError: it is an appeal, and the reasons cannot be given.
        UnknownGuidelineError, GuidelineNotForKindError, UnknownExampleError, NoMomentsError: the
            guidelines do not allow such a decision.
    """
    async with system.db.transaction(Role.CORE) as conn:
        return await decide_within(conn, system, case_id, moderator, given, draft=None, now=now)


async def decide_within(
    conn: Connection,
    system: System,
    case_id: CaseId,
    moderator: ModeratorId,
    given: Submission,
    *,
    draft: Draft | None,
    now: datetime,
) -> DecisionId:
    """Decide a leased case as `decide` does, or take its `draft`, as a part of a transaction."""
    found = await cases.load_case(conn, case_id)
    if found is None:
        raise UnknownCaseError
    await ledger.lock_chain(conn, found.subject_id)
    case = await cases.lock_case(conn, case_id)
    subject = await subjects.lock_subject(conn, found.subject_id)
    assert case is not None, "cases are never deleted"
    assert subject is not None, "cases refer to subjects"
    second = None if draft is None else draft.confirmed_by
    judgement = await judge(
        conn, system, case, subject, by=moderator, second=second, given=given, now=now
    )
    check_second(subject.ref.kind, given.verdict, draft)
    live = await drafts.live_draft(conn, case_id)
    if live is not None and (draft is None or live.draft.id != draft.id):
        raise AlreadyDraftedError
    await settle(conn, system, subject, judgement, now)
    if is_charge(given.verdict):
        await charges.add_charge(conn, judgement.taken.decision)
    return judgement.taken.decision.id


async def judge(
    conn: Connection,
    system: System,
    case: StoredCase,
    subject: Subject,
    *,
    by: ModeratorId,
    second: ModeratorId | None = None,
    given: Submission,
    now: datetime,
) -> Judgement:
    """Return what a submission comes to, confirmed by a `second` person or not, and change nothing.

    Raises:
        Whatever `decide` refuses.
    """
    if await is_own(conn, system, PrincipalId(by), subject):
        raise UnknownCaseError
    first = await decisions.load_decision(conn, case.reviews) if case.reviews else None
    sitting = _Sitting(
        case=case, subject=subject, first=first, moderator=by, second=second, given=given, now=now
    )
    _check_lease(sitting)
    return await _judge(conn, system, sitting)


def _check_lease(sitting: _Sitting) -> None:
    case, first = sitting.case, sitting.first
    here = Round(
        subject_id=case.subject_id,
        number=case.round,
        kind=case.kind,
        state=case.state,
        moderator=case.leased_by,
        judged_by=first.decision.deciders if first else (),
    )
    move(here, CaseStep.DECIDE, by=sitting.moderator)
    check_other_moderator(sitting.moderator, here.judged_by)
    if sitting.second is not None:
        check_other_moderator(sitting.second, here.judged_by)
    if case.leased_until is not None and case.leased_until <= sitting.now:
        raise NotLeasedError


async def _judge(conn: Connection, system: System, sitting: _Sitting) -> Judgement:
    case, given = sitting.case, sitting.given
    guideline = _check_submission(system, sitting)
    on_appeal = None
    if sitting.first is not None:
        on_appeal = await _on_appeal(conn, system, sitting, sitting.first)
    is_detected = await _is_detected(conn, case, guideline)
    is_proposed = is_detected or bool(await effects.undecided_shown(conn, [case.subject_id]))
    taken = StoredDecision(
        decision=Decision(
            id=DecisionId(system.new_id()),
            subject_id=case.subject_id,
            round=case.round,
            verdict=as_taken(given.verdict),
            visibility=VISIBILITY_OF[given.verdict.outcome],
            automation=automation_of(by_human=True, machine_proposed=is_proposed),
            decided_by=sitting.moderator,
            confirmed_by=sitting.second,
            decided_at=sitting.now,
            guidelines_version=system.guidelines.version,
        ),
        version=case.version,
        kind=DecisionKind.APPEAL if case.kind is CaseKind.APPEAL else DecisionKind.REVIEW,
        reviews=case.reviews,
        reasons=given.reasons,
    )
    return Judgement(
        taken=taken,
        guideline=guideline,
        case_id=case.case_id,
        on_appeal=on_appeal,
        observed=given.observed,
        moments_ms=tuple((each.start_ms, each.end_ms) for each in given.moments),
        automated_detection=is_detected,
    )


def _check_submission(system: System, sitting: _Sitting) -> Guideline | None:
    """The guideline that was broken, if the submission fits it."""
    given, kind = sitting.given, sitting.subject.ref.kind
    if given.moments and kind not in PLAYABLE:
        raise NoMomentsError(kind)
    if given.verdict.guideline is None:
        return None
    guideline = system.guidelines.by_id.get(given.verdict.guideline)
    if guideline is None:
        raise UnknownGuidelineError(given.verdict.guideline)
    if kind not in guideline.subjects:
        raise GuidelineNotForKindError(guideline.id, kind)
    quote(guideline, given.observed)
    return guideline


async def _on_appeal(
    conn: Connection, system: System, sitting: _Sitting, first: StoredDecision
) -> OnAppeal:
    before, outcome = first.decision.verdict.outcome, sitting.given.verdict.outcome
    if HARSHNESS.index(outcome) > HARSHNESS.index(before):
        raise HarsherOnAppealError(before, outcome)
    appeal = await appeals.appeal_against(conn, first.decision.id)
    assert appeal is not None, "a case of an appeal is opened for one"
    decided = appealing.decide(
        appeal,
        AppealStep.REFUSE if outcome is before else AppealStep.GRANT,
        by=sitting.moderator,
        at=sitting.now,
        reasons=sitting.given.reasons,
        notes=await all_notes(conn, system.keys, first.decision.subject_id),
    )
    return OnAppeal(appeal=decided, first=first)


async def _is_detected(conn: Connection, case: StoredCase, guideline: Guideline | None) -> bool:
    """Whether machines had found what the decision is about, without any report."""
    if guideline is None:
        return False
    signals = await scans.newest_signals(conn, case.subject_id, case.version)
    return any(
        each.guideline == guideline.id and each.weight is not None and each.weight > 0
        for each in signals
    )
