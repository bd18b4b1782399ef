"""A second person confirms that reports were made up, or refuses it.

Invariants:
    Only a charge that was confirmed counts against reporters, and it counts once.
    Whatever becomes of it, the decision stays as it is, and nobody outside is told.
"""

from datetime import datetime

from underseal.core.caller import PrincipalId
from underseal.core.case import ModeratorId, check_other_moderator
from underseal.core.charge import CHARGE_TIME, Charge, ChargeState, end
from underseal.core.decision import DecisionId
from underseal.core.ledger import EventKind, rfc3339
from underseal.core.person import Person
from underseal.core.subject import SubjectId
from underseal.flow.credit import charge_reporters
from underseal.flow.own_subjects import is_own, own_subjects
from underseal.flow.system import System
from underseal.store import charges, ledger, subjects
from underseal.store.charges import SHOWN_MAX, ChargePlace, OpenCharge
from underseal.store.connection import Connection
from underseal.store.roles import Role


class UnknownChargeError(Exception):
    """There is no such charge, or none for whoever asks: it is on something of their own."""


async def read_charges(
    system: System,
    person: Person,
    now: datetime,
    after: ChargePlace | None = None,
    limit: int = SHOWN_MAX,
) -> tuple[OpenCharge, ...]:
    """Return what waits for a second person, and can be ended by this one; after a place, if any."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await own_subjects(conn, system, person.principal_id)
        by = ModeratorId(person.principal_id)
        return await charges.open_charges(
            conn, by, now - CHARGE_TIME, own, after=after, limit=limit
        )


async def end_charge(
    system: System, decision_id: DecisionId, by: ModeratorId, *, is_right: bool, now: datetime
) -> None:
    """Confirm the charge beside a decision, or refuse it.

    Raises:
        UnknownChargeError: there is no such charge, or it is on something of their own.
        ChargeEndedError: it does not wait for this any more.
        SecondPersonError: it is their own.
        SameModeratorError: it overturned a decision of theirs.
    """
    async with system.db.transaction(Role.CORE) as conn:
        found = await charges.load_charge(conn, decision_id)
        if found is None:
            raise UnknownChargeError
        await ledger.lock_chain(conn, found.subject_id)
        stored = await charges.load_charge(conn, decision_id)
        subject = await subjects.load_subject(conn, found.subject_id)
        assert stored is not None, "charges are never deleted"
        assert subject is not None, "decisions refer to subjects"
        if await is_own(conn, system, PrincipalId(by), subject):
            raise UnknownChargeError
        check_other_moderator(by, stored.first_deciders)
        ended = end(stored.charge, is_right=is_right, by=by, at=now)
        await charges.end_charge(conn, ended, by, now)
        if ended.state is ChargeState.CONFIRMED:
            await _count(conn, stored.subject_id, ended, by, now)


async def _count(
    conn: Connection, subject_id: SubjectId, charge: Charge, by: ModeratorId, now: datetime
) -> None:
    """Let a charge that was confirmed count against the reporters; the chain is locked."""
    added = await charge_reporters(conn, charge.decision_id, now.date())
    await ledger.append(
        conn,
        subject_id,
        EventKind.CHARGE_CONFIRMED,
        {
            "decision": str(charge.decision_id),
            "by": str(charge.made_by),
            "confirmed_by": str(by),
            "at": rfc3339(now),
            "credits": added,
        },
    )
