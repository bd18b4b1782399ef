"""Somebody asks to open one sealed identity, says why, and perhaps lets the reporter be heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from underseal.core.caller import Caller, require_role
from underseal.core.report import Pseudonym
from underseal.core.subject import SubjectRef
from underseal.flow.read_case import REPORTS_SHOWN
from underseal.flow.system import System
from underseal.flow.unsealing import WHO_MAY, Step, record_step
from underseal.seal.alias import aliases
from underseal.store import notes, subjects, unsealings
from underseal.store.connection import Connection
from underseal.store.roles import Role
from underseal.store.unsealings import Unsealing

REASON_CHARS_MIN: Final = 20
"""Shortest reason that is taken. A setting: "court order" alone says too little to be audited."""

WORD_CHARS_MAX: Final = 2_000
"""Longest word to a reporter. A limit of ours."""

WAIT_DAYS_MAX: Final = 90
"""Longest time that a reporter is given to answer. A limit of ours: identities are not kept for ever."""


class UnknownReporterError(LookupError):
    """Nobody of this name is to be found: no such alias in the round, or without an account."""


class RoundOpenError(UnknownReporterError):
    """The round is under way: the next report may change who an alias stands for."""

    def __init__(self) -> None:
        super().__init__("the round is still open, and its aliases may change: decide it first")


class ReasonTooShortError(ValueError):
    """The reason says too little."""

    def __init__(self) -> None:
        super().__init__(f"say why in at least {REASON_CHARS_MIN} characters")


class WordInvalidError(ValueError):
    """The word to the reporter, or the time to answer it, is too short or too long."""

    def __init__(self) -> None:
        super().__init__(
            f"a word to the reporter has 1 to {WORD_CHARS_MAX} characters, and leaves them 1 to "
            f"{WAIT_DAYS_MAX} days to answer"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A reporter as moderators see them: an alias in a round of a subject."""

    ref: SubjectRef
    round: int
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the reporter is told first, with their receipt, and how long they have to answer.

    Raises:
        WordInvalidError: either is too short or too long.
    """

    text: str
    wait_days: int

    def __post_init__(self) -> None:
        is_said = bool(self.text.strip()) and len(self.text) <= WORD_CHARS_MAX
        if not is_said or not 0 < self.wait_days <= WAIT_DAYS_MAX:
            raise WordInvalidError


async def request_unsealing(
    system: System,
    who: Named,
    reason: str,
    caller: Caller,
    now: datetime,
    *,
    word: Word | None = None,
) -> UUID:
    """Ask to open an identity, and return the request's id; `word` is said to the reporter first.

    Raises:
        RoleMissingError, ReasonTooShortError, UnknownReporterError, RoundOpenError: nothing is
            asked.
    """
    require_role(caller, *WHO_MAY)
    if len(reason.strip()) < REASON_CHARS_MIN:
        raise ReasonTooShortError
    subject_id = who.ref.subject_id
    async with system.db.transaction(Role.CORE) as conn:
        subject = await subjects.load_subject(conn, subject_id)
        if subject is not None and subject.round == who.round:
            raise RoundOpenError
        pseudonym = await _who_is(conn, system, who)
        if pseudonym is None:
            raise UnknownReporterError(f"{who.alias} is nobody with an account in this round")
        request = Unsealing(
            request_id=system.new_id(),
            subject_id=subject_id,
            round=who.round,
            pseudonym=pseudonym,
            reason=reason,
            requested_by=caller.principal_id,
            word=None if word is None else word.text.strip(),
            opens_from=None if word is None else now + timedelta(days=word.wait_days),
        )
        await unsealings.add_request(conn, request, now)
        await record_step(conn, request, Step.REQUESTED, caller, now)
    return request.request_id


async def _who_is(conn: Connection, system: System, who: Named) -> Pseudonym | None:
    """Whom moderators are shown under an alias; None for nobody, and for who has no account."""
    subject_id = who.ref.subject_id
    shown = await notes.reports_of_round(conn, subject_id, who.round, REPORTS_SHOWN)
    reporters = {each.tag: each.pseudonym for each in shown}
    named = aliases(system.keys.aliases, subject_id, who.round, reporters)
    return next((reporters[tag] for tag, alias in named.items() if alias == who.alias), None)
