"""Look up a receipt: what its holder is told of their report.

It is true, and the same for all receipts of one day that are made of one round: nothing in it depends
on who reported, nor on whether they did before or after a decision that was not told yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from underseal.core.disclosure import last_tick
from underseal.core.guideline import GuidelineId
from underseal.core.receipt_state import (
    RECEIPT_WORDS,
    ReceiptFacts,
    ReceiptState,
    answer_days,
    receipt_text,
    state_at,
)
from underseal.core.subject import SubjectRef
from underseal.flow.system import System
from underseal.seal.receipt import InvalidReceiptError, parse
from underseal.store import reports
from underseal.store.roles import Role


class UnknownReceiptError(LookupError):
    """No such receipt was ever given."""

    def __init__(self) -> None:
        super().__init__("there is no such receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAnswer:
    """What a receipt says; `text` by language. `changed_at` is None until something changed.

    `reported_on` is the day on which this receipt was given, which nothing but itself knows: whoever
    reports the same again later gets one of that day.
    """

    subject: SubjectRef
    guideline: GuidelineId
    reported_on: date
    state: ReceiptState
    changed_at: datetime | None
    text: Mapping[str, str]


async def look_up_receipt(system: System, token: str, now: datetime) -> ReceiptAnswer:
    """Return what the report's sender is told now.

    Raises:
        UnknownReceiptError: no such receipt was ever given.
    """
    try:
        parsed = parse(system.keys, token)
    except InvalidReceiptError:
        raise UnknownReceiptError from None
    async with system.db.transaction(Role.INTAKE) as conn:
        found = await reports.look_up_receipt(conn, parsed.digest)
    if found is None:
        raise UnknownReceiptError
    facts = ReceiptFacts(
        filed_on=parsed.given_on,
        is_notice=found.is_notice,
        answer_days=answer_days(system.settings.report_age_days_max),
        outcomes=found.outcomes,
    )
    state, changed_at = state_at(facts, last_tick(now, system.settings.tick_length))
    return ReceiptAnswer(
        subject=found.subject,
        guideline=found.guideline,
        reported_on=parsed.given_on,
        state=state,
        changed_at=changed_at,
        text={language: receipt_text(state, language) for language in RECEIPT_WORDS},
    )
