"""The document of the API (OpenAPI 3.1), made from the signatures of its handlers.

What a handler reads and answers is what it is documented to; what it may refuse is what its
`Operation` lists, by the table of problems.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from types import NoneType
from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.routes import HTTPRoute

from underseal.core.caller import ScopeMissingError
from underseal.core.guideline import Guidelines
from underseal.flow.answer_once import InFlightError, KeyReusedError
from underseal.store.pool import DatabaseAwayError
from underseal.web import fast_paths
from underseal.web.api.bodies import Strict, Subject
from underseal.web.api.operation import OPERATION, Access, Operation
from underseal.web.problems import (
    MEDIA_TYPE,
    BodyTooLargeError,
    InvalidRequestError,
    NoCredentialsError,
    NoSuchPlaceError,
    Problem,
    UnsupportedBodyError,
    kind_of_class,
)

Json = dict[str, Any]

SCHEMAS: Final = "#/components/schemas/"
NO_CONTENT: Final = 204

DESCRIPTION: Final = """\
Reports filed under seal, decisions explained in the open.

Errors are problem documents (RFC 9457); 401 says how to sign in. Unknown fields and parameters are
refused. A `POST` other than a report takes an `Idempotency-Key`: sent again within a day, it gets
the same answer, byte for byte; with another body it is refused (422), and while the first is under
way, too (409).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Types:
    """What a handler reads and answers; None where there is nothing.

    `also` is what it answers with another status than its usual one, if that is something else.
    """

    query: type[msgspec.Struct] | None
    body: type[msgspec.Struct] | None
    answer: type[msgspec.Struct] | None
    also: Mapping[int, type[msgspec.Struct]]
    is_stream: bool


def document(app: Litestar, guidelines: Guidelines) -> Json:
    """Return the document of all operations of `app`, and of the fast path."""
    handlers = sorted(_handlers(app), key=path_of)
    types = {handler.handler_id: _types_of(handler) for handler in handlers}
    schemas = _schemas(types.values(), guidelines)
    paths: dict[str, Json] = {}
    for path, described in fast_paths.FAST_PATHS.items():
        paths[path] = {"post": _fast_path(described)}
    for path, group in groupby(handlers, key=path_of):
        paths[path] = {
            method.lower(): _operation(handler, types[handler.handler_id], schemas)
            for handler in group
            for method in handler.http_methods
            if method != "HEAD"
        }
    for each in types.values():
        if each.query is not None:
            schemas.pop(each.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Underseal",
            "version": version("underseal"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY_SCHEMES},
    }


def path_of(handler: HTTPRouteHandler) -> str:
    """Return where a handler is, as the document writes it: `/v1/cases/{case_id}`."""
    (path,) = handler.paths
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


