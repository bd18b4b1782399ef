"""Requests and answers without any input or output: both clients share them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, Self, TypeVar
from urllib.parse import urlencode

import msgspec

T = TypeVar("T")

TIMEOUT_S: Final = 30.0
"""How long an answer may take. A setting."""


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request; `pointer` (RFC 6901) says which."""

    detail: str
    pointer: str | None = None


class _Problem(msgspec.Struct, frozen=True):
    title: str = ""
    detail: str = ""
    type: str = "about:blank"
    errors: tuple[FieldProblem, ...] = ()


class ApiError(Exception):
    """The API refused a request (RFC 9457).

    Attributes:
        status: the HTTP status.
        type: which kind of problem, as a URI reference.
        errors: what is wrong with which field.
    """

    def __init__(self, status: int, problem: _Problem) -> None:
        super().__init__(f"{status} {problem.title}: {problem.detail}")
        self.status = status
        self.type = problem.type
        self.detail = problem.detail
        self.errors = problem.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[T]):
    """A request, and the record that its answer is read into; an empty answer is None."""

    method: str
    path: str
    answer: Any
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def once(self, key: str) -> Self:
        """Return the request under a key of yours: sent again within a day, it does nothing more.

        Reports need none: the same report is one report anyway.
        """
        return replace(self, headers={**self.headers, "idempotency-key": f'"{key}"'})


def get(path: str, answer: type[T], **query: str | int | None) -> Request[T]:
    """Return a GET request; query parameters that are None are left out."""
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return Request(method="GET", path=f"{path}?{given}" if given else path, answer=answer)


def post(path: str, answer: Any, body: Mapping[str, object]) -> Request[Any]:
    """Return a POST request with a JSON body."""
    return Request(
        method="POST",
        path=path,
        answer=answer,
        body=msgspec.json.encode(body),
        headers={"content-type": "application/json"},
    )


def delete(path: str) -> Request[None]:
    """Return a DELETE request."""
    return Request(method="DELETE", path=path, answer=None)


def read(request: Request[T], status: int, body: bytes) -> T:
    """Return the record of an answer.

    Raises:
        ApiError: the API refused.
        msgspec.DecodeError: it answered something that is no answer of Underseal's.
    """
    if status >= 400:  # noqa: PLR2004 - HTTP's own number
        raise ApiError(status, _problem(body))
    if not body:
        empty: T = msgspec.convert(None, request.answer)
        return empty
    answer: T = msgspec.json.decode(body, type=request.answer)
    return answer


def _problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        return _Problem(title="not a problem document", detail=body[:200].decode(errors="replace"))
