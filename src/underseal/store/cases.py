"""Cases: a row for each round that somebody looks at, and the queue that they wait in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NewType
from uuid import UUID

from underseal.core.case import CaseKind, CaseState, ModeratorId
from underseal.core.decision import DecisionId
from underseal.core.guideline import GuidelineId
from underseal.core.priority import WAITED_RANK, Lane, Priority, passes_over_late
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.core.visibility import Level
from underseal.store.connection import Connection, Row
from underseal.store.decisions import StoredDecision
from underseal.store.queries import load
from underseal.store.subjects import Subject

_SQL: Final = load("cases")

CaseId = NewType("CaseId", UUID)

DUTIES_AT_ONCE: Final = 50
"""So many cases become duties at most while somebody waits for a case. A limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A case as stored."""

    case_id: CaseId
    subject_id: SubjectId
    round: int
    version: int
    kind: CaseKind
    state: CaseState
    lane: Lane
    due_at: datetime | None
    because: str
    guideline: GuidelineId | None
    reviews: DecisionId | None
    leased_by: ModeratorId | None
    leased_until: datetime | None
    not_for: tuple[ModeratorId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCount:
    """How many cases of a kind wait in a lane, and since which day."""

    kind: CaseKind
    lane: Lane
    waiting: int
    oldest_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which cases somebody wants to see; whatever is None does not matter.

    `guidelines` are those that a case may be about, `language` is that of what is looked at.
    """

    kind: CaseKind | None = None
    subject_kind: SubjectKind | None = None
    guidelines: tuple[GuidelineId, ...] | None = None
    language: str | None = None


EVERYTHING: Final = Narrowing()
"""No narrowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCase:
    """A case that waits; `is_due` says that its due date goes before every rate.

    `log_odds` are those of its guideline, and `views_per_hour` the organic rate when it got its
    place, where known.
    """

    case_id: CaseId
    kind: CaseKind
    lane: Lane
    due_at: datetime | None
    is_due: bool
    because: str
    guideline: GuidelineId | None
    opened_on: date
    for_leads: bool
    subject: SubjectRef
    level: Level
    log_odds: float | None
    views_per_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLease:
    """A case that somebody has until a moment."""

    case_id: CaseId
    moderator: ModeratorId
    name: str
    until: datetime
    kind: CaseKind
    lane: Lane
    subject_kind: SubjectKind


async def enqueue(
    conn: Connection, case_id: UUID, subject: Subject, priority: Priority, opened_on: date
) -> None:
    """Queue the present round of a subject for review, or move it to another place.

    `case_id` and `opened_on` are for a round that has no case yet.
    """
    await conn.execute(
        _SQL["enqueue"],
        case_id,
        subject.subject_id,
        subject.round,
        subject.version,
        *_place(priority),
        opened_on,
    )


async def is_queued_for_worth(conn: Connection, subject_id: SubjectId, round_: int) -> bool:
    """Return whether a round is in the queue, at a rate that goes by how many watch."""
    return bool(await conn.fetchval(_SQL["is_queued_for_worth"], subject_id, round_))


async def owe_look(conn: Connection, subject: Subject, duty_from: datetime) -> None:
    """Make a duty, from a moment on, of the case of a subject's round that never was to be one."""
    await conn.execute(_SQL["owe_look"], subject.subject_id, subject.round, duty_from)


async def open_appeal(
    conn: Connection,
    case_id: UUID,
    first: StoredDecision,
    round_: int,
    priority: Priority,
    *,
    now: datetime,
) -> None:
    """Queue an appeal against `first` in a round of its own, not for who took that decision."""
    await conn.execute(
        _SQL["open_appeal"],
        case_id,
        first.decision.subject_id,
        round_,
        first.version,
        *_place(priority),
        now.date(),
        first.decision.id,
        first.decision.deciders,
    )


async def is_opened(conn: Connection, decision_id: DecisionId) -> bool:
    """Return whether there is a case of an appeal against a decision."""
    return bool(await conn.fetchval(_SQL["is_opened"], decision_id))


async def take_case(
    conn: Connection,
    moderator: ModeratorId,
    wanted: Narrowing,
    now: datetime,
    until: datetime,
    *,
    own: Sequence[SubjectId],
) -> CaseId | None:
    """Lease the first case by `core.priority.order_key` to a moderator; nobody else gets it.

    None is about what belongs to accounts of their `own`; so it is with all that takes `own`.
    """
    arguments = (moderator, until, *_narrowed(wanted), own)
    if wanted.kind is CaseKind.APPEAL:
        taken: CaseId | None = await conn.fetchval(_SQL["take_appeal"], *arguments)
        return taken
    await begin_duties(conn, now, DUTIES_AT_ONCE)
    due_from = now if passes_over_late(now) else None
    for first, last, since in ((0, WAITED_RANK - 1, None), (WAITED_RANK, WAITED_RANK, due_from)):
        taken = await conn.fetchval(_SQL["take_duty"], *arguments, first, last, since)
        if taken is not None:
            break
    else:
        taken = await conn.fetchval(_SQL["take_by_rate"], *arguments)
    return taken


async def take_one(
    conn: Connection,
    case_id: CaseId,
    moderator: ModeratorId,
    until: datetime,
    *,
    own: Sequence[SubjectId],
) -> bool:
    """Lease a case to a moderator until a moment; return False if it does not wait for them."""
    return bool(await conn.fetchval(_SQL["take_one"], case_id, moderator, until, own))


async def stay(
    conn: Connection, case_id: CaseId, moderator: ModeratorId, now: datetime, until: datetime
) -> datetime | None:
    """Let a moderator keep a case until a moment; return None if they do not have it any more."""
    kept: datetime | None = await conn.fetchval(_SQL["stay"], case_id, moderator, now, until)
    return kept


