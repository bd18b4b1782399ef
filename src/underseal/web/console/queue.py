"""The queue: what waits and why, who has what, and the next case for whoever asks."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from underseal.core.caller import ModeratorRole
from underseal.core.case import CaseKind, ModeratorId
from underseal.core.guideline import GuidelineId, Guidelines, TopicId
from underseal.core.language import FALLBACK_LANGUAGE, best_text
from underseal.core.person import Person
from underseal.core.subject import SubjectKind
from underseal.flow.list_queue import OVERSEERS, Filters, list_queue, narrowing
from underseal.flow.system import System
from underseal.flow.take_case import take_case
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.gate import people
from underseal.web.forms import form_of
from underseal.web.pages import page
from underseal.web.problems import InvalidRequestError

QUEUE: Final = "/console/queue"
COOKIE: Final = "__Host-underseal-filters"
"""The filters of the last look at the queue: the next case is taken by them, too."""


class QueueQuery(msgspec.Struct, frozen=True):
    """The query of the queue; what is empty does not matter. `together` ticks a whole page."""

    topic: str = ""
    language: str = ""
    subject: str = ""
    kind: str = ""
    after: UUID | None = None
    nothing: bool = False
    together: bool = False

    @property
    def filters(self) -> Filters:
        """What it asks for.

        Raises:
            InvalidRequestError: there is no such kind.
        """
        try:
            return Filters(
                topic=TopicId(self.topic) if self.topic else None,
                language=self.language or None,
                subject_kind=SubjectKind(self.subject) if self.subject else None,
                kind=CaseKind(self.kind) if self.kind else None,
            )
        except ValueError:
            raise InvalidRequestError("there is no such kind to filter by") from None


@get(QUEUE, opt=people())
async def show(
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show what waits."""
    asked = form_of(request.scope["query_string"], QueueQuery)
    filters = asked.filters
    queue = await list_queue(
        system, person, filters, None if asked.after is None else CaseId(asked.after), now
    )
    by_filters = written(filters)
    answer = page(
        "console_queue.html",
        person=person,
        queue=queue,
        filters=filters,
        by_filters=by_filters,
        is_first=asked.after is None,
        nothing=asked.nothing,
        together=asked.together,
        present=asked.after,
        can_open=person.role in OVERSEERS,
        can_take=person.role in TAKERS,
        guidelines=system.guidelines,
        labels=labels_of(system.guidelines),
        topics=[(t.id, best_text(t.label, FALLBACK_LANGUAGE)[1]) for t in system.guidelines.topics],
        now=now,
    )
    answer.set_cookie(
        Cookie(
            key=COOKIE, value=by_filters, path="/", secure=True, httponly=True, samesite="strict"
        )
    )
    return answer


TAKERS: Final = (ModeratorRole.MODERATOR, ModeratorRole.LEAD)
"""Who decides cases."""


@post("/console/next", opt=people(*TAKERS))
async def take_next(
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Take the next case by one's filters and go there, or back to a queue in which none waits."""
    return page(
        "empty.html", status=303, headers={"location": await to_next(request, person, system, now)}
    )


async def to_next(
    request: Request[Any, Any, Any], person: Person, system: System, now: datetime
) -> str:
    """Take the next case by the filters of the last look at the queue; return where to go then."""
    filters = _last_filters(request)
    wanted = narrowing(filters, system.guidelines)
    lease = await take_case(system, ModeratorId(person.principal_id), None, now, wanted)
    if lease is None:
        return f"{QUEUE}?{'&'.join(filter(None, (written(filters), 'nothing=true')))}"
    return f"/console/cases/{lease.case_id}"


def labels_of(guidelines: Guidelines) -> dict[GuidelineId, str]:
    """Return what each guideline in force is called, in the console's language."""
    return {
        each.id: best_text(each.label, FALLBACK_LANGUAGE)[1] for each in guidelines.by_id.values()
    }


def written(filters: Filters) -> str:
    """Write filters as a query."""
    given = {
        "topic": filters.topic,
        "language": filters.language,
        "subject": filters.subject_kind,
        "kind": filters.kind,
    }
    return urlencode({name: value for name, value in given.items() if value is not None})


def _last_filters(request: Request[Any, Any, Any]) -> Filters:
    try:
        return form_of(request.cookies.get(COOKIE, "").encode(), QueueQuery).filters
    except InvalidRequestError:  # of an older version of ours, or tampered with
        return Filters()


handlers = (show, take_next)
