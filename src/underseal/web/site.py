"""The pages: the console of moderators, the public side, and the files that both are made of.

It is an application of its own beside the API: what signs in here are people with cookies, what
answers are pages, and errors are told in plain words.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.types import ASGIApp

from underseal.flow.authenticate import Callers
from underseal.flow.creator_view import UnknownStatementError
from underseal.flow.file_report import Filer
from underseal.flow.system import System
from underseal.web import static
from underseal.web.console import (
    appeals,
    audit,
    bulk,
    colleagues,
    dashboard,
    decide,
    detectors,
    gate,
    guidelines,
    holds,
    incidents,
    inquiries,
    invitation,
    known,
    me,
    people,
    provider,
    queue,
    review,
    sign_in,
    watch,
)
from underseal.web.pages import page
from underseal.web.problems import (
    FORBIDDEN,
    INTERNAL,
    INVALID,
    TOO_LARGE,
    InvalidRequestError,
    Kind,
    MethodNotAllowedError,
    NoSuchPlaceError,
    kind_of,
)
from underseal.web.public import creator, creator_gate, plain, receipt, report
from underseal.web.same_origin import same_origin
from underseal.web.words import words_of

log: Final = logging.getLogger("underseal.web")

PAGES: Final = (
    static,
    sign_in,
    provider,
    invitation,
    me,
    people,
    queue,
    review,
    watch,
    inquiries,
    decide,
    bulk,
    colleagues,
    creator,
    plain,
    receipt,
    report,
    appeals,
    audit,
    dashboard,
    detectors,
    guidelines,
    holds,
    incidents,
    known,
)
"""Every module with pages; each has its `handlers`."""

TITLES: Final[Mapping[Kind, str]] = {
    FORBIDDEN: "This is not for you",
    INVALID: "This cannot be taken",
    TOO_LARGE: "That is too much at once",
}
"""What people read where the API's own title speaks of keys and bodies."""

Clock = Callable[[], datetime]
AnyRequest = Request[Any, Any, Any]


def make_site(system: System, filer: Filer, callers: Callers, clock: Clock) -> ASGIApp:
    """Return the pages."""

    def answer_problem(request: AnyRequest, error: Exception) -> Response[str]:
        return _problem(request, error, system.new_id)

    site = Litestar(
        [handler for module in PAGES for handler in module.handlers],
        dependencies={
            "person": Provide(gate.person, sync_to_thread=False),
            "now": Provide(clock, sync_to_thread=False),
            "system": Provide(lambda: system, sync_to_thread=False),
            "new_id": Provide(lambda: system.new_id, sync_to_thread=False),
            "filer": Provide(lambda: filer, sync_to_thread=False),
            "callers": Provide(lambda: callers, sync_to_thread=False),
            "words": Provide(words_of, sync_to_thread=False),
            "visit": Provide(creator_gate.visit),
            "appeal_form": Provide(creator_gate.appeal_form),
        },
        guards=[gate.make_guard(system, clock)],
        exception_handlers={
            gate.SignedOutError: gate.to_sign_in,
            creator_gate.LinkRefusedError: creator_gate.refuse,
            UnknownStatementError: creator_gate.unknown,
            Exception: answer_problem,
        },
        openapi_config=None,
        logging_config=None,
    )
    return same_origin(cast("ASGIApp", site))


def _problem(request: AnyRequest, error: Exception, new_id: Callable[[], UUID]) -> Response[str]:
    """Return the page that tells of an error; htmx gets just the message."""
    match error:
        case NotFoundException():
            error = NoSuchPlaceError("there is nothing at this address")
        case MethodNotAllowedException():
            error = MethodNotAllowedError("this cannot be done here")
        case HTTPException() if error.status_code < INTERNAL.status:
            error = InvalidRequestError(error.detail)
    kind, name = kind_of(error), ""
    if kind is INTERNAL:
        name = str(new_id())
        log.error("page_failed instance=%s error=%s", name, type(error).__name__)
    is_piece = "hx-request" in request.headers
    return page(
        "problem_piece.html" if is_piece else "problem.html",
        status=kind.status,
        title=TITLES.get(kind, kind.title),
        detail="" if kind.status >= INTERNAL.status else str(error),
        name=name,
        home="/console" if request.url.path.startswith("/console") else "/",
    )
