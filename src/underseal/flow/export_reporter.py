"""The answer to a reporter who asks for their data: what is known of the reports they hold receipts of.

The structs below are the allow-list. Whoever holds a receipt may be anybody, the creator too: so all
depends on their own reports, and on what everybody with such a receipt is told at the same tick.

Source:
    GDPR, Article 15(1) and (3): a copy of one's data, for what and how long they are kept; (4): not
    at the cost of others. How much the reports of somebody are believed is data about them, too, and
    is not here: it changes when a moderator decides, before that may be known, and who could read
    theirs could find out what others reported. What came of each report is here once it is told.
    Whether an identity was unsealed, the platform tells: the law may forbid it to for a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from underseal.core.receipt_state import ReceiptState
from underseal.core.subject import SubjectKind
from underseal.flow.look_up_receipt import UnknownReceiptError
from underseal.flow.read_notes import data_key
from underseal.flow.read_receipt import own_report, read_receipt
from underseal.flow.seal_report import note_place
from underseal.flow.system import System
from underseal.seal.receipt import parse
from underseal.seal.vault import DataKey, decrypt_note
from underseal.store import own_reports
from underseal.store.complaints import OwnReport
from underseal.store.own_reports import StoredWords
from underseal.store.roles import Role

SCHEMA: Final = "underseal/reporter-export/1"

NOT_INCLUDED: Final = (
    "Who else has reported, and how reports are weighed, is not part of this answer (GDPR, Article "
    "15(4)). A report cannot be changed or deleted; whose it is was sealed when it came, and the seal "
    "is destroyed at the latest when the year after the year of the report is over and nothing needs "
    "it any more. What was written is kept encrypted with the case."
)


class UnknownReceiptAtError(Exception):
    """One of the receipts was never given."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"receipt number {position} is unknown: copy it whole, as it was given; it begins with "
            "rcpt_"
        )
        self.position = position


class ExportedNote(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, and where in the video it happens; `note` is None if it was destroyed."""

    note: str | None
    moments_ms: tuple[tuple[int, int], ...]


class ExportedInquiry(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator asks."""

    question: str
    is_answered: bool


class ExportedWord(msgspec.Struct, frozen=True, kw_only=True):
    """What is said before the identity may be opened, from `opens_from` on."""

    word: str
    opens_from: datetime
    is_refused: bool


class ExportedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report; `said` is what it said, `added` what was said to it later, complaints included.

    What was said twice is told once, in the order of the alphabet: whether a decision fell between
    two times that nobody was told of yet shows in neither. `reported_on` is in the receipt alone;
    what is stored is the quarter, by its first day.
    """

    kind: SubjectKind
    id: str
    guideline: str
    reported_on: date
    stored_quarter: date
    has_account: bool
    is_notice: bool
    law: str | None
    by_trusted_flagger: bool
    may_be_guessed: bool
    said: ExportedNote
    added: tuple[ExportedNote, ...]
    inquiries: tuple[ExportedInquiry, ...]
    words: tuple[ExportedWord, ...]
    state: ReceiptState
    changed_at: datetime | None
    complaint: ReceiptState | None
    complain_until: datetime | None


class ReporterExport(msgspec.Struct, frozen=True, kw_only=True):
    """The reports of some receipts, in the order in which these were given."""

    schema: str
    made_at: datetime
    not_included: str
    reports: tuple[ExportedReport, ...]


async def export_reporter(system: System, tokens: Sequence[str], now: datetime) -> ReporterExport:
    """Return the answer for whoever holds these receipts.

    Raises:
        UnknownReceiptAtError: one of them was never given; nothing is answered of the others.
    """
    reports = []
    for position, token in enumerate(tokens, start=1):
        try:
            reports.append(await _report(system, token.strip(), now))
        except UnknownReceiptError:
            raise UnknownReceiptAtError(position) from None
    return ReporterExport(
        schema=SCHEMA, made_at=now, not_included=NOT_INCLUDED, reports=tuple(reports)
    )


async def _report(system: System, token: str, now: datetime) -> ExportedReport:
    view = await read_receipt(system, token, now)
    async with system.db.transaction(Role.CORE) as conn:
        own = await own_report(conn, system, token)
        stored = await own_reports.load_own(conn, parse(system.keys, token).digest)
        key = await data_key(conn, system.keys, own.subject_id)
    reader = _Reader(key=key, own=own)
    said = reader.read(stored.said)
    return ExportedReport(
        kind=view.answer.subject.kind,
        id=view.answer.subject.external_id,
        guideline=view.answer.guideline,
        reported_on=view.answer.reported_on,
        stored_quarter=stored.reported_in,
        has_account=stored.has_account,
        is_notice=stored.is_notice,
        law=stored.law,
        by_trusted_flagger=stored.by_trusted_flagger,
        may_be_guessed=stored.may_be_guessed,
        said=said,
        added=tuple(sorted({*map(reader.read, stored.added)} - {said}, key=_alphabetically)),
        inquiries=tuple(
            ExportedInquiry(question=each.question, is_answered=each.is_answered)
            for each in view.inquiries
        ),
        words=tuple(
            ExportedWord(word=each.word, opens_from=each.opens_from, is_refused=each.is_refused)
            for each in view.words
        ),
        state=view.answer.state,
        changed_at=view.answer.changed_at,
        complaint=view.complaint,
        complain_until=view.complain_until,
    )


def _alphabetically(said: ExportedNote) -> tuple[str, tuple[tuple[int, int], ...]]:
    return said.note or "", said.moments_ms


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Reader:
    """Decrypts what belongs to a receipt; without a key it was destroyed."""

    key: DataKey | None
    own: OwnReport

    def read(self, words: StoredWords) -> ExportedNote:
        """Return them as they were written."""
        note = "" if words.note is None else None
        if words.note is not None and self.key is not None:
            own = self.own
            place = note_place(own.subject_id, words.round, own.guideline, words.tag)
            note = decrypt_note(self.key, words.note, place)
        return ExportedNote(
            note=note, moments_ms=tuple((each.start_ms, each.end_ms) for each in words.moments)
        )
