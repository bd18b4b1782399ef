"""The review page: a case with its player, one timeline, and all that bears on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.case import ModeratorId, NotLeasedError
from underseal.core.guideline import Guideline, Guidelines
from underseal.core.inquiry import QUESTION_CHARS_MAX
from underseal.core.language import FALLBACK_LANGUAGE
from underseal.core.person import Person
from underseal.core.report import MOMENT_MS_MAX
from underseal.flow import preferences
from underseal.flow.read_case import CaseFile
from underseal.flow.review_case import review_case
from underseal.flow.stay import stay
from underseal.flow.system import System
from underseal.flow.take_case import take_one
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.decide import decision_context
from underseal.web.console.gate import people
from underseal.web.console.lines import line_groups
from underseal.web.console.marks import marks_of
from underseal.web.console.queue import TAKERS, labels_of
from underseal.web.console.watch import REVIEWERS
from underseal.web.forms import form_of
from underseal.web.pages import page

CAPTION_CHARS: Final = 600
"""So much of a caption or a note stands there at once; the rest is unfolded. A setting."""


class ReviewQuery(msgspec.Struct, frozen=True):
    """Where in the media to begin, in milliseconds: the links of a page without a script."""

    at: int = 0


@get("/console/cases/{case_id:uuid}", opt=people(*REVIEWERS))
async def show(
    case_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Show a case to who has taken it, or to a lead or auditor."""
    at_ms = form_of(request.scope["query_string"], ReviewQuery).at
    try:
        review = await review_case(system, CaseId(case_id), person, now)
    except NotLeasedError:
        return page("console_review_lost.html", status=409, person=person)
    file, labels = review.file, labels_of(system.guidelines)
    return page(
        "console_review.html",
        person=person,
        case=file,
        review=review,
        guidelines=system.guidelines,
        labels=labels,
        language=FALLBACK_LANGUAGE,
        marks=marks_of(file, labels),
        line_groups=line_groups(review),
        about=_about(file, system.guidelines),
        start_s=max(0, min(at_ms, MOMENT_MS_MAX)) / 1000,
        preferences=await preferences.load(system, person),
        decision=await decision_context(system, file, person, now),
        has_lease=_has_lease(file, person, now),
        can_take=person.role in TAKERS,
        chars=CAPTION_CHARS,
        question_max=QUESTION_CHARS_MAX,
        now=now,
    )


@post("/console/cases/{case_id:uuid}/stay", opt=people(*TAKERS))
async def keep(
    case_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Keep a case for longer, as its page does while it is open."""
    try:
        lease = await stay(system, CaseId(case_id), ModeratorId(person.principal_id), now)
    except NotLeasedError:
        if "hx-request" not in request.headers:
            raise
        return page("console_review_lost_piece.html")
    if "hx-request" not in request.headers:
        return _to_case(case_id)
    return page("console_review_lease_piece.html", case_id=case_id, until=lease.until, now=now)


@post("/console/cases/{case_id:uuid}/take", opt=people(*TAKERS))
async def take(
    case_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Take a case that one has open without having it."""
    await take_one(system, CaseId(case_id), ModeratorId(person.principal_id), now)
    return _to_case(case_id)


def _to_case(case_id: UUID) -> Response[str]:
    return page("empty.html", status=303, headers={"location": f"/console/cases/{case_id}"})


def _has_lease(file: CaseFile, person: Person, now: datetime) -> bool:
    until = file.case.leased_until
    return file.case.leased_by == person.principal_id and until is not None and now < until


def _about(file: CaseFile, guidelines: Guidelines) -> Guideline | None:
    """The guideline the case is about: the one it was queued for, or else the most probable."""
    named: Sequence[Any] = (file.case.guideline, *(each for each, _ in file.guidelines))
    return next((guidelines.by_id[each] for each in named if each in guidelines.by_id), None)


handlers = (show, keep, take)
