"""Forms: what a page sends, read strictly into a struct."""

from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec
from litestar import Request

from underseal.web.api.reading import read_body
from underseal.web.problems import InvalidRequestError, UnsupportedBodyError

FORM_BYTES_MAX = 256 * 1024
"""A limit of ours."""

Form = TypeVar("Form", bound=msgspec.Struct)


async def read_form(request: Request[Any, Any, Any], form: type[Form]) -> Form:
    """Read a form as `form` describes it; fields that may come several times are tuples there.

    Raises:
        UnsupportedBodyError, BodyTooLargeError: it is no form, or too large.
        RequestCutShortError: it did not come to its end.
        InvalidRequestError: it is not what `form` describes; with a pointer to the field.
    """
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise UnsupportedBodyError("send a form")
    announced = request.headers.get("content-length")
    return form_of(await read_body(request.receive, announced, FORM_BYTES_MAX), form)


def form_of(body: bytes, form: type[Form]) -> Form:
    """Read the body of a form, or a query.

    Of a text that was pasted with NULs, which no text of ours can hold, everything else is taken.

    Raises:
        InvalidRequestError: it is not what `form` describes.
    """
    try:
        given = parse_qs(
            body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict"
        )
    except ValueError:
        raise InvalidRequestError("the form cannot be read") from None
    many = {each.encode_name for each in msgspec.structs.fields(form) if _is_many(each.type)}
    try:
        return msgspec.convert(
            {
                name: [each.replace("\0", "") for each in values]
                if name in many
                else values[-1].replace("\0", "")
                for name, values in given.items()
            },
            form,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise InvalidRequestError(str(error)) from None


def _is_many(wanted: Any) -> bool:
    return getattr(wanted, "__origin__", None) is tuple
