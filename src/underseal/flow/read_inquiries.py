"""Inquiries in plain text: with the alias for moderators, with the receipt for the reporter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.disclosure import last_tick
from underseal.core.inquiry import InquiryId, is_put, takes_answer
from underseal.core.receipt_state import ReceiptState
from underseal.core.subject import SubjectId
from underseal.flow.seal_report import note_place
from underseal.flow.system import System
from underseal.seal.vault import DataKey, KeyDestroyedError, decrypt_note, unwrap
from underseal.store import inquiries
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection
from underseal.store.inquiries import AskedAbout, AskedInquiry, PutInquiry

QUESTION: Final = b"\0question "
ANSWER: Final = b"\0answer "
"""What the places of both texts begin with after that of the report: no guideline has a NUL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryView:
    """What a moderator has asked a reporter; `answer` is unverified, and None as long as none was told."""

    asked_by: str
    asked_on: date
    question: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedInquiry:
    """A question as it stands with a receipt."""

    inquiry_id: InquiryId
    question: str
    is_answered: bool


def place_of(about: AskedAbout, inquiry_id: InquiryId, part: bytes) -> bytes:
    """Return where the `QUESTION` or the `ANSWER` of an inquiry belongs: what it is sealed with."""
    of_report = note_place(about.subject_id, about.round, about.guideline, about.tag)
    return of_report + part + inquiry_id.bytes


def readable(key: DataKey, asked: AskedInquiry) -> InquiryView:
    """Return what a moderator has asked, and was answered."""
    return InquiryView(
        asked_by=asked.asked_by,
        asked_on=asked.asked_at.date(),
        question=decrypt_note(
            key, asked.question, place_of(asked.about, asked.inquiry_id, QUESTION)
        ),
        answer=None if asked.answer is None else _answer(key, asked, asked.answer),
    )


async def told_answers(conn: Connection, key: DataKey, subject_id: SubjectId) -> tuple[str, ...]:
    """Return what reporters of a subject have answered, as far as moderators were told."""
    return tuple(
        _answer(key, each, each.answer)
        for each in await inquiries.on_subject(conn, subject_id)
        if each.answer is not None
    )


async def received(
    conn: Connection, system: System, own: OwnReport, told: ReceiptState, now: datetime
) -> tuple[ReceivedInquiry, ...]:
    """Return what stands with a receipt: questions whose outcome has not been told.

    `told` is what the receipt says of the rounds that it stands for. Words that were destroyed are gone.
    """
    try:
        key = unwrap(system.keys.notes, own.note_key, own.subject_id)
    except KeyDestroyedError:
        return ()
    return tuple(
        ReceivedInquiry(
            inquiry_id=each.inquiry_id,
            question=decrypt_note(
                key, each.question, place_of(each.about, each.inquiry_id, QUESTION)
            ),
            is_answered=each.answer is not None,
        )
        for each in await asked_of(conn, system, own, now)
        if takes_answer(told_of(own, each, told))
    )


async def asked_of(
    conn: Connection, system: System, own: OwnReport, now: datetime
) -> Sequence[PutInquiry]:
    """Return what its reporter has been asked, as far as their receipt knows of the round.

    Which of the rounds that it stands for the report fell into makes no difference.
    """
    tick = last_tick(now, system.settings.tick_length)
    return [
        each
        for each in await inquiries.to_reporter(conn, own.subject_id, own.rounds, own.tag)
        if is_put(each.asked_at, tick) and each.asked_in in {*own.rounds, own.heard_in}
    ]


def told_of(own: OwnReport, asked: PutInquiry, told: ReceiptState) -> ReceiptState:
    """Return what is told of the round of an inquiry: what the receipt says, or of a complaint."""
    if asked.asked_in != own.heard_in:
        return told
    return ReceiptState.IN_REVIEW if own.heard is None else ReceiptState(own.heard)


def _answer(key: DataKey, asked: AskedInquiry, answer: bytes) -> str:
    return decrypt_note(key, answer, place_of(asked.about, asked.inquiry_id, ANSWER))
