"""What waits, in the order in which it is taken, and why; who has what; and how old it all is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.person import Person
from underseal.core.priority import Band, bands_of
from underseal.core.subject import SubjectKind
from underseal.flow.own_subjects import own_subjects
from underseal.flow.system import System
from underseal.store import cases
from underseal.store.cases import CaseId, HeldLease, LaneCount, Narrowing, WaitingCase
from underseal.store.roles import Role

PAGE: Final = 50
"""Cases on a page of the queue. A limit of ours."""

LEASES_MAX: Final = 200
"""Leases that a lead is shown. A limit of ours."""

LANGUAGES_OF: Final = 5_000
"""So many of the cases that wait are asked for their language. A limit of ours."""

OVERSEERS: Final = frozenset({ModeratorRole.LEAD, ModeratorRole.AUDITOR})
"""Who may open any case, and sees who has what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody wants to see of the queue; whatever is None does not matter."""

    topic: TopicId | None = None
    language: str | None = None
    subject_kind: SubjectKind | None = None
    kind: CaseKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """A case that waits, with the arithmetic of its place: probability x severity x views.

    `probability` is None where nothing was assessed. `views_per_hour` has two digits that count.
    """

    case: WaitingCase
    probability: Band | None
    views_per_hour: int | None
    waited_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """The queue as one person sees it; `after` is where the next page begins, None on the last."""

    lanes: tuple[LaneCount, ...]
    languages: tuple[str, ...]
    items: tuple[QueueItem, ...]
    after: CaseId | None
    own: tuple[HeldLease, ...]
    others: tuple[HeldLease, ...]


async def list_queue(
    system: System, person: Person, filters: Filters, after: CaseId | None, now: datetime
) -> QueueView:
    """Return a page of the queue; to leads and auditors also who has what."""
    wanted = narrowing(filters, system.guidelines)
    only = None if person.role in OVERSEERS else ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await own_subjects(conn, system, person.principal_id)
        lanes = await cases.lanes(conn, own)
        languages = await cases.languages(conn, LANGUAGES_OF)
        found = await cases.waiting(conn, wanted, after, PAGE + 1, now, moderator=only, own=own)
        leased = await cases.leases(conn, only, LEASES_MAX, now, own=own)
    return QueueView(
        lanes=lanes,
        languages=languages,
        items=_items(found[:PAGE], now.date()),
        after=found[PAGE - 1].case_id if len(found) > PAGE else None,
        own=tuple(each for each in leased if each.moderator == person.principal_id),
        others=tuple(each for each in leased if each.moderator != person.principal_id),
    )


def narrowing(filters: Filters, guidelines: Guidelines) -> Narrowing:
    """Return what filters mean for the queue; a topic that there is not has no guidelines."""
    of_topic = None
    if filters.topic is not None:
        of_topic = next((t.guidelines for t in guidelines.topics if t.id == filters.topic), ())
    return Narrowing(
        kind=filters.kind,
        subject_kind=filters.subject_kind,
        guidelines=of_topic,
        language=filters.language,
    )


def _items(found: Sequence[WaitingCase], today: date) -> tuple[QueueItem, ...]:
    return tuple(
        QueueItem(
            case=each,
            probability=(
                None if each.log_odds is None else bands_of(each.log_odds, 0, 0).probability
            ),
            views_per_hour=None
            if each.views_per_hour is None
            else _rough(round(each.views_per_hour)),
            waited_days=(today - each.opened_on).days,
        )
        for each in found
    )


def _rough(count: int) -> int:
    """A count to two significant digits."""
    return round(count, min(0, 2 - len(str(count))))
