"""The web application: the API and the pages by Litestar, and the fast path of reports before them.

`make_app` opens nothing and closes nothing: whoever runs the app has opened the `System`, the
`Filer` and the `Callers` before, and closes them after the last request has been answered. A server
needs no lifespan events for it (uvicorn: `lifespan="off"`), and keeps no access log
(`access_log=False`): who reports leaves no line.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
)
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from underseal.core.caller import Caller, RoleMissingError, ScopeMissingError
from underseal.core.person import Person
from underseal.flow.authenticate import Callers, read_person
from underseal.flow.file_report import Filer
from underseal.flow.system import System
from underseal.seal.ticket import Ticket
from underseal.web import docs
from underseal.web.answering import problem_answer, secured
from underseal.web.api import (
    case_media,
    charges,
    confirmations,
    creators,
    guidelines,
    health,
    incidents,
    known_content,
    media,
    moderation,
    receipts,
    reporters,
    subjects,
    views,
    visibility,
    webhooks,
)
from underseal.web.api.operation import OPERATION, Access, Injected, Operation
from underseal.web.api.reading import read_json, read_query
from underseal.web.auth import authenticate
from underseal.web.cursors import Cursors
from underseal.web.idempotency import Idempotent
from underseal.web.intake import Intake, front
from underseal.web.openapi import document
from underseal.web.options import options_of, readable_with_ticket
from underseal.web.problems import (
    INTERNAL,
    InvalidRequestError,
    MethodNotAllowedError,
    NoSuchPlaceError,
)
from underseal.web.site import make_site

API_PLACES: Final = ("/v1", "/docs", "/schema/", "/healthz")
"""Where the API answers; everything else is pages."""

RESOURCES: Final = (
    case_media,
    charges,
    confirmations,
    creators,
    docs,
    guidelines,
    health,
    incidents,
    known_content,
    media,
    moderation,
    receipts,
    reporters,
    subjects,
    views,
    visibility,
    webhooks,
)

Clock = Callable[[], datetime]
AnyRequest = Request[Any, Any, Any]


def make_app(system: System, filer: Filer, callers: Callers, clock: Clock) -> ASGIApp:
    """Return the whole web application; `clock` tells the time, aware and in UTC."""
    api = make_api(system, callers, clock)
    rest = Idempotent(cast("ASGIApp", api), system, callers, clock)
    behind = beside(readable_with_ticket(rest), make_site(system, filer, callers, clock))
    return front(Intake(system, filer, callers, clock), secured(behind))


def beside(api: ASGIApp, site: ASGIApp) -> ASGIApp:
    """Send what asks for the API to `api`, and everything else to the pages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_for_api = scope["type"] != ScopeType.HTTP or scope["path"].startswith(API_PLACES)
        await (api if is_for_api else site)(scope, receive, send)

    return app


def make_api(system: System, callers: Callers, clock: Clock) -> Litestar:
    """Return the API without its fast path."""
    cursors = Cursors(system.keys.cursors)

    def answer_problem(_: AnyRequest, error: Exception) -> Response[bytes]:
        return _problem(error, system.new_id)

    async def person(caller: Injected[Caller]) -> Person:
        return await read_person(system, caller)

    handlers = [handler for resource in RESOURCES for handler in resource.handlers]
    api = Litestar(
        [*options_of(handlers), *handlers],
        dependencies={
            "asked": Provide(read_query),
            "given": Provide(read_json),
            "caller": Provide(_caller, sync_to_thread=False),
            "person": Provide(person),
            "now": Provide(clock, sync_to_thread=False),
            "system": Provide(lambda: system, sync_to_thread=False),
            "db": Provide(lambda: system.db, sync_to_thread=False),
            "cursors": Provide(lambda: cursors, sync_to_thread=False),
            "new_id": Provide(lambda: system.new_id, sync_to_thread=False),
        },
        guards=[_guard(callers, clock)],
        exception_handlers={Exception: answer_problem},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    api.state.document = msgspec.json.encode(document(api, system.guidelines))
    return api


def _guard(
    callers: Callers, clock: Clock
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    """Let in whom the operation is for, and nobody else."""

    async def guard(
        connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        operation: Operation | None = handler.opt.get(OPERATION)
        if operation is None or operation.access.is_public:
            return
        caller = await authenticate(callers, connection.headers.get("authorization"), clock())
        check_access(operation.access, caller)
        connection.state.caller = caller

    return guard


def check_access(access: Access, caller: Caller | Ticket) -> None:
    """Refuse a caller whom an operation is not for.

    Raises:
        ScopeMissingError, RoleMissingError: it is for others.
    """
    match caller:
        case Ticket():
            is_allowed = access.with_ticket
        case Caller():
            is_allowed = access.scope in caller.scopes or caller.role in access.roles
    if is_allowed:
        return
    if access.scope is None:
        raise RoleMissingError(access.roles)
    raise ScopeMissingError(access.scope)


def _caller(request: AnyRequest) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _problem(error: Exception, new_id: Callable[[], UUID]) -> Response[bytes]:
    """Return the answer to an error, be it ours or of the framework."""
    headers = {}
    match error:
        case NotFoundException():
            error = NoSuchPlaceError("there is nothing at this address")
        case MethodNotAllowedException():
            headers = dict(error.headers or {})
            error = MethodNotAllowedError(f"allowed here: {headers['allow']}")
        case HTTPException() if error.status_code < INTERNAL.status:
            error = InvalidRequestError(error.detail)
    answer = problem_answer(error, new_id)
    return Response(answer.body, status_code=answer.status, headers=headers | dict(answer.headers))
