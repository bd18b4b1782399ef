"""The media of a case, for the moderator who has it: stretches of the frozen copy, decrypted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, head
from litestar.params import FromPath
from litestar.response import Stream

from underseal.core.caller import Caller
from underseal.core.case import NotLeasedError
from underseal.flow.decide import UnknownCaseError
from underseal.flow.system import System
from underseal.flow.watch_case import CaseMedia, NoCopyError, watch_case
from underseal.store.cases import CaseId
from underseal.web.api.moderation import READERS
from underseal.web.api.operation import OPERATION, Access, Injected, Operation
from underseal.web.problems import RangeNotSatisfiableError

MEDIA_TYPE: Final = "application/octet-stream"
"""What it is, somebody else has said; a player finds out, and nothing else is to run it."""

_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})?-([0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The bytes `[start, end)`; `is_part` if they were asked for."""

    start: int
    end: int
    is_part: bool


OPERATION_OF_BOTH: Final = {
    OPERATION: Operation(
        access=Access(roles=READERS),
        raises=(UnknownCaseError, NotLeasedError, NoCopyError, RangeNotSatisfiableError),
        also={206: "The stretch that `Range` asks for."},
        media_type=MEDIA_TYPE,
    )
}


@get("/v1/cases/{case_id:uuid}/media", opt=OPERATION_OF_BOTH)
async def watch(
    case_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> Stream:
    """Return the media of a case, or the one stretch of it that `Range` asks for."""
    media = await watch_case(system, CaseId(case_id), caller, now)
    stretch = stretch_of(request.headers, media)
    return Stream(
        media.stretch(stretch.start, stretch.end),
        status_code=206 if stretch.is_part else 200,
        headers=media_headers(case_id, media, stretch),
        media_type=MEDIA_TYPE,
    )


@head("/v1/cases/{case_id:uuid}/media", opt=OPERATION_OF_BOTH)
async def measure(
    case_id: FromPath[UUID],
    caller: Injected[Caller],
    system: Injected[System],
    now: Injected[datetime],
) -> Response[None]:
    """Tell how large the media of a case is."""
    media = await watch_case(system, CaseId(case_id), caller, now)
    whole = Stretch(0, media.copy.size_bytes, is_part=False)
    return Response(
        None, headers=media_headers(case_id, media, whole) | {"content-type": MEDIA_TYPE}
    )


def stretch_of(headers: Mapping[str, str], media: CaseMedia) -> Stretch:
    """Return what of the media is asked for.

    A range that is malformed, several, or of another copy is passed over: RFC 9110, section 14.2.

    Raises:
        RangeNotSatisfiableError: there is nothing in it.
    """
    size_bytes = media.copy.size_bytes
    whole = Stretch(0, size_bytes, is_part=False)
    asked = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if asked is None or headers.get("if-range", _tag(media)) != _tag(media):
        return whole
    match asked[1], asked[2]:
        case None, None:
            return whole
        case None, last_bytes:
            start, end = max(0, size_bytes - int(last_bytes)), size_bytes
        case first, None:
            start, end = int(first), size_bytes
        case first, last:
            if int(last) < int(first):
                return whole
            start, end = int(first), min(int(last) + 1, size_bytes)
    if start >= end:
        raise RangeNotSatisfiableError(size_bytes)
    return Stretch(start, end, is_part=True)


def media_headers(case_id: UUID, media: CaseMedia, stretch: Stretch) -> dict[str, str]:
    """Return what an answer with a stretch of the media says of it."""
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(stretch.end - stretch.start),
        "content-disposition": f'attachment; filename="{case_id}"',
        "etag": _tag(media),
    }
    if stretch.is_part:
        last = stretch.end - 1
        headers["content-range"] = f"bytes {stretch.start}-{last}/{media.copy.size_bytes}"
    return headers


def _tag(media: CaseMedia) -> str:
    return f'"{media.copy.sha256.hex()}"'


handlers = (watch, measure)
