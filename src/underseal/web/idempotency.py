"""`Idempotency-Key`: a POST that is sent twice is answered once.

Source:
    draft-ietf-httpapi-idempotency-key-header: the same key with another request is 422, one whose
    first request is under way 409. Its fingerprint here is path, query and body. A failure of ours
    leaves the key free, so that the request can be tried again.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPRequestEvent, HTTPScope, Message, Receive, Scope, Send

from underseal.core.caller import Caller, KeyId
from underseal.flow.answer_once import GivenAnswer, Once, begin, keep, once, release
from underseal.flow.authenticate import Callers
from underseal.flow.system import System
from underseal.web.answering import header_of, problem_answer, send_answer
from underseal.web.api.operation import BULK_BYTES_MAX
from underseal.web.api.reading import read_body
from underseal.web.auth import authenticate
from underseal.web.problems import MEDIA_TYPE, UNAUTHENTICATED, InvalidRequestError, kind_of

HEADER: Final = b"idempotency-key"

ERRORS: Final = 400
FAULTS: Final = 500
"""Statuses from which on an answer is an error, and one of ours."""

_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"')
_BARE: Final = re.compile(r"[!#-+\--:<-~]{1,255}")


@dataclass(slots=True)
class _Answer:
    """An answer that is kept back until it is whole."""

    messages: list[Message] = field(default_factory=list)

    async def add(self, message: Message) -> None:
        self.messages.append(message)

    async def send(self, send: Send) -> None:
        for message in self.messages:
            await send(message)

    @property
    def given(self) -> GivenAnswer:
        start, *rest = self.messages
        assert start["type"] == "http.response.start", "an answer starts with its status"
        body = b"".join(each["body"] for each in rest if each["type"] == "http.response.body")
        return GivenAnswer(status=start["status"], body=body)


class Idempotent:
    """An ASGI app in front of the API: it gives again what was answered before."""

    def __init__(
        self, app: ASGIApp, system: System, callers: Callers, clock: Callable[[], datetime]
    ) -> None:
        self._app = app
        self._system = system
        self._callers = callers
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        chosen = header_of(scope, HEADER)
        if chosen is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send, chosen)
        except Exception as error:  # noqa: BLE001 - an outermost loop: every request is answered
            answer = problem_answer(error, self._system.new_id)
            await send_answer(send, answer.status, answer.body, answer.headers)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send, chosen: str) -> None:
        key_id = await self._key_id(scope)
        if key_id is None:
            await self._app(scope, receive, send)
            return
        name = read_key(chosen)
        body = await read_body(receive, header_of(scope, b"content-length"), BULK_BYTES_MAX)
        place = f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode()
        this = once(self._system, key_id, name, place + body)
        given = await begin(self._system, this, self._clock())
        if given is not None:
            media_type = "application/json" if given.status < ERRORS else MEDIA_TYPE
            await send_answer(send, given.status, given.body, {"content-type": media_type})
            return
        answer = await self._first(scope, body, this)
        await answer.send(send)

    async def _first(self, scope: HTTPScope, body: bytes, this: Once) -> _Answer:
        """Let the API answer, and keep what it says before anybody hears it."""
        answer = _Answer()
        try:
            await self._app(scope, _receiver(body), answer.add)
        except BaseException:
            await release(self._system, this)
            raise
        given = answer.given
        if given.status < FAULTS:
            await keep(self._system, this, given)
        else:
            await release(self._system, this)
        return answer

    async def _key_id(self, scope: HTTPScope) -> KeyId | None:
        """Return whose key the request came with; None for one whom the API will refuse."""
        authorization = header_of(scope, b"authorization")
        try:
            caller = await authenticate(self._callers, authorization, self._clock())
        except Exception as error:
            if kind_of(error) is UNAUTHENTICATED:
                return None
            raise
        return caller.key_id if isinstance(caller, Caller) else None


def read_key(header: str) -> str:
    """Return the key that a header holds: a quoted string (RFC 8941), or one without quotes.

    Raises:
        InvalidRequestError: it is neither, or too long.
    """
    quoted = _QUOTED.fullmatch(header.strip())
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if not _BARE.fullmatch(header.strip()):
        raise InvalidRequestError("an Idempotency-Key is a quoted string of up to 255 characters")
    return header.strip()


def _receiver(body: bytes) -> Receive:
    """Give a body that has been read once more, and then nothing, as if nobody hung up."""
    messages: list[HTTPRequestEvent] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> HTTPRequestEvent:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    return receive
