"""The audit trail: what happened to a subject, and whether it is as it was written."""

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from underseal.core.ledger import EventKind
from underseal.core.person import Person
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.flow.list_queue import OVERSEERS as READERS
from underseal.flow.read_trail import WITHHELD, NoTrailError, Trail, Wanted, read_trail
from underseal.flow.system import System
from underseal.store.cases import CaseId
from underseal.web.api.operation import Injected
from underseal.web.console.dashboard import OVERSEERS
from underseal.web.console.gate import people
from underseal.web.forms import form_of
from underseal.web.pages import page

PLACE: Final = "/console/audit"


class TrailQuery(msgspec.Struct, frozen=True):
    """Whose trail is asked for, by kind and id or by case; and which of its events."""

    kind: str = "video"
    id: str = ""
    case: str = ""
    event: str = ""
    day: str = ""
    after: int = 0

    @property
    def about(self) -> SubjectRef | CaseId | None:
        """Whose trail it is; None if nothing was asked for yet.

        Raises:
            ValueError, InvalidExternalIdError: nothing is called like this.
        """
        if self.case.strip():
            return CaseId(UUID(self.case.strip()))
        if self.id.strip():
            return SubjectRef(kind=SubjectKind(self.kind), external_id=self.id.strip())
        return None

    @property
    def wanted(self) -> Wanted:
        """Which events it asks for.

        Raises:
            ValueError: there is no such kind or day.
        """
        return Wanted(
            kind=EventKind(self.event) if self.event else None,
            day=date.fromisoformat(self.day) if self.day else None,
            after=self.after,
        )

    def further(self, trail: Trail) -> str | None:
        """Write the query for the next page, if there is one."""
        if trail.after is None:
            return None
        given = msgspec.structs.asdict(self) | {"after": trail.after}
        return urlencode({name: value for name, value in given.items() if value})


@get(PLACE, opt=people(*OVERSEERS))
async def show(
    request: Request[Any, Any, Any], person: Injected[Person], system: Injected[System]
) -> Response[str]:
    """Show the form, and the trail that it asks for."""
    asked = form_of(request.scope["query_string"], TrailQuery)
    trail, fault = None, ""
    try:
        if asked.about is not None:
            trail = await read_trail(system, asked.about, asked.wanted, person.role)
    except NoTrailError as error:
        fault = str(error)
    except (ValueError, InvalidExternalIdError):
        fault = "a case or a day is not written like this"
    return page(
        "console_audit.html",
        status=422 if fault else 200,
        person=person,
        asked=asked,
        trail=trail,
        further=None if trail is None else asked.further(trail),
        fault=fault,
        kinds=tuple(SubjectKind),
        events=tuple(EventKind),
        can_open=person.role in READERS,
        withheld=WITHHELD,
    )


handlers = (show,)
