"""Charges: that reports were made up, which a second moderator confirms or refuses."""

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from underseal.core.case import ModeratorId, SameModeratorError
from underseal.core.charge import CHARGE_TIME, ChargeEndedError
from underseal.core.decision import DecisionId
from underseal.core.draft import SecondPersonError
from underseal.core.person import Person
from underseal.flow.confirm_charge import UnknownChargeError, end_charge, read_charges
from underseal.flow.system import System
from underseal.store.charges import ChargePlace
from underseal.web.api.bodies import Answer, Subject
from underseal.web.api.confirmations import WaitingQuery
from underseal.web.api.moderation import DECIDERS
from underseal.web.api.operation import Injected, moderators
from underseal.web.cursors import Cursors, InvalidCursorError

LIST: Final = "charges"

REFUSALS: Final = (UnknownChargeError, ChargeEndedError, SecondPersonError, SameModeratorError)
"""Why somebody is not the second person of a charge: see `flow.confirm_charge`."""


class ChargeAnswer(Answer):
    """That the reports which a decision ended were made up, says `made_by`, who took it."""

    decision_id: UUID
    case_id: UUID
    subject: Subject
    made_by: UUID
    made_by_name: str
    made_at: datetime
    waits_until: datetime


class ChargesAnswer(Answer):
    """Charges that wait for whoever asks, the oldest first. `cursor` is where to go on, or null."""

    charges: tuple[ChargeAnswer, ...]
    cursor: str | None


@get("/v1/charges", opt=moderators(DECIDERS, InvalidCursorError))
async def list_waiting(
    asked: Injected[WaitingQuery],
    person: Injected[Person],
    system: Injected[System],
    cursors: Injected[Cursors],
    now: Injected[datetime],
) -> ChargesAnswer:
    """List the charges that wait for a second person, and can be ended by the caller."""
    question = (LIST, str(person.principal_id))
    after = None
    if asked.cursor is not None:
        made_at, decision_id = map(str, cursors.read(question, asked.cursor))
        after = ChargePlace(
            made_at=datetime.fromisoformat(made_at), decision_id=DecisionId(UUID(decision_id))
        )
    found = await read_charges(system, person, now, after, asked.limit)
    cursor = None
    if len(found) == asked.limit:
        last = found[-1]
        cursor = cursors.write(question, [last.made_at.isoformat(), str(last.decision_id)])
    return ChargesAnswer(
        charges=tuple(
            ChargeAnswer(
                decision_id=each.decision_id,
                case_id=each.case_id,
                subject=Subject.of(each.subject),
                made_by=each.made_by,
                made_by_name=each.name,
                made_at=each.made_at,
                waits_until=each.made_at + CHARGE_TIME,
            )
            for each in found
        ),
        cursor=cursor,
    )


@post(
    "/v1/charges/{decision_id:uuid}/confirm",
    status_code=204,
    opt=moderators(DECIDERS, *REFUSALS),
)
async def confirm(
    decision_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> None:
    """Confirm that the reports were made up: from now on it counts against their reporters."""
    by = ModeratorId(person.principal_id)
    await end_charge(system, DecisionId(decision_id), by, is_right=True, now=now)


@post(
    "/v1/charges/{decision_id:uuid}/refuse",
    status_code=204,
    opt=moderators(DECIDERS, *REFUSALS),
)
async def refuse(
    decision_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> None:
    """Leave it at a mistake in good faith."""
    by = ModeratorId(person.principal_id)
    await end_charge(system, DecisionId(decision_id), by, is_right=False, now=now)


handlers = (list_waiting, confirm, refuse)
