"""A second person confirms what one alone may not decide, or returns it with a word."""

from datetime import datetime

from underseal.core.case import ModeratorId, check_other_moderator
from underseal.core.draft import DraftId, DraftStep, check_word, move
from underseal.core.person import Person
from underseal.flow.draft_decision import UnknownDraftError
from underseal.flow.system import LEASE, System
from underseal.store import cases, decisions, drafts
from underseal.store.connection import Connection
from underseal.store.drafts import StoredDraft, Unconfirmed
from underseal.store.roles import Role


async def read_unconfirmed(system: System, person: Person) -> tuple[Unconfirmed, ...]:
    """Return what waits for a second person, and can be this one."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await drafts.unconfirmed(conn, ModeratorId(person.principal_id))


async def confirm_draft(system: System, draft_id: DraftId, person: Person, now: datetime) -> None:
    """Confirm a draft: it is decided as soon as its minute is over.

    Raises:
        UnknownDraftError: there is no such draft.
        DraftEndedError: it does not wait for this any more.
        SecondPersonError: it is their own.
        SameModeratorError: it is on an appeal against a decision of theirs.
    """
    by = ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        stored = await _lock(conn, draft_id, by)
        await drafts.save_draft(conn, move(stored.draft, DraftStep.CONFIRM, at=now, by=by))


async def return_draft(
    system: System, draft_id: DraftId, person: Person, word: str, now: datetime
) -> None:
    """Return a draft with a word; its case is on the desk of who made it again.

    Raises:
        WordLengthError: there is no word, or it is too long.
        UnknownDraftError, DraftEndedError, SecondPersonError, SameModeratorError: as
            `confirm_draft`.
    """
    by, said = ModeratorId(person.principal_id), check_word(word)
    async with system.db.transaction(Role.CONSOLE) as conn:
        stored = await _lock(conn, draft_id, by)
        returned = move(stored.draft, DraftStep.RETURN, at=now, by=by)
        word = f"{person.name}: {said}"
        await drafts.save_draft(conn, returned, word=word, ended_at=now)
        await drafts.lease_again(conn, stored.case_id, returned.made_by, now + LEASE)


async def _lock(conn: Connection, draft_id: DraftId, by: ModeratorId) -> StoredDraft:
    stored = await drafts.lock_draft(conn, draft_id)
    if stored is None:
        raise UnknownDraftError
    case = await cases.load_case(conn, stored.case_id)
    assert case is not None, "drafts are of cases"
    if case.reviews is not None:
        first = await decisions.load_decision(conn, case.reviews)
        assert first is not None, "appeals refer to decisions"
        check_other_moderator(by, first.decision.decided_by)
    return stored
