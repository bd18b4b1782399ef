"""How a request is read: once, strictly, and no more of it than is allowed."""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.handlers import BaseRouteHandler
from litestar.types import Receive

from underseal.web.api.operation import OPERATION, Operation
from underseal.web.problems import (
    BodyTooLargeError,
    InvalidRequestError,
    RequestCutShortError,
    UnsupportedBodyError,
)
from underseal.web.report_body import read

QUERY_BYTES_MAX: Final = 8_000
"""Longest query. A limit of ours."""


def type_of(handler: BaseRouteHandler, name: str) -> type[msgspec.Struct]:
    """Return as what a handler reads its query (`asked`) or its body (`given`)."""
    found: type[msgspec.Struct] = handler.parsed_fn_signature.parameters[name].annotation
    return found


async def read_query(request: Request[Any, Any, Any]) -> msgspec.Struct:
    """Return the query as what the handler asks for.

    Raises:
        InvalidRequestError: it is something else.
    """
    return query_as(type_of(request.route_handler, "asked"), request.scope["query_string"])


def query_as(wanted: type[msgspec.Struct], query: bytes) -> msgspec.Struct:
    """Read a query; each parameter stands there once at most, and all of them are known.

    Raises:
        InvalidRequestError: it does not say what is wanted.
    """
    if len(query) > QUERY_BYTES_MAX:
        raise InvalidRequestError(f"a query has at most {QUERY_BYTES_MAX} bytes")
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
        parameters = dict(pairs)
        if len(parameters) < len(pairs):
            raise InvalidRequestError("a parameter stands in the query twice")
        return msgspec.convert(parameters, wanted, strict=False)
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise InvalidRequestError("the query is not valid UTF-8") from None
    except msgspec.ValidationError as error:
        raise InvalidRequestError(f"in the query: {error}") from None


async def read_json(request: Request[Any, Any, Any]) -> msgspec.Struct:
    """Return the body as what the handler asks for.

    Raises:
        UnsupportedBodyError: it is not JSON.
        BodyTooLargeError: it is larger than the operation allows.
        InvalidRequestError: it is something else.
    """
    operation: Operation = request.route_handler.opt[OPERATION]
    raw = await read_body(
        request.receive, request.headers.get("content-length"), operation.body_bytes_max
    )
    if not raw and operation.is_body_optional:
        raw = b"{}"
    elif request.content_type[0] != "application/json":
        raise UnsupportedBodyError("send the content type application/json")
    return read(_decoder(type_of(request.route_handler, "given")), raw)


@cache
def _decoder(wanted: type[msgspec.Struct]) -> "msgspec.json.Decoder[msgspec.Struct]":
    return msgspec.json.Decoder(wanted)


async def read_body(receive: Receive, announced: str | None, bytes_max: int) -> bytes:
    """Return the whole body.

    Raises:
        BodyTooLargeError: it has more than `bytes_max` bytes.
        RequestCutShortError: it did not come to its end.
    """
    check_length(announced, bytes_max)
    chunks = []
    size_bytes = 0
    async for chunk in body_chunks(receive):
        size_bytes += len(chunk)
        if size_bytes > bytes_max:
            raise BodyTooLargeError(f"a body has at most {bytes_max} bytes here")
        chunks.append(chunk)
    return b"".join(chunks)


def check_length(announced: str | None, bytes_max: int) -> None:
    """Refuse a body that says itself that it is too large, before any of it is read.

    Raises:
        BodyTooLargeError: it is.
    """
    if announced is not None and announced.isdecimal() and int(announced[:20]) > bytes_max:
        raise BodyTooLargeError(f"a body has at most {bytes_max} bytes here")


async def body_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """Give the body as it comes.

    Raises:
        RequestCutShortError: whoever sends it has hung up.
    """
    is_more = True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise RequestCutShortError("the request did not come to its end")
        if message["body"]:
            yield message["body"]
        is_more = message["more_body"]
