"""The files that pages are made of: built from `frontend/`, part of the package."""

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from underseal.web.problems import NoSuchPlaceError

PLACE: Final = "/static"
FOREVER: Final = "public, max-age=31536000, immutable"
"""For an address that names the content of its file: neither ever changes."""
A_WHILE: Final = "public, max-age=300"
"""For one that names the file alone, as a site does that embeds the report dialog."""

_BUILT: Final = files("underseal.web") / "static"


def address(name: str) -> str:
    """Return the address of a file, which tells its content, too.

    Raises:
        NoSuchPlaceError: there is no such file.
    """
    return f"{PLACE}/{name}?v={_version(name)}"


@cache
def _content(name: str) -> bytes:
    found = _BUILT / name
    if "/" in name or not found.is_file():
        raise NoSuchPlaceError("there is nothing at this address")
    return found.read_bytes()


@cache
def _version(name: str) -> str:
    return sha256(_content(name)).hexdigest()[:16]


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), mtime=0)


@get(f"{PLACE}/{{name:str}}")
async def file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return a file; pages of other origins may use it, for a site embeds the report dialog."""
    is_exact = request.query_params.get("v") == _version(name)
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    return Response(
        _packed(name) if is_packed else _content(name),
        media_type=guess_type(name)[0] or "application/octet-stream",
        headers={
            "cache-control": FOREVER if is_exact else A_WHILE,
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "vary": "accept-encoding",
            **({"content-encoding": "gzip"} if is_packed else {}),
        },
    )


handlers = (file,)
