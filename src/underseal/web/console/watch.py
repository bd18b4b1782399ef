"""The media of a case for the player of its page: the same stretches as the API's, by cookie."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Stream

from underseal.core.caller import ModeratorRole
from underseal.core.person import Person
from underseal.flow.system import System
from underseal.flow.watch_case import CaseMedia, watch_case, watch_strip
from underseal.store.cases import CaseId
from underseal.web.api.case_media import MEDIA_TYPE, Stretch, media_headers, stretch_of
from underseal.web.api.operation import Injected
from underseal.web.console.gate import people
from underseal.web.pages import HEADERS

REVIEWERS: Final = (ModeratorRole.MODERATOR, ModeratorRole.LEAD, ModeratorRole.AUDITOR)
"""Who looks at cases."""


@get("/console/cases/{case_id:uuid}/media", opt=people(*REVIEWERS))
async def media(
    case_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Stream:
    """Return the media of a case, or the one stretch of it that `Range` asks for."""
    found = await watch_case(system, CaseId(case_id), person, now)
    return _answer(case_id, found, stretch_of(request.headers, found), MEDIA_TYPE)


@get("/console/cases/{case_id:uuid}/strip.jpg", opt=people(*REVIEWERS))
async def strip(
    case_id: FromPath[UUID],
    person: Injected[Person],
    system: Injected[System],
    now: Injected[datetime],
) -> Stream:
    """Return the frame strip of a case: one picture with its frames side by side."""
    found = await watch_strip(system, CaseId(case_id), person, now)
    whole = Stretch(0, found.copy.size_bytes, is_part=False)
    return _answer(case_id, found, whole, "image/jpeg")


def _answer(case_id: UUID, found: CaseMedia, stretch: Stretch, media_type: str) -> Stream:
    return Stream(
        found.stretch(stretch.start, stretch.end),
        status_code=206 if stretch.is_part else 200,
        headers={**HEADERS, **media_headers(case_id, found, stretch)},
        media_type=media_type,
    )


handlers = (media, strip)
