"""A reporter answers what a moderator has asked: whoever has the receipt may, until something is told.

Invariants:
    When it was answered is kept nowhere; moderators read it from the next tick on.
    Whether the round has ended makes no difference until that is told: a receipt's holder may be
    the creator.
"""

from datetime import datetime

from underseal.core.inquiry import (
    AlreadyAnsweredError,
    InquiryClosedError,
    InquiryId,
    check_answer,
    takes_answer,
)
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_inquiries import ANSWER, asked_of, place_of, told_of
from underseal.flow.read_receipt import own_report
from underseal.flow.system import System
from underseal.seal.vault import KeyDestroyedError, decrypt_note, encrypt_note, unwrap
from underseal.store import inquiries
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection
from underseal.store.inquiries import PutInquiry
from underseal.store.roles import Role


class UnknownInquiryError(LookupError):
    """There is no such question with this receipt."""

    def __init__(self) -> None:
        super().__init__("there is no such question with this receipt")


async def answer_inquiry(
    system: System, token: str, inquiry_id: InquiryId, answer: str, now: datetime
) -> None:
    """Answer a question that stands with a receipt. Twice the same is once.

    Raises:
        InquiryLengthError: there is no answer, or it is too long.
        UnknownReceiptError: no such receipt was ever given.
        UnknownInquiryError: no such question stands with it.
        InquiryClosedError: what came of it is known, or the words were destroyed.
        AlreadyAnsweredError: there is another answer.
    """
    said = check_answer(answer)
    told = (await look_up_receipt(system, token, now)).state
    async with system.db.transaction(Role.CORE) as conn:
        own = await own_report(conn, system, token)
        asked = await _find(conn, system, own, inquiry_id, now)
        if not takes_answer(told_of(own, asked, told)):
            raise InquiryClosedError
        try:
            key = unwrap(system.keys.notes, own.note_key, own.subject_id)
        except KeyDestroyedError:
            raise InquiryClosedError from None
        place = place_of(asked.about, inquiry_id, ANSWER)
        if await inquiries.add_answer(conn, inquiry_id, encrypt_note(key, said, place)):
            return
        given = (await _find(conn, system, own, inquiry_id, now)).answer
        if given is None or decrypt_note(key, given, place) != said:
            raise AlreadyAnsweredError


async def _find(
    conn: Connection, system: System, own: OwnReport, inquiry_id: InquiryId, now: datetime
) -> PutInquiry:
    """Return a question that stands with a receipt.

    Raises:
        UnknownInquiryError: it does not.
    """
    for each in await asked_of(conn, system, own, now):
        if each.inquiry_id == inquiry_id:
            return each
    raise UnknownInquiryError
