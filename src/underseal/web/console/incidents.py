"""Incidents: what went wrong, and what came of it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.close_incident import (
    WORD_MAX,
    IncidentClosedError,
    WordLengthError,
    close_incident,
)
from underseal.flow.list_queue import OVERSEERS as READERS
from underseal.flow.read_incidents import read_closed, read_incidents
from underseal.flow.system import System
from underseal.store.incidents import IncidentId
from underseal.web.api.operation import Injected
from underseal.web.console.dashboard import OVERSEERS
from underseal.web.console.gate import go_on, is_quick, people
from underseal.web.forms import read_form
from underseal.web.pages import page
from underseal.web.problems import InvalidRequestError

PLACE: Final = "/console/incidents"
CLOSERS: Final = (ModeratorRole.LEAD, ModeratorRole.ADMIN)
SHOWN: Final = 100
"""So many open and so many closed incidents are shown. A limit of ours."""


class WordForm(msgspec.Struct, frozen=True):
    """What somebody says came of an incident."""

    word: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """A word that was not taken, kept in its field; and why."""

    incident_id: UUID
    word: str
    fault: str


@get(PLACE, opt=people(*OVERSEERS))
async def show(person: Injected[Person], system: Injected[System]) -> Response[str]:
    """Show what is open, and what was closed last."""
    return await _page(person, system)


@post(f"{PLACE}/{{incident_id:uuid}}/close", opt=people(*CLOSERS))
async def close(
    request: Request[Any, Any, Any],
    incident_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[str]:
    """Close an incident with a word; what was typed stays if it is not taken."""
    given = await read_form(request, WordForm)
    try:
        await close_incident(system, IncidentId(incident_id), person.principal_id, given.word, now)
    except (WordLengthError, IncidentClosedError) as error:
        if is_quick(request):
            raise InvalidRequestError(str(error)) from None
        refused = Refusal(incident_id=incident_id, word=given.word, fault=str(error))
        return await _page(person, system, refused)
    return go_on(request, PLACE)


async def _page(person: Person, system: System, refused: Refusal | None = None) -> Response[str]:
    opened = await read_incidents(system, SHOWN)
    is_gone = refused is not None and all(
        each.incident_id != refused.incident_id for each in opened
    )
    return page(
        "console_incidents.html",
        status=200 if refused is None else 409 if is_gone else 422,
        person=person,
        opened=opened,
        closed=await read_closed(system, SHOWN),
        shown=SHOWN,
        refused=refused,
        is_gone=is_gone,
        can_close=person.role in CLOSERS,
        can_open=person.role in READERS,
        word_max=WORD_MAX,
    )


handlers = (show, close)
