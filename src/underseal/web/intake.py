"""The fast path of reports: a plain ASGI app in front of everything else.

An answer to a report means that it is on disk. Answers differ in the receipt alone, whoever
reports, for the first time or again. Nothing here is logged but the names of errors.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from underseal.core.caller import Caller, require_scope
from underseal.core.caller import Scope as KeyScope
from underseal.flow.authenticate import Callers
from underseal.flow.file_report import Filer
from underseal.flow.read_receipt import read_receipt as receipt_view
from underseal.flow.system import System
from underseal.seal.ticket import Ticket
from underseal.web.answering import problem_answer
from underseal.web.auth import authenticate, authenticate_platform
from underseal.web.problems import (
    BodyTooLargeError,
    MethodNotAllowedError,
    NoSuchPlaceError,
    UnsupportedBodyError,
    problem_of,
)
from underseal.web.report_body import read_bulk, read_receipt, read_report, read_ticket_report

REPORTS: Final = "/v1/reports"
BULK: Final = "/v1/reports/bulk"
LOOK_UP: Final = "/v1/receipts/lookup"

BODY_BYTES_MAX: Final = 64 * 1024
BULK_BYTES_MAX: Final = 4 * 1024 * 1024
"""Limits of ours."""

BREATH: Final = 50
"""So many reports of a bulk request are sealed before others get their turn. A setting."""

Headers = list[tuple[bytes, bytes]]

_COMMON: Final[Headers] = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
# Whoever has a ticket has all that it takes to get the answer; nothing here goes by cookies.
_READABLE: Final[Headers] = [(b"access-control-allow-origin", b"*")]
_JSON: Final[Headers] = [(b"content-type", b"application/json")]
_PREFLIGHT: Final[Headers] = [
    *_READABLE,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"86400"),
]


class _DisconnectedError(Exception):
    """Whoever sent the request has hung up before its end."""


def front(intake: "Intake", rest: ASGIApp) -> ASGIApp:
    """Send reports and look-ups of receipts to `intake`, and everything else to `rest`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and _is_for_intake(scope["path"]):
            await intake(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


class Intake:
    """The ASGI app; `filer` is open for as long as it serves."""

    def __init__(
        self, system: System, filer: Filer, callers: Callers, clock: Callable[[], datetime]
    ) -> None:
        self._system = system
        self._filer = filer
        self._callers = callers
        self._clock = clock
        self._routes = {REPORTS: self._file, BULK: self._file_many, LOOK_UP: self._look_up}

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            status, body, headers = await self._answer(scope, receive)
        except _DisconnectedError:
            return
        except Exception as error:  # noqa: BLE001 - an outermost loop: every request is answered
            status, body, headers = self._problem(error)
        await _send(send, status, body, headers + (_READABLE if _brings_ticket(scope) else []))

    async def _answer(self, scope: HTTPScope, receive: Receive) -> tuple[int, bytes, Headers]:
        path, method = scope["path"], scope["method"]
        if method != "POST":
            if method == "OPTIONS" and path == REPORTS:
                return 204, b"", _PREFLIGHT
            raise MethodNotAllowedError("only POST is allowed here")
        route = self._routes.get(path)
        if route is None:
            raise NoSuchPlaceError("there is nothing at this address")
        status, body = await route(dict(scope["headers"]), receive)
        return status, body, _JSON

    def _problem(self, error: Exception) -> tuple[int, bytes, Headers]:
        answer = problem_answer(error, self._system.new_id)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        if isinstance(error, MethodNotAllowedError):
            headers.append((b"allow", b"POST"))
        return answer.status, answer.body, headers

    async def _file(self, headers: Mapping[bytes, bytes], receive: Receive) -> tuple[int, bytes]:
        caller = await authenticate(self._callers, _authorization(headers), self._clock())
        answer = self._take(caller, await _read_body(headers, receive, BODY_BYTES_MAX))
        del caller  # a ticket names the reporter, and from here on nothing does
        return 201, _received(await answer)

    def _take(self, caller: Caller | Ticket, raw: bytes) -> "asyncio.Future[str]":
        match caller:
            case Ticket():
                flagged = caller.by_trusted_flagger
                filing = read_ticket_report(raw, caller.subject, by_trusted_flagger=flagged)
                return self._filer.file(filing, caller.reporter_id)
            case Caller():
                require_scope(caller, KeyScope.REPORTS_WRITE)
                return self._filer.file(*read_report(raw))

    async def _file_many(
        self, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[int, bytes]:
        await self._require(headers, KeyScope.REPORTS_WRITE)
        answers = await self._take_many(await _read_body(headers, receive, BULK_BYTES_MAX))
        results = [await _result(answer) for answer in answers]
        return 200, b'{"results":[' + b",".join(results) + b"]}"

    async def _take_many(self, body: bytes) -> "list[asyncio.Future[str] | bytes]":
        """Take what can be taken; what cannot is answered already, with its problem."""
        answers: list[asyncio.Future[str] | bytes] = []
        for index, raw in enumerate(read_bulk(body)):
            if index % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            try:
                answers.append(self._filer.file(*read_report(raw)))
            except Exception as error:  # noqa: BLE001 - it concerns one report, not the others
                answers.append(_problem(error))
        return answers

    async def _look_up(self, headers: Mapping[bytes, bytes], receive: Receive) -> tuple[int, bytes]:
        await self._require(headers, KeyScope.RECEIPTS_READ)
        token = read_receipt(await _read_body(headers, receive, BODY_BYTES_MAX))
        view = await receipt_view(self._system, token, self._clock())
        answer = view.answer
        return 200, msgspec.json.encode(
            {
                "subject": {"kind": answer.subject.kind, "id": answer.subject.external_id},
                "guideline": answer.guideline,
                "reported_on": answer.reported_on,
                "state": answer.state,
                "changed_at": answer.changed_at,
                "text": answer.text,
                "inquiries": view.inquiries,
                "words": view.words,
            }
        )

    async def _require(self, headers: Mapping[bytes, bytes], scope: KeyScope) -> None:
        await authenticate_platform(self._callers, _authorization(headers), scope, self._clock())


def _is_for_intake(path: str) -> bool:
    return path in {REPORTS, LOOK_UP} or path.startswith(f"{REPORTS}/")


def _brings_ticket(scope: HTTPScope) -> bool:
    """Whether it is a page that reports, and not a server, whose answers no page may read."""
    return scope["path"] == REPORTS and any(
        name == b"authorization" and value[:7].lower() == b"ticket "
        for name, value in scope["headers"]
    )


def _authorization(headers: Mapping[bytes, bytes]) -> str | None:
    value = headers.get(b"authorization")
    return None if value is None else value.decode("latin-1")


async def _read_body(headers: Mapping[bytes, bytes], receive: Receive, bytes_max: int) -> bytes:
    """Return the whole body, and no more of it than is allowed.

    Raises:
        UnsupportedBodyError: it is not JSON.
        BodyTooLargeError: it has more than `bytes_max` bytes.
        _DisconnectedError: it did not come to its end.
    """
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise UnsupportedBodyError("send the content type application/json")
    if int(headers.get(b"content-length", b"0")) > bytes_max:
        raise BodyTooLargeError(f"a body has at most {bytes_max} bytes here")
    chunks: list[bytes] = []
    size = 0
    is_more = True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise _DisconnectedError
        chunks.append(message["body"])
        size += len(message["body"])
        if size > bytes_max:
            raise BodyTooLargeError(f"a body has at most {bytes_max} bytes here")
        is_more = message["more_body"]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _received(token: str) -> bytes:
    return b'{"receipt":"' + token.encode() + b'","state":"received"}'


async def _result(answer: "asyncio.Future[str] | bytes") -> bytes:
    """Write what became of one report of many."""
    if isinstance(answer, bytes):
        return answer
    try:
        return _received(await answer)
    except Exception as error:  # noqa: BLE001 - it concerns one report, not the others
        return _problem(error)


def _problem(error: Exception) -> bytes:
    return b'{"problem":' + problem_of(error)[1] + b"}"


async def _send(send: Send, status: int, body: bytes, headers: Headers) -> None:
    # An empty body means 204, which has no length: RFC 9110, section 8.6.
    length = [(b"content-length", str(len(body)).encode())] if body else []
    await send(
        {"type": "http.response.start", "status": status, "headers": _COMMON + headers + length}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