async def begin_duties(conn: Connection, now: datetime, limit: int) -> None:
    """Let the due date of up to `limit` cases go before every rate, if the time has come."""
    await conn.execute(_SQL["begin_duties"], now, limit)


async def return_lost_leases(conn: Connection, now: datetime) -> int:
    """Queue the cases again whose lease has run out, and return how many."""
    return len(await conn.fetch(_SQL["return_lost_leases"], now))


async def release_case(
    conn: Connection, case_id: CaseId, moderator: ModeratorId, *, not_me: bool
) -> bool:
    """Queue a case again that the moderator leased; return False if they did not."""
    return bool(await conn.fetchval(_SQL["release"], case_id, moderator, not_me))


async def load_case(conn: Connection, case_id: CaseId) -> StoredCase | None:
    """Return a case."""
    row = await conn.fetchrow(_SQL["load_case"], case_id)
    return None if row is None else _case(row)


async def lock_case(conn: Connection, case_id: CaseId) -> StoredCase | None:
    """Return a case, and let nobody take, release or decide it until the transaction ends."""
    row = await conn.fetchrow(_SQL["lock_case"], case_id)
    return None if row is None else _case(row)


async def lock_case_of_round(
    conn: Connection, subject_id: SubjectId, round_: int
) -> StoredCase | None:
    """Return the case of a round, as `lock_case` does."""
    row = await conn.fetchrow(_SQL["lock_case_of_round"], subject_id, round_)
    return None if row is None else _case(row)


async def end_case(conn: Connection, case_id: CaseId, state: CaseState, at: datetime) -> None:
    """End a case: decided or superseded."""
    await conn.execute(_SQL["end_case"], case_id, state, at)


async def forget_dates(conn: Connection, ended_before: datetime) -> None:
    """Forget on which day cases were opened that ended before a moment."""
    await conn.execute(_SQL["forget_dates"], ended_before)


async def last_round(conn: Connection, subject_id: SubjectId) -> int:
    """Return the highest number of a round of the subject, appeals included."""
    number: int = await conn.fetchval(_SQL["last_round"], subject_id)
    return number


async def lanes(conn: Connection, own: Sequence[SubjectId]) -> tuple[LaneCount, ...]:
    """Return how many cases wait, by kind and lane."""
    return tuple(
        LaneCount(
            kind=CaseKind(row["kind"]),
            lane=Lane(row["lane"]),
            waiting=row["waiting"],
            oldest_on=row["oldest_on"],
        )
        for row in await conn.fetch(_SQL["lanes"], own)
    )


async def languages(conn: Connection, most: int) -> tuple[str, ...]:
    """Return the languages of up to `most` of the cases that wait."""
    return tuple(row["language"] for row in await conn.fetch(_SQL["languages"], most))


async def waiting(
    conn: Connection,
    wanted: Narrowing,
    after: CaseId | None,
    most: int,
    now: datetime,
    *,
    moderator: ModeratorId | None,
    own: Sequence[SubjectId],
) -> tuple[WaitingCase, ...]:
    """Return those that wait, in the order in which they are taken, after one of them.

    Only those that the `moderator` may take, if one is given.
    """
    rows = await conn.fetch(_SQL["waiting"], now, *_narrowed(wanted), after, most, moderator, own)
    return tuple(
        WaitingCase(
            case_id=row["case_id"],
            kind=CaseKind(row["kind"]),
            lane=Lane(row["lane"]),
            due_at=row["due_at"],
            is_due=row["is_due"],
            because=row["because"],
            guideline=row["guideline"],
            opened_on=row["opened_on"],
            for_leads=row["for_leads"],
            subject=SubjectRef(
                kind=SubjectKind(row["subject_kind"]), external_id=row["external_id"]
            ),
            level=Level.PUBLIC if row["level"] is None else Level(row["level"]),
            log_odds=row["log_odds"],
            views_per_hour=row["views_per_hour"],
        )
        for row in rows
    )


async def leases(
    conn: Connection,
    moderator: ModeratorId | None,
    most: int,
    now: datetime,
    *,
    own: Sequence[SubjectId],
) -> tuple[HeldLease, ...]:
    """Return who has what, or what one moderator has."""
    return tuple(
        HeldLease(
            case_id=row["case_id"],
            moderator=row["leased_by"],
            name=row["name"],
            until=row["leased_until"],
            kind=CaseKind(row["kind"]),
            lane=Lane(row["lane"]),
            subject_kind=SubjectKind(row["subject_kind"]),
        )
        for row in await conn.fetch(_SQL["leases"], now, moderator, most, own)
    )


def _narrowed(wanted: Narrowing) -> tuple[object, ...]:
    return wanted.kind, wanted.subject_kind, wanted.guidelines, wanted.language


def _place(priority: Priority) -> tuple[object, ...]:
    return (
        priority.lane,
        priority.rate,
        priority.due_at,
        priority.duty_from,
        priority.because,
        priority.guideline,
        priority.views_per_hour,
    )


def _case(row: Row) -> StoredCase:
    return StoredCase(
        case_id=row["case_id"],
        subject_id=row["subject_id"],
        round=row["round"],
        version=row["version"],
        kind=CaseKind(row["kind"]),
        state=CaseState(row["state"]),
        lane=Lane(row["lane"]),
        due_at=row["due_at"],
        because=row["because"],
        guideline=row["guideline"],
        reviews=row["reviews"],
        leased_by=row["leased_by"],
        leased_until=row["leased_until"],
        not_for=tuple(row["not_for"]),
    )
