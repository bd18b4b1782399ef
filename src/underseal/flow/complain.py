"""A reporter complains that nothing was done: somebody else looks again, once.

Invariants:
    Nobody but the reporter and moderators learns of it.
    Complaints lead to one more look after that which they are about, however many there are.
"""

from datetime import UTC, datetime

from underseal.core.complaint import can_complain, complain_until, priority
from underseal.core.report import quarter_of
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_receipt import own_report
from underseal.flow.seal_report import content_digest, note_place
from underseal.flow.supplement import check_note
from underseal.flow.system import System
from underseal.seal.receipt import parse
from underseal.seal.vault import encrypt_note, unwrap
from underseal.store import cases, complaints, ledger, subjects
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection
from underseal.store.roles import Role


async def complain(system: System, token: str, text: str, now: datetime) -> None:
    """Complain about what came of the report that the receipt was given for.

    It is heard in the present round, whether the report itself fell before or after a decision that
    was told of later.

    Raises:
        UnknownReceiptError: no such receipt was ever given.
        NoteLengthError: the text is empty or too long.
        NothingToComplainError: the receipt does not say that nothing was found.
        AlreadyComplainedError: there was a complaint about this report.
        ComplaintTooLateError: the time for it is over.
        KeyDestroyedError: notes about the subject were destroyed.
    """
    check_note(text)
    answer = await look_up_receipt(system, token, now)
    until = complain_until(answer.state, answer.changed_at)
    async with system.db.transaction(Role.CORE) as conn:
        await ledger.lock_chain(conn, answer.subject.subject_id)
        own = await own_report(conn, system, token)
        can_complain(until, is_made=own.heard_in is not None, at=now)
        subject = await subjects.lock_subject(conn, own.subject_id)
        assert subject is not None, "reports refer to subjects"
        heard = await complaints.heard_in(conn, own)
        digest = parse(system.keys, token).digest
        await complaints.add_complaint(conn, digest, own, heard or subject.round)
        await _add_text(conn, system, own, text, now)
        if heard is None:
            day = datetime.combine(now.date(), datetime.min.time(), UTC)
            await cases.enqueue(
                conn, system.new_id(), subject, priority(own.guideline, day), now.date()
            )
            await complaints.spare_deciders(conn, own.subject_id, own.rounds, subject.round)


async def _add_text(
    conn: Connection, system: System, own: OwnReport, text: str, now: datetime
) -> None:
    """Keep what is said with the report, for who hears the complaint, encrypted.

    Raises:
        KeyDestroyedError: notes about the subject were destroyed.
    """
    key = unwrap(system.keys.notes, own.note_key, own.subject_id)
    place = note_place(own.subject_id, own.round, own.guideline, own.tag)
    await complaints.add_supplement(
        conn,
        own,
        content=content_digest(key, place, (), text),
        note=encrypt_note(key, text, place),
        quarter=quarter_of(now.date()),
    )