_SECURITY_SCHEMES: Final[Json] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `us_…`, with the scope or the role that is listed.",
    },
    "ticket": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Ticket <ticket>`, signed by a platform for one person and subject.",
    },
}


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if OPERATION in handler.opt:
                    yield handler


def _types_of(handler: HTTPRouteHandler) -> _Types:
    parameters = handler.parsed_fn_signature.parameters
    answer = handler.parsed_fn_signature.return_type.annotation
    if get_origin(answer) is Response:
        (answer,) = get_args(answer)
    kept = [each for each in get_args(answer) or (answer,) if each is not NoneType]
    is_stream = Stream in kept
    operation: Operation = handler.opt[OPERATION]
    return _Types(
        query=parameters["asked"].annotation if "asked" in parameters else None,
        body=parameters["given"].annotation if "given" in parameters else None,
        answer=None if is_stream or not kept else kept[0],
        also=operation.also_answers,
        is_stream=is_stream,
    )


def _schemas(types: Iterable[_Types], guidelines: Guidelines) -> Json:
    wanted = {Problem, Subject, *fast_paths.BODIES}
    for each in types:
        read_and_answered = (each.query, each.body, each.answer, *each.also.values())
        wanted |= {found for found in read_and_answered if found is not None}
    ordered = sorted(wanted, key=lambda each: each.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=SCHEMAS + "{name}")
    fast_paths.constrain(schemas, guidelines)
    for strict in _descendants(Strict):
        if strict.__name__ in schemas:
            schemas[strict.__name__] |= strict.RULES
    return schemas


def _descendants(of: type[Strict]) -> Iterator[type[Strict]]:
    for child in of.__subclasses__():
        yield child
        yield from _descendants(child)


def _operation(handler: HTTPRouteHandler, types: _Types, schemas: Json) -> Json:
    operation: Operation = handler.opt[OPERATION]
    resource = handler.fn.__module__.rpartition(".")[2]
    summary, _, description = (handler.fn.__doc__ or "").partition("\n")
    documented: Json = {
        "operationId": f"{resource}.{handler.fn.__name__}",
        "tags": [resource.replace("_", " ")],
        "summary": summary.strip(),
        "security": _security(operation.access),
        "responses": _successes(handler, types) | _refusals(_raises(handler, types)),
    }
    if description.strip():
        documented["description"] = " ".join(description.split())
    parameters = [*_path_parameters(handler), *_query_parameters(types, schemas)]
    if parameters:
        documented["parameters"] = parameters
    if types.body is not None:
        documented["requestBody"] = {
            "required": not operation.is_body_optional,
            "content": _json({"$ref": SCHEMAS + types.body.__name__}),
        }
    elif operation.is_upload:
        documented["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return documented


def _fast_path(described: fast_paths.FastPath) -> Json:
    errors = (*_COMMON, *_WITH_KEY, *_WITH_BODY, *described.raises)
    return {
        "operationId": described.name,
        "tags": [described.name.partition(".")[0]],
        "summary": described.summary,
        "description": described.description,
        "security": _security(described.access),
        "requestBody": {
            "required": True,
            "content": _json({"$ref": SCHEMAS + described.body.__name__}),
        },
        "responses": {
            str(described.status): {"description": "Done.", "content": _json(described.answer)}
        }
        | _refusals(errors),
    }


_COMMON: Final = (InvalidRequestError, DatabaseAwayError, RuntimeError)
_WITH_KEY: Final = (NoCredentialsError, ScopeMissingError)
_WITH_BODY: Final = (UnsupportedBodyError, BodyTooLargeError)
_ONCE: Final = (InFlightError, KeyReusedError)
"""What any request can meet, one with a key, one with a body, and one that is to be answered once;
a `RuntimeError` is our fault."""


def _raises(handler: HTTPRouteHandler, types: _Types) -> Iterator[type[Exception]]:
    operation: Operation = handler.opt[OPERATION]
    yield from operation.raises
    yield from _COMMON
    if not operation.access.is_public:
        yield from _WITH_KEY
    if types.body is not None:
        yield from _WITH_BODY
    if "POST" in handler.http_methods:
        yield from _ONCE
    if "{" in path_of(handler):
        yield NoSuchPlaceError


def _refusals(errors: Iterable[type[Exception]]) -> Json:
    """Describe what may be refused, by status."""
    kinds = {kind_of_class(error) for error in errors}
    by_status = sorted(kinds, key=lambda kind: (kind.status, kind.slug))
    return {
        str(status): {
            "description": "\n".join(f"- `{kind.slug}`: {kind.title}." for kind in group),
            "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "Problem"}}},
        }
        for status, group in groupby(by_status, key=lambda kind: kind.status)
    }


def _successes(handler: HTTPRouteHandler, types: _Types) -> Json:
    operation: Operation = handler.opt[OPERATION]
    described = {handler.status_code: "Done.", **operation.also}
    return {
        str(status): {"description": text} | _content(status, operation, types)
        for status, text in described.items()
    }


def _content(status: int, operation: Operation, types: _Types) -> Json:
    answer = types.also.get(status, types.answer)
    if status == NO_CONTENT:
        return {}
    if answer is not None:
        return {"content": _json({"$ref": SCHEMAS + answer.__name__})}
    return {"content": {operation.media_type: {}}} if types.is_stream else {}


def _security(access: Access) -> list[Json]:
    if access.is_public:
        return []
    allowed = [*([] if access.scope is None else [access.scope]), *sorted(access.roles)]
    return [{"key": allowed}, *([{"ticket": []}] if access.with_ticket else [])]


def _path_parameters(handler: HTTPRouteHandler) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", path_of(handler)):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }


def _query_parameters(types: _Types, schemas: Json) -> Iterator[Json]:
    if types.query is None:
        return
    schema = schemas[types.query.__name__]
    for name, field in schema["properties"].items():
        given = _present(field)
        description = given.pop("description", None)
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": given,
        } | ({} if description is None else {"description": description})


def _present(schema: Json) -> Json:
    """Return what a parameter is where it stands there: a query has no null."""
    given = {name: value for name, value in schema.items() if value is not None}
    alternatives = [each for each in given.pop("anyOf", ()) if each != {"type": "null"}]
    return given | (alternatives[0] if alternatives else {})


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
