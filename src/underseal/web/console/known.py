"""Known content: what machines recognise, where it comes from, and who answers for it."""

from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.caller import ModeratorRole
from underseal.core.guideline import GuidelineId
from underseal.core.person import Person
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow.add_known_content import (
    NotDecidedError,
    NothingToMatchError,
    add_known_content,
)
from underseal.flow.list_known import list_known
from underseal.flow.retire_known_content import NotListedError, retire_known_content
from underseal.flow.system import System
from underseal.web.api.operation import Injected
from underseal.web.console.dashboard import OVERSEERS, topics_of
from underseal.web.console.gate import people
from underseal.web.console.queue import labels_of
from underseal.web.forms import form_of, read_form
from underseal.web.pages import page

PLACE: Final = "/console/known"
KEEPERS: Final = (ModeratorRole.LEAD, ModeratorRole.ADMIN)


class KnownQuery(msgspec.Struct, frozen=True):
    """Which part of the list is asked for: after the day and the id of an item."""

    retired: bool = False
    day: date | None = None
    after: UUID | None = None

    @property
    def place(self) -> tuple[date, UUID] | None:
        """After which item it goes on."""
        return None if self.day is None or self.after is None else (self.day, self.after)


class AddForm(msgspec.Struct, frozen=True):
    """A subject whose decided version is to be recognised, perhaps as confirmed."""

    kind: SubjectKind
    id: str
    guideline: str
    verified: bool = False


@get(PLACE, opt=people(*OVERSEERS))
async def show(
    request: Request[Any, Any, Any], person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Show a page of the list."""
    return await _page(person, system, form_of(request.scope["query_string"], KnownQuery))


@post(f"{PLACE}/add", opt=people(*KEEPERS))
async def add(
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Let machines recognise what was decided on, or confirm what a removal has added."""
    given = await read_form(request, AddForm)
    try:
        await add_known_content(
            system,
            SubjectRef(kind=given.kind, external_id=given.id),
            GuidelineId(given.guideline),
            by=person.principal_id,
            is_verified=given.verified,
            today=now.date(),
        )
    except (NotDecidedError, NothingToMatchError, InvalidExternalIdError) as error:
        return await _page(person, system, KnownQuery(), fault=f"{given.id}: {error}", status=422)
    return page("empty.html", status=303, headers={"location": PLACE})


@post(f"{PLACE}/{{item_id:uuid}}/retire", opt=people(*KEEPERS))
async def retire(
    item_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Take an item off the list."""
    try:
        await retire_known_content(system, item_id, person.principal_id, now.date())
    except NotListedError as error:
        return await _page(person, system, KnownQuery(), fault=str(error), status=409)
    return page("empty.html", status=303, headers={"location": PLACE})


async def _page(
    person: Person, system: System, asked: KnownQuery, fault: str = "", status: int = 200
) -> Response[str]:
    known = await list_known(system, retired=asked.retired, after=asked.place)
    further = None
    if known.after is not None:
        day, item_id = known.after
        further = urlencode(
            {"day": day, "after": item_id} | ({"retired": "true"} if asked.retired else {})
        )
    return page(
        "console_known.html",
        status=status,
        person=person,
        known=known,
        retired=asked.retired,
        is_first=asked.place is None,
        further=further,
        fault=fault,
        can_keep=person.role in KEEPERS,
        labels=labels_of(system.guidelines),
        topics=topics_of(system.guidelines),
        guidelines=system.guidelines,
    )


handlers = (show, add, retire)
