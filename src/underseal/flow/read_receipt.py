"""What the holder of a receipt sees and may do: more than the platform asks for them."""

from dataclasses import dataclass
from datetime import datetime

from underseal.core.complaint import complain_until
from underseal.core.disclosure import last_tick
from underseal.core.receipt_state import ReceiptState
from underseal.flow.look_up_receipt import ReceiptAnswer, UnknownReceiptError, look_up_receipt
from underseal.flow.read_inquiries import ReceivedInquiry, received
from underseal.flow.system import System
from underseal.seal.receipt import parse
from underseal.store import complaints, unsealings
from underseal.store.complaints import OwnReport
from underseal.store.connection import Connection
from underseal.store.roles import Role
from underseal.store.unsealings import WordToReporter


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """A receipt as its holder sees it.

    `complaint` is what came of a complaint, or None without one. `complain_until` is the moment
    from which one is too late, or None where nobody can complain (any more). `inquiries` are what
    moderators ask, the oldest first. `words` are what is said before the identity may be opened.
    """

    answer: ReceiptAnswer
    complaint: ReceiptState | None
    complain_until: datetime | None
    inquiries: tuple[ReceivedInquiry, ...]
    words: tuple[WordToReporter, ...]

    @property
    def can_add(self) -> bool:
        """Whether something can be added to the report."""
        return is_undecided(self.answer)


async def read_receipt(system: System, token: str, now: datetime) -> ReceiptView:
    """Return what the holder of a receipt sees now.

    Raises:
        UnknownReceiptError: no such receipt was ever given.
    """
    answer = await look_up_receipt(system, token, now)
    async with system.db.transaction(Role.CORE) as conn:
        own = await own_report(conn, system, token)
        asked = await received(conn, system, own, answer.state, now)
        tick = last_tick(now, system.settings.tick_length)
        words = await unsealings.words_to(conn, parse(system.keys, token).digest, tick)
    until = complain_until(answer.state, answer.changed_at)
    is_open = until is not None and now < until and own.heard_in is None
    return ReceiptView(
        answer=answer,
        complaint=_heard(own),
        complain_until=until if is_open else None,
        inquiries=asked,
        words=words,
    )


def is_undecided(answer: ReceiptAnswer) -> bool:
    """Whether nothing has become known of the report's outcome."""
    return answer.state in {ReceiptState.RECEIVED, ReceiptState.IN_REVIEW}


async def own_report(conn: Connection, system: System, token: str) -> OwnReport:
    """Return the report of a receipt that is known to have been given.

    Raises:
        UnknownReceiptError: it was not.
    """
    found = await complaints.report_of(conn, parse(system.keys, token).digest)
    if found is None:
        raise UnknownReceiptError
    return found


def _heard(own: OwnReport) -> ReceiptState | None:
    if own.heard_in is None:
        return None
    return ReceiptState.IN_REVIEW if own.heard is None else ReceiptState(own.heard)
