"""A moderator submits one decision on several cases: a bulk, each of which is a draft of its own.

From then on a draft of a bulk goes the way of every other: it is confirmed, undone or settled, by
itself and in a transaction of its own.

Invariants:
    Nothing is submitted of a case that `flow.decide` would refuse; what is left out is named.
    The same submission twice, by a double click, is one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from underseal.core.case import CaseState, ModeratorId, NotLeasedError
from underseal.core.draft import (
    CONFIRM_TIME,
    BulkId,
    Draft,
    DraftId,
    OneByOneError,
    begin,
    check_bulk,
    check_bulk_kind,
)
from underseal.core.person import Person
from underseal.flow.copies import copies_of
from underseal.flow.decide import Submission, judge
from underseal.flow.draft_decision import REFUSALS, plain, submission_of
from underseal.flow.own_subjects import own_subjects
from underseal.flow.preview_decision import Preview, preview_judgement
from underseal.flow.read_case import CaseFile, load_file, open_case
from underseal.flow.settle import Judgement
from underseal.flow.system import LEASE, System
from underseal.store import bulk, cases, drafts, subjects
from underseal.store.bulk import ChosenCase
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.drafts import StoredDraft
from underseal.store.roles import Role
from underseal.store.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """A case on the list; `why_not` says why it is left out, and is empty if it is not."""

    case: ChosenCase
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkView:
    """What is on the list; `preview` is what would be told of the first that is chosen.

    `file` is of the first that can be decided, without its reports and signals.
    """

    items: tuple[BulkItem, ...]
    file: CaseFile | None
    preview: Preview | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSubmitted:
    """How many cases wait for a second person now, and what was left out."""

    count: int
    left_out: tuple[BulkItem, ...]


async def read_bulk(
    system: System,
    listed: Sequence[CaseId],
    chosen: Collection[CaseId],
    person: Person,
    given: Submission | None,
    *,
    language: str,
    now: datetime,
) -> BulkView:
    """Return what is listed, and what `given` would do to those that are chosen.

    Raises:
        BulkSizeError: nothing is listed, or more than is decided together.
    """
    check_bulk(len(set(listed)))
    items: list[BulkItem] = []
    file, preview = None, None
    async with system.db.transaction(Role.CONSOLE) as conn:
        await cases.return_lost_leases(conn, now)
        for each in await _chosen(conn, system, listed, person):
            why_not = _why_not(each)
            if not why_not and given is not None and each.case_id in chosen:
                try:
                    subject, judged = await _foresee(conn, system, each, person, given, now=now)
                    preview = preview or replace(
                        await preview_judgement(conn, system, subject, judged, language, now=now),
                        needs_second=True,
                        takes_undo=True,
                    )
                except REFUSALS as error:
                    why_not = plain(error)
            if not why_not and file is None:
                file = await _file(conn, system, each.case_id, now)
            items.append(BulkItem(case=each, why_not=why_not))
    return BulkView(items=tuple(items), file=file, preview=preview)


async def find_copies(
    system: System, case_id: CaseId, person: Person, now: datetime
) -> tuple[CaseId, ...]:
    """Return the case and those of the same media, byte for byte, that wait.

    Raises:
        UnknownCaseError, NotLeasedError: the person may not read the case.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, person, now)
        return await copies_of(conn, system, case.case_id, person)


async def draft_bulk(
    system: System, chosen: Sequence[CaseId], person: Person, given: Submission, now: datetime
) -> BulkSubmitted:
    """Submit one decision on several cases: they are decided when a second person has confirmed.

    Raises:
        BulkSizeError, OneByOneError: see `core.draft.check_bulk`.
    """
    check_bulk(len(set(chosen)), given.verdict)
    by, bulk_id = ModeratorId(person.principal_id), BulkId(system.new_id())
    left_out: list[BulkItem] = []
    async with system.db.transaction(Role.CONSOLE) as conn:
        await cases.return_lost_leases(conn, now)
        found = await _chosen(conn, system, chosen, person)
        # In an order of the cases' own, so that two bulks never wait for each other.
        for each in sorted(found, key=lambda it: it.case_id):
            draft = begin(DraftId(system.new_id()), by, now, second=True, bulk=bulk_id)
            try:
                async with conn.transaction():
                    await _draft(conn, system, each.case_id, draft, given, now=now)
            except (OneByOneError, *REFUSALS) as error:
                left_out.append(BulkItem(case=each, why_not=plain(error)))
    return BulkSubmitted(count=len(found) - len(left_out), left_out=tuple(left_out))


async def _chosen(
    conn: Connection, system: System, chosen: Sequence[CaseId], person: Person
) -> tuple[ChosenCase, ...]:
    own = await own_subjects(conn, system, person.principal_id)
    by = ModeratorId(person.principal_id)
    return await bulk.chosen_cases(conn, tuple(set(chosen)), by, own=own)


def _why_not(chosen: ChosenCase) -> str:
    """Why a case is left out whatever is decided on the others; empty if it is not."""
    try:
        check_bulk_kind(chosen.kind)
    except OneByOneError as error:
        return str(error)
    return "" if chosen.is_free else plain(NotLeasedError())


async def _foresee(
    conn: Connection,
    system: System,
    chosen: ChosenCase,
    person: Person,
    given: Submission,
    *,
    now: datetime,
) -> tuple[Subject, Judgement]:
    """What a submission comes to, as if the moderator had taken the case."""
    case = await cases.load_case(conn, chosen.case_id)
    assert case is not None, "cases are never deleted"
    subject = await subjects.load_subject(conn, case.subject_id)
    assert subject is not None, "cases refer to subjects"
    by = ModeratorId(person.principal_id)
    taken = replace(case, state=CaseState.LEASED, leased_by=by, leased_until=now + LEASE)
    judged = await judge(conn, system, taken, subject, by=by, given=given, now=now)
    return subject, judged


async def _file(conn: Connection, system: System, case_id: CaseId, now: datetime) -> CaseFile:
    """A case for its decision tree: without what only that case's own moderator is to see."""
    case = await cases.load_case(conn, case_id)
    assert case is not None, "cases are never deleted"
    return replace(await load_file(conn, system, case, now), reports=(), signals=())


async def _draft(
    conn: Connection,
    system: System,
    case_id: CaseId,
    draft: Draft,
    given: Submission,
    *,
    now: datetime,
) -> None:
    """Take a case and keep its draft, unless the same has been submitted before."""
    by = draft.made_by
    case = await cases.lock_case(conn, case_id)
    assert case is not None, "cases are never deleted"
    live = await drafts.live_draft(conn, case_id)
    if live is not None:
        if (live.draft.made_by, submission_of(live)) != (by, given) or live.draft.bulk is None:
            raise NotLeasedError
        return
    check_bulk_kind(case.kind)
    if case.leased_by != by and not await cases.take_one(conn, case_id, by, now + LEASE, own=()):
        raise NotLeasedError
    taken = await cases.load_case(conn, case_id)
    subject = await subjects.load_subject(conn, case.subject_id)
    assert taken is not None, "cases are never deleted"
    assert subject is not None, "cases refer to subjects"
    await judge(conn, system, taken, subject, by=by, given=given, now=now)
    stored = StoredDraft(
        draft=draft,
        case_id=case_id,
        verdict=given.verdict,
        observed=given.observed,
        moments=given.moments,
        reasons=given.reasons,
    )
    await drafts.add_draft(conn, stored, now + CONFIRM_TIME + LEASE)
