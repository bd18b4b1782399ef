"""Visibility: the one answer that a platform needs for each of its subjects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from msgspec import Meta

from underseal.core.caller import Scope
from underseal.core.subject import SubjectRef
from underseal.core.visibility import Level, Visibility
from underseal.flow import read_visibility as flow
from underseal.store.pool import Database
from underseal.store.visibility import Change
from underseal.web.api.bodies import (
    BULK_MAX,
    Answer,
    Cursor,
    Limit,
    Strict,
    Subject,
)
from underseal.web.api.operation import (
    BULK_BYTES_MAX,
    OPERATION,
    Access,
    Injected,
    Operation,
    platforms,
)
from underseal.web.cursors import Cursors, InvalidCursorError

FEED = ("visibility changes",)


class VisibilityQuery(Subject):
    """Which subject is asked about."""


class SubjectsBody(Strict):
    """Which subjects are asked about."""

    subjects: Annotated[tuple[Subject, ...], Meta(max_length=BULK_MAX)]


class PageQuery(Strict):
    """Where in a list to go on."""

    cursor: Cursor | None = None
    limit: Limit = 100


class VisibilityAnswer(Answer):
    """Who may see a subject; one that nobody has told of is public.

    `statement_id` names the reasons, `expires_at` the end of a hold. `changed_at` is null while
    nothing has ever changed.
    """

    subject: Subject
    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]
    statement_id: UUID | None
    expires_at: datetime | None
    changed_at: datetime | None


class VisibilitiesAnswer(Answer):
    """Who may see the subjects, in the order in which they were asked about."""

    visibility: tuple[VisibilityAnswer, ...]


class ChangesAnswer(Answer):
    """Changes in the order in which they took place; none is ever left out.

    `cursor` is where to go on, now or later, whether there were changes or not.
    """

    changes: tuple[VisibilityAnswer, ...]
    cursor: str


@get("/v1/visibility", opt=platforms(Scope.VISIBILITY_READ))
async def show(asked: Injected[VisibilityQuery], db: Injected[Database]) -> VisibilityAnswer:
    """Tell who may see a subject."""
    return await visibility_of(db, asked.ref)


@post(
    "/v1/visibility/bulk",
    status_code=200,
    opt={
        OPERATION: Operation(
            access=Access(scope=Scope.VISIBILITY_READ), body_bytes_max=BULK_BYTES_MAX
        )
    },
)
async def show_many(given: Injected[SubjectsBody], db: Injected[Database]) -> VisibilitiesAnswer:
    """Tell who may see each of many subjects."""
    found = await flow.read_visibility(db, [subject.ref for subject in given.subjects])
    return VisibilitiesAnswer(visibility=tuple(map(_answer, found)))


@get("/v1/visibility/changes", opt=platforms(Scope.VISIBILITY_READ, InvalidCursorError))
async def list_changes(
    asked: Injected[PageQuery], db: Injected[Database], cursors: Injected[Cursors]
) -> ChangesAnswer:
    """Tell what has changed since an earlier answer, or from the beginning."""
    last = 0
    if asked.cursor is not None:
        (place,) = cursors.read(FEED, asked.cursor)
        last = int(place)
    changes = await flow.read_changes(db, last, asked.limit)
    if changes:
        last = changes[-1].number
    return ChangesAnswer(changes=tuple(map(_change, changes)), cursor=cursors.write(FEED, [last]))


async def visibility_of(db: Database, ref: SubjectRef) -> VisibilityAnswer:
    """Return who may see a subject."""
    (found,) = await flow.read_visibility(db, [ref])
    return _answer(found)


def _answer(found: flow.VisibilityAnswer) -> VisibilityAnswer:
    return _write(
        found.subject, found.visibility, found.statement_id, found.expires_at, found.changed_at
    )


def _change(change: Change) -> VisibilityAnswer:
    return _write(
        change.ref, change.visibility, change.statement_id, change.expires_at, change.changed_at
    )


def _write(
    ref: SubjectRef,
    visibility: Visibility,
    statement_id: UUID | None,
    expires_at: datetime | None,
    changed_at: datetime | None,
) -> VisibilityAnswer:
    return VisibilityAnswer(
        subject=Subject.of(ref),
        level=visibility.level,
        age_restricted=visibility.age_restricted,
        labelled=visibility.labelled,
        interaction_limited=visibility.interaction_limited,
        geo_blocked=visibility.geo_blocked,
        statement_id=statement_id,
        expires_at=expires_at,
        changed_at=changed_at,
    )


handlers = (show, show_many, list_changes)
