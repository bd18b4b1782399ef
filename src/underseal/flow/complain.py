"""A reporter complains that nothing was done: somebody else looks again, once.

Invariants:
    Nobody but the reporter and moderators learns of it.
    Complaints with receipts that are told the same lead to one more look, however many there are.
"""

from datetime import UTC, datetime

from underseal.core.complaint import can_complain, complain_until, priority
from underseal.flow.look_up_receipt import look_up_receipt
from underseal.flow.read_receipt import own_report
from underseal.flow.supplement import add_note, check_note
from underseal.flow.system import System
from underseal.seal.receipt import parse
from underseal.store import cases, complaints, ledger, subjects
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
        own = await own_report(conn, token)
        can_complain(until, is_made=own.heard_in is not None, at=now)
        subject = await subjects.lock_subject(conn, own.subject_id)
        assert subject is not None, "reports refer to subjects"
        heard = await complaints.heard_in(conn, own.subject_id, own.rounds[0])
        await complaints.add_complaint(conn, parse(token)[1], own, heard or subject.round)
        await add_note(conn, system, own, text, now)
        if heard is None:
            day = datetime.combine(now.date(), datetime.min.time(), UTC)
            await cases.enqueue(conn, system.new_id(), subject, priority(own.guideline, day), now)
            await complaints.spare_deciders(conn, own.subject_id, own.rounds, subject.round)
