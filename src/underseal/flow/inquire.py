"""A moderator asks a reporter something, by alias: it stands with the receipt, and nobody else reads it.

Invariants:
    Only who has the case asks, and nobody learns whom.
    A question never leads to anything by itself: it holds nothing up, and it is no event.
"""

from datetime import datetime

from underseal.core.case import NotLeasedError
from underseal.core.inquiry import (
    InquiryClosedError,
    InquiryId,
    InquiryOpenError,
    check_question,
)
from underseal.core.person import Person
from underseal.flow.read_case import REPORTS_SHOWN, open_case
from underseal.flow.read_inquiries import QUESTION, place_of, readable
from underseal.flow.read_notes import data_key
from underseal.flow.seal_report import note_place
from underseal.flow.system import System
from underseal.seal.alias import handle
from underseal.seal.vault import encrypt_note
from underseal.store import drafts, inquiries, notes
from underseal.store.cases import CaseId, StoredCase
from underseal.store.connection import Connection
from underseal.store.inquiries import AskedAbout
from underseal.store.roles import Role


class UnknownReporterError(Exception):
    """There is nobody like that to ask."""

    def __init__(self) -> None:
        super().__init__("there is nobody like that to ask: look at the case again")


async def inquire(
    system: System,
    case_id: CaseId,
    person: Person,
    whom: str,
    question: str,
    *,
    now: datetime,
) -> None:
    """Ask the reporter of a report of a leased case; `whom` is its handle. Twice the same is once.

    Raises:
        InquiryLengthError: there is no question, or it is too long.
        UnknownCaseError, NotLeasedError: the asker does not have the case, or has decided it.
        UnknownReporterError: the round has no such report: that of an appeal has none at all.
        InquiryOpenError: the reporter has another question in this case and has not answered yet.
        InquiryClosedError: the words of reporters were destroyed.
    """
    said = check_question(question)
    async with system.db.transaction(Role.CONSOLE) as conn:
        case = await open_case(conn, system, case_id, person, now)
        await _check_lease(conn, case, person, now)
        about = await _report(conn, system, case, whom)
        key = await data_key(conn, system.keys, case.subject_id)
        if key is None:
            raise InquiryClosedError
        inquiry_id = InquiryId(system.new_id())
        sealed = encrypt_note(key, said, place_of(about, inquiry_id, QUESTION))
        if await inquiries.add_inquiry(
            conn, inquiry_id, case_id, about, sealed, by=person.principal_id, at=now
        ):
            return
        open_ones = [
            readable(key, each).question
            for each in await inquiries.on_subject(conn, case.subject_id)
            if each.case_id == case_id and each.about == about and not each.is_answered
        ]
        if open_ones != [said]:
            raise InquiryOpenError


async def _check_lease(conn: Connection, case: StoredCase, person: Person, now: datetime) -> None:
    """Refuse who only reads the case: a lead, or a colleague who was asked.

    Raises:
        NotLeasedError: the asker does not have it, or has decided it.
    """
    until = case.leased_until
    has_lease = case.leased_by == person.principal_id and until is not None and now < until
    if not has_lease or await drafts.live_draft(conn, case.case_id) is not None:
        raise NotLeasedError


async def _report(conn: Connection, system: System, case: StoredCase, whom: str) -> AskedAbout:
    """Find the report that a handle is of.

    Raises:
        UnknownReporterError: it is of none.
    """
    for each in await notes.reports_of_round(conn, case.subject_id, case.round, REPORTS_SHOWN):
        place = note_place(case.subject_id, each.round, each.guideline, each.tag)
        if handle(system.keys.aliases, case.subject_id, case.round, place) == whom:
            return AskedAbout(
                subject_id=case.subject_id,
                round=each.round,
                guideline=each.guideline,
                tag=each.tag,
            )
    raise UnknownReporterError
