"""Add a note to a report: whoever has its receipt may, until something has become known.

Invariants:
    Whether the report's round has ended makes no difference until that is told: a receipt's holder
    may be the creator.
"""

from datetime import datetime

from underseal.core.report import NOTE_BYTES_MAX, quarter_of
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_receipt import is_undecided, own_report
from underseal.flow.seal_report import content_digest, note_place
from underseal.flow.system import System
from underseal.seal.vault import encrypt_note, unwrap
from underseal.store import complaints
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection
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
    """Add a note to the newest report that the receipt was given for.

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
        await add_note(conn, system, await own_report(conn, token), note, now)


async def add_note(
    conn: Connection, system: System, own: OwnReport, note: str, now: datetime
) -> None:
    """Keep a note with a report, encrypted.

    Raises:
        KeyDestroyedError: notes about the subject were destroyed.
    """
    key = unwrap(system.keys.notes, own.note_key, own.subject_id)
    place = note_place(own.subject_id, own.round, own.guideline, own.tag)
    await complaints.add_supplement(
        conn,
        own,
        content=content_digest(key, place, (), note),
        note=encrypt_note(key, note, place),
        quarter=quarter_of(now.date()),
    )
