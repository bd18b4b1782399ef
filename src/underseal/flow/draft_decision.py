"""A moderator submits a decision that can still be called back; when it no longer can, it is taken.

Invariants:
    Nothing is decided that `flow.decide` would refuse, then or when the draft is settled.
    A case has at most one draft that waits; whoever made it keeps the case meanwhile.
    A draft that cannot be settled gives its case back to the queue, and tells who made it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.case import (
    CaseState,
    ModeratorId,
    NotLeasedError,
    SameModeratorError,
    StepNotAllowedError,
)
from underseal.core.charge import as_taken
from underseal.core.decision import DecisionId
from underseal.core.draft import (
    CONFIRM_TIME,
    LIVE,
    AlreadyDraftedError,
    Draft,
    DraftId,
    DraftState,
    DraftStep,
    SecondPersonError,
    begin,
    move,
    needs_second,
)
from underseal.core.guideline import DisclosureClass
from underseal.core.person import Person
from underseal.core.reasons import ReasonsLengthError, ReasonsQuoteError
from underseal.core.statement import UnknownExampleError
from underseal.flow.decide import (
    HarsherOnAppealError,
    Submission,
    UnknownCaseError,
    decide,
    decide_within,
    judge,
)
from underseal.flow.file_report import (
    GuidelineNotForKindError,
    NoMomentsError,
    UnknownGuidelineError,
)
from underseal.flow.settle import Judgement
from underseal.flow.system import LEASE, System
from underseal.store import cases, decisions, drafts, subjects
from underseal.store.cases import CaseId, StoredCase
from underseal.store.connection import Connection
from underseal.store.drafts import StoredDraft
from underseal.store.roles import Role

FAILURES_MAX: Final = 3
"""How often settling a draft is tried when something goes wrong on our side. A setting."""

REFUSALS: Final = (
    UnknownCaseError,
    NotLeasedError,
    StepNotAllowedError,
    SameModeratorError,
    HarsherOnAppealError,
    ReasonsLengthError,
    ReasonsQuoteError,
    UnknownGuidelineError,
    GuidelineNotForKindError,
    UnknownExampleError,
    NoMomentsError,
)
"""Why a case cannot be decided like that: see `flow.decide`."""


class UnknownDraftError(Exception):
    """There is no such draft, or none for whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of a submission: a draft that waits, or None if it was decided at once."""

    draft: Draft | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A draft that was taken back; `is_back` says whether its case is on the desk again.

    The cases of a bulk go back to the queue that they came from.
    """

    case_id: CaseId
    is_back: bool


async def draft_decision(
    system: System, case_id: CaseId, person: Person, given: Submission, now: datetime
) -> Submitted:
    """Submit a decision on a leased case; what cannot wait is decided at once.

    The same submission twice, by a double click, is one.

    Raises:
        AlreadyDraftedError: they have submitted something else for it.
        Whatever `flow.decide.decide` refuses.
    """
    moderator = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await cases.lock_case(conn, case_id)
        if case is None:
            raise UnknownCaseError
        live = await drafts.live_draft(conn, case_id)
        if live is not None and live.draft.made_by == moderator:
            if given != submission_of(live):
                raise AlreadyDraftedError
            return Submitted(draft=live.draft)
        if await _is_taken(conn, case, moderator, given):
            return Submitted(draft=None)
        subject = await subjects.load_subject(conn, case.subject_id)
        assert subject is not None, "cases refer to subjects"
        judgement = await judge(conn, system, case, subject, by=moderator, given=given, now=now)
        second = needs_second(subject.ref.kind, given.verdict)
        if second or not is_at_once(judgement):
            draft = begin(DraftId(system.new_id()), moderator, now, second=second)
            stored = StoredDraft(
                draft=draft,
                case_id=case_id,
                verdict=given.verdict,
                observed=given.observed,
                moments=given.moments,
                reasons=given.reasons,
            )
            await drafts.add_draft(conn, stored, now + CONFIRM_TIME + LEASE)
            return Submitted(draft=draft)
    await decide(system, case_id, moderator, given, now)
    return Submitted(draft=None)


async def submit_decision(
    system: System, case_id: CaseId, person: Person, given: Submission, now: datetime
) -> DecisionId | Draft:
    """Decide a leased case at once, for who has no minute to undo, or draft what needs a second person.

    The same draft twice is one.

    Raises:
        AlreadyDraftedError: they have submitted something else for it.
        Whatever else `flow.decide.decide` refuses.
    """
    try:
        return await decide(system, case_id, ModeratorId(person.principal_id), given, now)
    except SecondPersonError:
        submitted = await draft_decision(system, case_id, person, given, now)
    if submitted.draft is None:  # the same was settled between the two
        raise NotLeasedError
    return submitted.draft


