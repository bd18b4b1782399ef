"""A draft: a decision that a moderator has submitted and that can still be called back.

It becomes a decision when its minute is over; one that concerns a whole account, or that is one
of a bulk, only after somebody else has confirmed it. `TRANSITIONS` is the whole lifecycle.

A bulk is several drafts with one ground, submitted together; each becomes a decision by itself.

Invariants:
    Only who made a draft takes it back, and only within its minute.
    Nobody confirms or returns a draft of their own.
    What needs a second person never becomes a decision without one.
    One of the two who take a bulk is a lead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.subject import SubjectKind

DraftId = NewType("DraftId", UUID)
BulkId = NewType("BulkId", UUID)

UNDO_TIME: Final = timedelta(seconds=60)
"""How long a moderator can take a decision back. A setting."""

CONFIRM_TIME: Final = timedelta(days=1)
"""How long a draft waits for a second person before its case is queued again. A setting."""

BULK_MAX: Final = 50
"""Most cases that are decided together: as many as a page of the queue shows. A setting."""

WORD_CHARS_MAX: Final = 2_000
"""Longest word from one colleague to another, in characters. A limit of ours."""


class DraftState(StrEnum):
    """Where a draft stands."""

    PENDING = "pending"
    UNCONFIRMED = "unconfirmed"
    DECIDED = "decided"
    UNDONE = "undone"
    RETURNED = "returned"
    REFUSED = "refused"


class DraftStep(StrEnum):
    """What can happen to a draft; it is refused when it can no longer be decided like that."""

    CONFIRM = "confirm"
    UNDO = "undo"
    RETURN = "return"
    DECIDE = "decide"
    REFUSE = "refuse"


TRANSITIONS: Final[Mapping[tuple[DraftState, DraftStep], DraftState]] = MappingProxyType(
    {
        (DraftState.UNCONFIRMED, DraftStep.CONFIRM): DraftState.PENDING,
        (DraftState.UNCONFIRMED, DraftStep.UNDO): DraftState.UNDONE,
        (DraftState.UNCONFIRMED, DraftStep.RETURN): DraftState.RETURNED,
        (DraftState.UNCONFIRMED, DraftStep.REFUSE): DraftState.REFUSED,
        (DraftState.PENDING, DraftStep.UNDO): DraftState.UNDONE,
        (DraftState.PENDING, DraftStep.DECIDE): DraftState.DECIDED,
        (DraftState.PENDING, DraftStep.REFUSE): DraftState.REFUSED,
    }
)

LIVE: Final = frozenset({DraftState.PENDING, DraftState.UNCONFIRMED})
"""The states in which a draft keeps its case from everybody else."""


class DraftEndedError(Exception):
    """The draft is a decision already, or was given up."""

    def __init__(self, state: DraftState) -> None:
        super().__init__(f"this was {state} before")
        self.state = state


class AlreadyDraftedError(Exception):
    """Something else has been submitted for this case, in another tab perhaps."""

    def __init__(self) -> None:
        super().__init__("you have decided this case already: undo that first")


class UndoTooLateError(Exception):
    """The minute is over."""

    def __init__(self) -> None:
        super().__init__("the minute in which it could be undone is over")


class NotYourDraftError(Exception):
    """Only who made a draft takes it back."""

    def __init__(self) -> None:
        super().__init__("somebody else has submitted this decision")


class SecondPersonError(Exception):
    """Somebody else than who submits it has to confirm it."""

    def __init__(self) -> None:
        super().__init__("somebody else has to confirm this")


class WordLengthError(ValueError):
    """A word to a colleague is empty or too long."""

    def __init__(self, length: int) -> None:
        super().__init__(f"write 1 to {WORD_CHARS_MAX} characters, not {length}")
        self.length = length


class BulkSizeError(ValueError):
    """Nothing was chosen, or more than is decided together."""

    def __init__(self, count: int) -> None:
        super().__init__(f"choose 1 to {BULK_MAX} cases, not {count}")
        self.count = count


class OneByOneError(Exception):
    """This is decided one case at a time, and not in a bulk."""


class LeadMissingError(Exception):
    """Neither of the two who would take a bulk is a lead."""

    def __init__(self) -> None:
        super().__init__("a lead has to be one of the two who decide cases together")


class NotFinalError(Exception):
    """The draft can still be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A submitted decision; it can be taken back until `final_at`. `bulk` is the one it is of.

    Raises:
        ValueError: it has no second person where it needs one, or they are the same.
    """

    id: DraftId
    made_by: ModeratorId
    made_at: datetime
    final_at: datetime
    needs_second: bool
    state: DraftState
    confirmed_by: ModeratorId | None = None
    bulk: BulkId | None = None

    def __post_init__(self) -> None:
        is_taken = self.state in {DraftState.PENDING, DraftState.DECIDED}
        if is_taken and self.needs_second != (self.confirmed_by is not None):
            raise ValueError("exactly what needs a second person has one")
        if self.state is DraftState.UNCONFIRMED and self.confirmed_by is not None:
            raise ValueError("what waits for a second person has none")
        if self.bulk is not None and not self.needs_second:
            raise ValueError("a bulk needs a second person")
        if self.confirmed_by == self.made_by:
            raise ValueError("the second person is somebody else")


def needs_second(kind: SubjectKind, verdict: Verdict) -> bool:
    """Return whether a verdict waits for a second person: a ban does."""
    return kind is SubjectKind.ACCOUNT and verdict.outcome is Outcome.REMOVE


def check_second(kind: SubjectKind, verdict: Verdict, draft: Draft | None) -> None:
    """Refuse to take a verdict without the second person it needs; `draft` is the one it is of.

    Raises:
        SecondPersonError: nobody has confirmed it.
    """
    if needs_second(kind, verdict) and (draft is None or draft.confirmed_by is None):
        raise SecondPersonError


def check_bulk(count: int, verdict: Verdict | None = None) -> None:
    """Refuse so many cases together, or a verdict on them.

    Raises:
        BulkSizeError: it is on none, or on too many.
        OneByOneError: it calls reports made up, which needs a look at each of them (DSA, Article
            23(3): case by case).
    """
    if not 0 < count <= BULK_MAX:
        raise BulkSizeError(count)
    if verdict is not None and verdict.finding is Finding.MANIFESTLY_UNFOUNDED:
        raise OneByOneError("reports are called made up one case at a time")


def check_bulk_kind(kind: CaseKind) -> None:
    """Refuse an appeal in a bulk.

    Raises:
        OneByOneError: it is one.
    """
    if kind is CaseKind.APPEAL:
        raise OneByOneError("an appeal is decided by itself, with reasons of its own")


def check_lead(*roles: ModeratorRole) -> None:
    """Refuse a bulk to those who would take it if none of them is a lead.

    Raises:
        LeadMissingError: none is.
    """
    if ModeratorRole.LEAD not in roles:
        raise LeadMissingError


def begin(
    draft_id: DraftId, by: ModeratorId, at: datetime, *, second: bool, bulk: BulkId | None = None
) -> Draft:
    """Return a new draft; `second` says whether it needs a second person, as each of a bulk does."""
    second = second or bulk is not None
    return Draft(
        id=draft_id,
        made_by=by,
        made_at=at,
        final_at=at + UNDO_TIME,
        needs_second=second,
        state=DraftState.UNCONFIRMED if second else DraftState.PENDING,
        bulk=bulk,
    )


def move(draft: Draft, step: DraftStep, *, at: datetime, by: ModeratorId | None = None) -> Draft:
    """Return the draft after `step`, taken by moderator `by`, or by nobody.

    Raises:
        DraftEndedError: `step` cannot follow the draft's state.
        UndoTooLateError, NotYourDraftError: it cannot be taken back any more, or not by them.
        SecondPersonError: the same person, or nobody, would confirm or return it.
        NotFinalError: it would be decided before its minute is over.
    """
    state = TRANSITIONS.get((draft.state, step))
    if state is None:
        raise DraftEndedError(draft.state)
    _check(draft, step, at, by)
    if step is DraftStep.CONFIRM:
        return replace(draft, state=state, confirmed_by=by)
    return replace(draft, state=state)


def _check(draft: Draft, step: DraftStep, at: datetime, by: ModeratorId | None) -> None:
    match step:
        case DraftStep.UNDO:
            if by != draft.made_by:
                raise NotYourDraftError
            if at >= draft.final_at:
                raise UndoTooLateError
        case DraftStep.CONFIRM | DraftStep.RETURN:
            if by is None or by == draft.made_by:
                raise SecondPersonError
        case DraftStep.DECIDE:
            if at < draft.final_at:
                raise NotFinalError
        case DraftStep.REFUSE:
            pass


def check_word(word: str) -> str:
    """Return a word to a colleague without the space around it.

    Raises:
        WordLengthError: there is none, or it is too long.
    """
    said = word.strip()
    if not 0 < len(said) <= WORD_CHARS_MAX:
        raise WordLengthError(len(said))
    return said
