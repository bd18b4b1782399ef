"""Charges: that the reports of a round were made up, until a second person has ended them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from underseal.core.case import ModeratorId
from underseal.core.charge import Charge, ChargeState
from underseal.core.decision import Decision, DecisionId
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.store.cases import CaseId
from underseal.store.connection import Connection
from underseal.store.queries import load

_SQL: Final = load("charges")

SHOWN_MAX: Final = 100
"""Charges that are listed for somebody at once. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCharge:
    """A charge, the subject it is on, and who took the decision that was appealed against, if any."""

    charge: Charge
    subject_id: SubjectId
    first_deciders: tuple[ModeratorId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharge:
    """A charge that waits for a second person; `name` is what who made it is called."""

    decision_id: DecisionId
    case_id: CaseId
    subject: SubjectRef
    made_by: ModeratorId
    name: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePlace:
    """Where a charge stands among those that wait."""

    made_at: datetime
    decision_id: DecisionId


async def add_charge(conn: Connection, decision: Decision) -> None:
    """Record that who took a decision calls the reports of its round made up."""
    await conn.execute(_SQL["add_charge"], decision.id, decision.decided_by)


async def load_charge(conn: Connection, decision_id: DecisionId) -> StoredCharge | None:
    """Return the charge beside a decision."""
    row = await conn.fetchrow(_SQL["load_charge"], decision_id)
    if row is None:
        return None
    return StoredCharge(
        charge=Charge(
            decision_id=decision_id,
            made_by=row["made_by"],
            made_at=row["decided_at"],
            state=ChargeState(row["state"]),
        ),
        subject_id=row["subject_id"],
        first_deciders=tuple(row["first_deciders"] or ()),
    )


async def end_charge(
    conn: Connection, charge: Charge, second: ModeratorId, ended_at: datetime
) -> None:
    """Keep what a second person has said of a charge."""
    await conn.execute(_SQL["end_charge"], charge.decision_id, charge.state, second, ended_at)


async def open_charges(
    conn: Connection,
    moderator: ModeratorId,
    made_after: datetime,
    own: Sequence[SubjectId],
    *,
    after: ChargePlace | None = None,
    limit: int = SHOWN_MAX,
) -> tuple[OpenCharge, ...]:
    """Return the charges after a place that this moderator, whose accounts are `own`, can end."""
    place = (None, None) if after is None else (after.made_at, after.decision_id)
    rows = await conn.fetch(_SQL["open_charges"], moderator, made_after, own, limit, *place)
    return tuple(
        OpenCharge(
            decision_id=row["decision_id"],
            case_id=row["case_id"],
            subject=SubjectRef(kind=SubjectKind(row["kind"]), external_id=row["external_id"]),
            made_by=row["made_by"],
            name=row["name"],
            made_at=row["decided_at"],
        )
        for row in rows
    )
