"""Confirmations: what one moderator has submitted, and a second one confirms or returns."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from underseal.core.case import SameModeratorError
from underseal.core.decision import Finding, Outcome
from underseal.core.draft import (
    CONFIRM_TIME,
    WORD_CHARS_MAX,
    DraftEndedError,
    DraftId,
    DraftState,
    LeadMissingError,
    SecondPersonError,
    WordLengthError,
)
from underseal.core.person import Person
from underseal.flow.confirm_draft import confirm_draft, read_unconfirmed, return_draft
from underseal.flow.draft_decision import UnknownDraftError, read_draft
from underseal.flow.system import System
from underseal.store.drafts import Unconfirmed, UnconfirmedPlace
from underseal.web.api.bodies import NO_NUL, Answer, Cursor, Limit, Moment, Strict, Subject
from underseal.web.api.moderation import DECIDERS
from underseal.web.api.operation import Injected, moderators
from underseal.web.cursors import Cursors, InvalidCursorError

LIST: Final = "confirmations"

REFUSALS: Final = (
    UnknownDraftError,
    DraftEndedError,
    SecondPersonError,
    LeadMissingError,
    SameModeratorError,
)
"""Why somebody is not the second person of a draft: see `flow.confirm_draft`."""


class WaitingQuery(Strict):
    """Where to go on, and how many are asked for."""

    cursor: Cursor | None = None
    limit: Limit = 20


class WordBody(Strict):
    """A word to who made the draft: why it comes back."""

    word: Annotated[str, Meta(min_length=1, max_length=WORD_CHARS_MAX, pattern=NO_NUL)]


class UnconfirmedAnswer(Answer):
    """A draft that waits for a second person, up to `waits_until`.

    `made_by` is the principal who submitted it, by id and name; the rest is as it was submitted.
    """

    draft_id: UUID
    case_id: UUID
    subject: Subject
    outcome: Outcome
    guideline: str | None
    finding: Finding
    moments: tuple[Moment, ...]
    observed: tuple[int, ...]
    reasons: str
    made_by: UUID
    made_by_name: str
    made_at: datetime
    waits_until: datetime


class ConfirmationsAnswer(Answer):
    """What waits for whoever asks, the most urgent first. `cursor` is where to go on, or null."""

    confirmations: tuple[UnconfirmedAnswer, ...]
    cursor: str | None


class DraftAnswer(Answer):
    """What became of a draft. `word` is why it came back, and empty if it has not."""

    draft_id: UUID
    case_id: UUID
    state: DraftState
    word: str


@get("/v1/confirmations", opt=moderators(DECIDERS, InvalidCursorError))
async def list_waiting(
    asked: Injected[WaitingQuery],
    person: Injected[Person],
    system: Injected[System],
    cursors: Injected[Cursors],
) -> ConfirmationsAnswer:
    """List the decisions that wait for a second person, and can be confirmed by the caller."""
    question = (LIST, str(person.principal_id))
    after = None
    if asked.cursor is not None:
        due_at, made_at, draft_id = map(str, cursors.read(question, asked.cursor))
        after = UnconfirmedPlace(
            due_at=datetime.fromisoformat(due_at) if due_at else None,
            made_at=datetime.fromisoformat(made_at),
            draft_id=DraftId(UUID(draft_id)),
        )
    found = await read_unconfirmed(system, person, after, asked.limit)
    cursor = None
    if len(found) == asked.limit:
        last = found[-1]
        due_at = last.due_at.isoformat() if last.due_at else ""
        cursor = cursors.write(question, [due_at, last.made_at.isoformat(), str(last.draft_id)])
    return ConfirmationsAnswer(confirmations=tuple(map(_unconfirmed, found)), cursor=cursor)


@get("/v1/confirmations/{draft_id:uuid}", opt=moderators(DECIDERS, UnknownDraftError))
async def show(
    draft_id: FromPath[UUID], person: Injected[Person], system: Injected[System]
) -> DraftAnswer:
    """Tell who made a draft what became of it."""
    stored = await read_draft(system, DraftId(draft_id), person)
    return DraftAnswer(
        draft_id=stored.draft.id,
        case_id=stored.case_id,
        state=stored.draft.state,
        word=stored.word,
    )


@post(
    "/v1/confirmations/{draft_id:uuid}/confirm",
    status_code=204,
    opt=moderators(DECIDERS, *REFUSALS),
)
async def confirm(
    draft_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> None:
    """Confirm somebody else's decision: it is taken when a minute has passed since it was made."""
    await confirm_draft(system, DraftId(draft_id), person, now)


@post(
    "/v1/confirmations/{draft_id:uuid}/return",
    status_code=204,
    opt=moderators(DECIDERS, *REFUSALS, WordLengthError),
)
async def send_back(
    draft_id: FromPath[UUID],
    given: Injected[WordBody],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> None:
    """Return somebody else's decision with a word: they have the case again."""
    await return_draft(system, DraftId(draft_id), person, given.word, now)


def _unconfirmed(waiting: Unconfirmed) -> UnconfirmedAnswer:
    return UnconfirmedAnswer(
        draft_id=waiting.draft_id,
        case_id=waiting.case_id,
        subject=Subject.of(waiting.subject),
        outcome=waiting.verdict.outcome,
        guideline=waiting.verdict.guideline,
        finding=waiting.verdict.finding,
        moments=tuple(
            Moment(start_ms=each.start_ms, end_ms=each.end_ms) for each in waiting.moments
        ),
        observed=waiting.observed,
        reasons=waiting.reasons,
        made_by=waiting.made_by,
        made_by_name=waiting.name,
        made_at=waiting.made_at,
        waits_until=waiting.made_at + CONFIRM_TIME,
    )


handlers = (list_waiting, show, confirm, send_back)
