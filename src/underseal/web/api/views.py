"""Views: how many people have seen what, tick by tick, as the platform counts them."""

from datetime import datetime
from typing import Annotated, Final

from litestar import post
from msgspec import Meta

from underseal.core.caller import Scope
from underseal.flow.count_views import TickMismatchError, count_views
from underseal.flow.system import System
from underseal.store.views import ViewCount
from underseal.web.api.bodies import INT_MAX, Answer, Strict, Subject
from underseal.web.api.operation import (
    BULK_BYTES_MAX,
    OPERATION,
    Access,
    Injected,
    Operation,
)

VIEWS_MAX: Final = 10_000
"""Subjects in one request. A limit of ours."""

Count = Annotated[int, Meta(ge=0, le=INT_MAX)]


class ViewsOfSubject(Strict):
    """Views of a subject in the tick.

    `qualifying` is how many of those who watched qualify as a crowd; never more than `organic`
    of them count.
    """

    subject: Subject
    organic: Count
    qualifying: Count


class ViewsBody(Strict):
    """Views of the tick that ended at `tick`."""

    tick: Annotated[datetime, Meta(tz=True)]
    views: Annotated[tuple[ViewsOfSubject, ...], Meta(max_length=VIEWS_MAX)]


class CountedAnswer(Answer):
    """How many subjects were counted, and how many not: unknown, counted before, or too late."""

    counted: int
    ignored: int


@post(
    "/v1/views",
    status_code=200,
    opt={
        OPERATION: Operation(
            access=Access(scope=Scope.VIEWS_WRITE),
            raises=(TickMismatchError,),
            body_bytes_max=BULK_BYTES_MAX,
        )
    },
)
async def count(
    given: Injected[ViewsBody], system: Injected[System], now: Injected[datetime]
) -> CountedAnswer:
    """Tell the views of a tick. What is told again, or of an earlier tick, changes nothing."""
    counts = [
        ViewCount(
            subject_id=each.subject.ref.subject_id,
            organic=each.organic,
            qualifying=min(each.qualifying, each.organic),
        )
        for each in given.views
    ]
    counted = await count_views(system, given.tick, counts, now)
    return CountedAnswer(counted=counted.counted, ignored=counted.ignored)


handlers = (count,)
