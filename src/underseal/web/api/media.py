"""Media: the upload of what a version of a subject consists of."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from litestar import Request, put

from underseal.core.caller import Scope
from underseal.flow.system import System
from underseal.flow.upload_media import (
    MediaFrozenError,
    MediaTooLargeError,
    NoMediaError,
    UnknownVersionError,
    VersionRef,
    upload_media,
)
from underseal.web.api.bodies import Subject, Version
from underseal.web.api.operation import OPERATION, Access, Injected, Operation
from underseal.web.api.reading import body_chunks, check_length
from underseal.web.api.subjects import VersionAnswer
from underseal.web.api.visibility import visibility_of


class MediaQuery(Subject):
    """Which version the media is of."""

    version: Version


@put(
    "/v1/media",
    status_code=202,
    opt={
        OPERATION: Operation(
            access=Access(scope=Scope.SUBJECTS_WRITE),
            raises=(UnknownVersionError, MediaFrozenError, MediaTooLargeError, NoMediaError),
            is_upload=True,
        )
    },
)
async def upload(
    asked: Injected[MediaQuery],
    request: Request[Any, Any, Any],
    system: Injected[System],
    now: Injected[datetime],
) -> VersionAnswer:
    """Send the bytes of a version, once; a changed video is a new version."""
    check_length(request.headers.get("content-length"), system.settings.media_bytes_max)
    target = VersionRef(ref=asked.ref, version=asked.version)
    chunks: AsyncIterator[bytes] = body_chunks(request.receive)
    await upload_media(system, target, chunks, now)
    return VersionAnswer(
        subject=Subject.of(asked.ref),
        version=asked.version,
        visibility=await visibility_of(system.db, asked.ref),
    )


handlers = (upload,)
