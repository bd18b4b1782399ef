"""The files that pages are made of: built from `frontend/`, part of the package."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type
from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from underseal.web.problems import NoSuchPlaceError

PLACE: Final = "/static"
FOREVER: Final = "public, max-age=31536000, immutable"
"""An address names the content of its file, so neither ever changes."""

_BUILT: Final = files("underseal.web") / "static"


def address(name: str) -> str:
    """Return the address of a file, which tells its content, too.

    Raises:
        NoSuchPlaceError: there is no such file.
    """
    return f"{PLACE}/{name}?v={sha256(_content(name)).hexdigest()[:16]}"


@cache
def _content(name: str) -> bytes:
    found = _BUILT / name
    if "/" in name or not found.is_file():
        raise NoSuchPlaceError("there is nothing at this address")
    return found.read_bytes()


@get(f"{PLACE}/{{name:str}}")
async def file(name: FromPath[str]) -> Response[bytes]:
    """Return a file; pages of other origins may use it, for a site embeds the report dialog."""
    return Response(
        _content(name),
        media_type=guess_type(name)[0] or "application/octet-stream",
        headers={
            "cache-control": FOREVER,
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        },
    )


handlers = (file,)
