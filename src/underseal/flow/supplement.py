"""Add a note to a report: whoever has its receipt may, until something has become known.

Invariants:
    Whether the report's round has ended makes no difference until that is told: a receipt's holder
    may be the creator.
    What is added is read: a note that comes after the round has ended is a report of the next one.
"""

from datetime import datetime

from underseal.core.report import NOTE_BYTES_MAX
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_receipt import is_undecided, own_report
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.flow.write_reports import UnwrittenReport, open_desk, write_reports
from underseal.seal.reporter import SealedReporter
from underseal.seal.vault import unwrap
from underseal.store import own_reports
from underseal.store.roles import Role


class ReportAnsweredError(Exception):
    """What came of the report is known: there is nothing to add to."""


class NoteLengthError(ValueError):
    """A note is empty, or longer than is taken."""

    def __init__(self, length_bytes: int) -> None:
        super().__init__(f"a note has 1 to {NOTE_BYTES_MAX} bytes, not {length_bytes}")
        self.length_bytes = length_bytes


def check_note(note: str) -> None:
    """Refuse a note that cannot be kept.

    Raises:
        NoteLengthError: it is empty or too long.
    """
    length = len(note.encode())
    if not 0 < length <= NOTE_BYTES_MAX:
        raise NoteLengthError(length)


async def supplement(system: System, token: str, note: str, now: datetime) -> None:
    """Add a note to a report by filing it once more: where the report's round has ended, in the next.

    Raises:
        UnknownReceiptError: no such receipt was ever given.
        NoteLengthError: the note is empty or too long.
        ReportAnsweredError: what came of the report is known.
        KeyDestroyedError: notes about the subject were destroyed.
    """
    check_note(note)
    answer = await look_up_receipt(system, token, now)
    if not is_undecided(answer):
        raise ReportAnsweredError
    async with system.db.transaction(Role.CORE) as conn:
        own = await own_report(conn, system, token)
        unwrap(system.keys.notes, own.note_key, own.subject_id)
        again = await own_reports.to_repeat(conn, own)
    filing = Filing(
        subject=answer.subject,
        guideline=own.guideline,
        note=note,
        moments=(),
        is_notice=again.is_notice,
        law=again.law,
        may_be_guessed=again.may_be_guessed,
        by_trusted_flagger=again.by_trusted_flagger,
    )
    reporter = SealedReporter(
        tag=again.tag,
        previous_tags=(),
        pseudonym=again.pseudonym,
        previous_pseudonym=None,
        identity=None,
        year=now.year,
    )
    report = UnwrittenReport(filing=filing, subject_id=own.subject_id, reporter=reporter)
    async with system.db.transaction(Role.INTAKE) as conn:
        subjects = {own.subject_id: answer.subject}
        taxonomy = system.guidelines.version
        desk = await open_desk(conn, system.keys, taxonomy, subjects, now.date())
        await write_reports(conn, desk, [report])
