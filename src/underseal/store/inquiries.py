"""What moderators ask reporters, and what these answer; all of it is encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.caller import PrincipalId
from underseal.core.guideline import GuidelineId
from underseal.core.inquiry import InquiryId
from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.store.cases import CaseId
from underseal.store.connection import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("inquiries")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AskedAbout:
    """The report whose sender is asked."""

    subject_id: SubjectId
    round: int
    guideline: GuidelineId
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AskedInquiry:
    """An inquiry as moderators have it: `is_answered` and `answer` are what a tick has told."""

    inquiry_id: InquiryId
    case_id: CaseId
    about: AskedAbout
    question: bytes
    asked_by: str
    asked_at: datetime
    is_answered: bool
    answer: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PutInquiry:
    """An inquiry as its reporter has it; `asked_in` is the round of the case."""

    inquiry_id: InquiryId
    about: AskedAbout
    question: bytes
    asked_at: datetime
    asked_in: int
    answer: bytes | None


async def add_inquiry(
    conn: Connection,
    inquiry_id: InquiryId,
    case_id: CaseId,
    about: AskedAbout,
    question: bytes,
    *,
    by: PrincipalId,
    at: datetime,
) -> bool:
    """Ask whoever filed a report; return False if they have an open question in the case."""
    added = await conn.fetchval(
        _SQL["add_inquiry"],
        inquiry_id,
        case_id,
        about.subject_id,
        about.round,
        about.guideline,
        about.tag,
        question,
        by,
        at,
    )
    return added is not None


async def on_subject(conn: Connection, subject_id: SubjectId) -> tuple[AskedInquiry, ...]:
    """Return what was asked about a subject, the oldest first."""
    return tuple(
        AskedInquiry(
            inquiry_id=row["inquiry_id"],
            case_id=row["case_id"],
            about=_about(subject_id, row),
            question=row["question"],
            asked_by=row["asked_by"],
            asked_at=row["asked_at"],
            is_answered=row["is_answered"],
            answer=row["answer"],
        )
        for row in await conn.fetch(_SQL["on_subject"], subject_id)
    )


async def to_reporter(
    conn: Connection, subject_id: SubjectId, rounds: Sequence[int], tag: Tag
) -> tuple[PutInquiry, ...]:
    """Return what was asked of a reporter about their reports of some rounds, the oldest first."""
    return tuple(
        PutInquiry(
            inquiry_id=row["inquiry_id"],
            about=_about(subject_id, row),
            question=row["question"],
            asked_at=row["asked_at"],
            asked_in=row["asked_in"],
            answer=row["answer"],
        )
        for row in await conn.fetch(_SQL["to_reporter"], subject_id, rounds, tag)
    )


async def add_answer(conn: Connection, inquiry_id: InquiryId, answer: bytes) -> bool:
    """Keep an answer; return False if there is one."""
    return await conn.fetchval(_SQL["add_answer"], inquiry_id, answer) is not None


async def tell_answers(conn: Connection) -> None:
    """Let moderators read what was answered up to now: called at ticks."""
    await conn.execute(_SQL["tell_answers"])


def _about(subject_id: SubjectId, row: Row) -> AskedAbout:
    return AskedAbout(
        subject_id=subject_id, round=row["round"], guideline=row["guideline"], tag=row["tag"]
    )
