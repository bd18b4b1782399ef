"""A second person confirms what one alone may not decide, or returns it with a word.

A bulk is confirmed as it is shown: what the second person leaves out of it is returned.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from underseal.core.case import ModeratorId, check_other_moderator
from underseal.core.draft import (
    BULK_MAX,
    BulkSizeError,
    DraftEndedError,
    DraftId,
    DraftState,
    DraftStep,
    check_lead,
    check_word,
    move,
)
from underseal.core.person import Person
from underseal.flow.draft_decision import UnknownDraftError
from underseal.flow.own_subjects import is_own, own_subjects
from underseal.flow.system import LEASE, System
from underseal.store import cases, drafts, subjects
from underseal.store.connection import Connection
from underseal.store.drafts import SHOWN_MAX, StoredDraft, Unconfirmed, UnconfirmedPlace
from underseal.store.roles import Role


async def read_unconfirmed(
    system: System,
    person: Person,
    after: UnconfirmedPlace | None = None,
    limit: int = SHOWN_MAX,
) -> tuple[Unconfirmed, ...]:
    """Return what waits for a second person, and can be this one; after a place, if it is given."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await own_subjects(conn, system, person.principal_id)
        by = ModeratorId(person.principal_id)
        return await drafts.unconfirmed(conn, by, person.role, own, after=after, limit=limit)


async def confirm_draft(system: System, draft_id: DraftId, person: Person, now: datetime) -> None:
    """Confirm a draft: it is decided as soon as its minute is over.

    Raises:
        UnknownDraftError: there is no such draft, or it is on something of their own.
        DraftEndedError: it does not wait for this any more.
        SecondPersonError: it is their own.
        LeadMissingError: it is of a bulk, and neither of the two is a lead.
        SameModeratorError: they may not take its case: it is an appeal against a decision that they
            took or confirmed, or they were not to see it again.
    """
    by = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        stored = await drafts.lock_draft(conn, draft_id)
        if stored is None:
            raise UnknownDraftError
        await _check_second(conn, system, stored, person)
        await drafts.save_draft(conn, move(stored.draft, DraftStep.CONFIRM, at=now, by=by))


async def return_draft(
    system: System, draft_id: DraftId, person: Person, word: str, now: datetime
) -> None:
    """Return a draft with a word; its case is on the desk of who made it again.

    Raises:
        WordLengthError: there is no word, or it is too long.
        Whatever `confirm_draft` refuses.
    """
    said = check_word(word)
    async with system.db.transaction(Role.CONSOLE) as conn:
        stored = await drafts.lock_draft(conn, draft_id)
        if stored is None:
            raise UnknownDraftError
        await _check_second(conn, system, stored, person)
        await _return(conn, stored, person, said, now)


async def confirm_bulk(
    system: System,
    shown: Sequence[DraftId],
    chosen: Collection[DraftId],
    person: Person,
    now: datetime,
) -> None:
    """Confirm those of a bulk that are `chosen`, and return the others that were `shown`.

    What has ended meanwhile stays as it is; so does what was not shown.

    Raises:
        BulkSizeError: none is chosen: a bulk is returned by `return_bulk`, with a word.
        UnknownDraftError, DraftEndedError, SecondPersonError, LeadMissingError,
            SameModeratorError: as `confirm_draft`, of all of them.
    """
    if not chosen:
        raise BulkSizeError(0)
    async with system.db.transaction(Role.CONSOLE) as conn:
        for stored in await _lock_bulk(conn, system, shown, person):
            if stored.draft.id in chosen:
                by = ModeratorId(person.principal_id)
                confirmed = move(stored.draft, DraftStep.CONFIRM, at=now, by=by)
                await drafts.save_draft(conn, confirmed)
            else:
                await _return(conn, stored, person, "left out, the others are confirmed", now)


async def return_bulk(
    system: System, shown: Sequence[DraftId], person: Person, word: str, now: datetime
) -> None:
    """Return the drafts of a bulk with a word; their cases are in the queue again.

    Raises:
        WordLengthError: there is no word, or it is too long.
        Whatever `confirm_bulk` refuses.
    """
    said = check_word(word)
    async with system.db.transaction(Role.CONSOLE) as conn:
        for stored in await _lock_bulk(conn, system, shown, person):
            await _return(conn, stored, person, said, now)


async def _lock_bulk(
    conn: Connection, system: System, shown: Sequence[DraftId], person: Person
) -> list[StoredDraft]:
    """Those of a bulk that were shown and still wait for a second person."""
    if not 0 < len(shown) <= BULK_MAX:
        raise BulkSizeError(len(shown))
    together = await drafts.lock_together(conn, shown[0])
    if not together:
        raise UnknownDraftError
    waiting = [
        each
        for each in together
        if each.draft.id in shown and each.draft.state is DraftState.UNCONFIRMED
    ]
    if not waiting:
        raise DraftEndedError(together[0].draft.state)
    for each in waiting:
        await _check_second(conn, system, each, person)
    return waiting


async def _return(
    conn: Connection, stored: StoredDraft, person: Person, said: str, now: datetime
) -> None:
    """Return a draft; one of a bulk gives its case back to the queue that it came from."""
    by = ModeratorId(person.principal_id)
    returned = move(stored.draft, DraftStep.RETURN, at=now, by=by)
    await drafts.save_draft(conn, returned, word=f"{person.name}: {said}", ended_at=now)
    if returned.bulk is None:
        await drafts.lease_again(conn, stored.case_id, returned.made_by, now + LEASE)
    else:
        await drafts.queue_again(conn, stored.case_id, returned.made_by)


async def _check_second(
    conn: Connection, system: System, stored: StoredDraft, person: Person
) -> None:
    """Refuse somebody who may not be the second person of a draft."""
    case = await cases.load_case(conn, stored.case_id)
    assert case is not None, "drafts are of cases"
    subject = await subjects.load_subject(conn, case.subject_id)
    assert subject is not None, "cases refer to subjects"
    if await is_own(conn, system, person.principal_id, subject):
        raise UnknownDraftError
    if stored.draft.bulk is not None:
        check_lead(stored.made_as, person.role)
    check_other_moderator(ModeratorId(person.principal_id), case.not_for)