async def read_draft(system: System, draft_id: DraftId, person: Person) -> StoredDraft:
    """Return a draft to who made it.

    Raises:
        UnknownDraftError: there is no such draft, or it is somebody else's.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        stored = await drafts.lock_draft(conn, draft_id)
    if stored is None or stored.draft.made_by != person.principal_id:
        raise UnknownDraftError
    return stored


def is_at_once(judgement: Judgement) -> bool:
    """Whether a decision cannot wait for its minute: its guideline's effects take place at once."""
    guideline = judgement.guideline
    return guideline is not None and guideline.disclosure is DisclosureClass.AT_ONCE


async def undo_draft(system: System, draft_id: DraftId, person: Person, now: datetime) -> Undone:
    """Take a draft back within its minute, and all of its bulk; its case is on the desk again.

    Raises:
        UnknownDraftError: there is no such draft.
        DraftEndedError, UndoTooLateError, NotYourDraftError: see `core.draft.move`.
    """
    moderator = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        together = await drafts.lock_together(conn, draft_id)
        if not together:
            raise UnknownDraftError
        # Some of a bulk may have been left out by the second person.
        for stored in [each for each in together if each.draft.state in LIVE] or together[:1]:
            undone = move(stored.draft, DraftStep.UNDO, at=now, by=moderator)
            await drafts.save_draft(conn, undone, ended_at=now)
            is_back = undone.bulk is None and await drafts.lease_again(
                conn, stored.case_id, moderator, now + LEASE
            )
            if not is_back:
                await drafts.queue_again(conn, stored.case_id, moderator)
    return Undone(case_id=together[0].case_id, is_back=is_back)


async def settle_drafts(system: System, now: datetime) -> int:
    """Settle all drafts that are final, and return how many that were.

    What goes wrong on our side is raised; the draft comes last the next time, and is given up
    after `FAILURES_MAX` times.
    """
    settled = 0
    while await _settle_next(system, now):
        settled += 1
    return settled


async def _settle_next(system: System, now: datetime) -> bool:
    due = None
    try:
        async with system.db.transaction(Role.CORE) as conn:
            due = await drafts.lock_due(conn, now, now - CONFIRM_TIME)
            if due is None:
                return False
            await _settle(conn, system, due, now)
    except Exception:
        if due is not None:
            await _note_failure(system, due.draft.id, now)
        raise
    return True


async def _settle(conn: Connection, system: System, due: StoredDraft, now: datetime) -> None:
    """Decide what a draft says, or give its case back to the queue; the draft is locked."""
    if due.draft.state is DraftState.UNCONFIRMED:
        await _refuse(conn, due, "nobody confirmed it in time", now)
        return
    if not due.may_decide:
        await _refuse(conn, due, "whoever submitted it does not decide any more", now)
        return
    decided = move(due.draft, DraftStep.DECIDE, at=now)
    try:
        async with conn.transaction():
            await decide_within(
                conn,
                system,
                due.case_id,
                decided.made_by,
                submission_of(due),
                draft=decided,
                now=now,
            )
    except REFUSALS as error:
        await _refuse(conn, due, plain(error), now)
    else:
        await drafts.save_draft(conn, decided, ended_at=now)


async def _refuse(conn: Connection, due: StoredDraft, word: str, now: datetime) -> None:
    refused = move(due.draft, DraftStep.REFUSE, at=now)
    await drafts.save_draft(conn, refused, word=word, ended_at=now)
    await drafts.queue_again(conn, due.case_id, refused.made_by)


async def _note_failure(system: System, draft_id: DraftId, now: datetime) -> None:
    """Give a draft up that has failed too often, unless somebody else has ended it meanwhile."""
    async with system.db.transaction(Role.CORE) as conn:
        due = await drafts.lock_draft(conn, draft_id)
        assert due is not None, "drafts are never deleted"
        failures = await drafts.note_failure(conn, draft_id)
        if failures >= FAILURES_MAX and due.draft.state is DraftState.PENDING:
            await _refuse(conn, due, "something went wrong on our side", now)


def submission_of(stored: StoredDraft) -> Submission:
    """Return what was submitted."""
    return Submission(
        verdict=stored.verdict,
        observed=stored.observed,
        moments=stored.moments,
        reasons=stored.reasons,
    )


async def _is_taken(
    conn: Connection, case: StoredCase, moderator: ModeratorId, given: Submission
) -> bool:
    """Whether this very decision has been taken on the case by the same moderator."""
    if case.state is not CaseState.DECIDED:
        return False
    taken = (await decisions.decisions_on(conn, [case.subject_id])).get(case.subject_id, ())
    return any(
        each.decision.round == case.round
        and each.decision.decided_by == moderator
        and each.decision.verdict == as_taken(given.verdict)
        and each.reasons == given.reasons
        for each in taken
    )


def plain(error: Exception) -> str:
    """Say why a case cannot be decided like that: one of `REFUSALS`."""
    match error:
        case NotLeasedError() | StepNotAllowedError() | UnknownCaseError():
            return "the case has changed, or somebody else has decided it meanwhile"
        case SameModeratorError():
            return "somebody else must decide this appeal"
        case ReasonsQuoteError():
            return "the reasons repeat the words of a note"
        case _:
            return str(error)
